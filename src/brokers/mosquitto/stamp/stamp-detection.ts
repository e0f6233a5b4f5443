/** A piece of a stamp: fixed text, or the strftime directives that it can be, the most usual first. */
type Piece = { readonly raw: string } | { readonly forms: readonly string[] };

/** A stamp has at most so many characters. */
const MAX_STAMP = 120;
/** What syslog(3) puts before a message on a console or on stderr; the broker's own stamp may follow. */
const PRINTED_TAG = /^mosquitto\[\d{1,10}\]: /;
const MONTH = /january|february|march|april|june|july|august|september|october|november|december/i;
const MON = /\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\b/i;
const DAY = /monday|tuesday|wednesday|thursday|friday|saturday|sunday/i;
const DY = /\b(?:mon|tue|wed|thu|fri|sat|sun)\b/i;
/** Behind a time. */
const ZONE = /^ ?[+-]\d\d:?\d\d(?!\d)/;
const zone = ([found]: RegExpExecArray): readonly string[] => [found.startsWith(' ') ? ' %z' : '%z'];
/** What the broker writes where strftime gives nothing. */
export const TIME_ERROR = 'Time error';

/** A form, and where the message behind its stamp begins. */
interface Detected {
  /** The forms that the stamp can have, the most usual first. */
  readonly forms: readonly string[];
  readonly end: number;
  /** They begin with the tag of syslog(3), which comes with a log or a start, and not in between. */
  readonly isTagged?: true;
}

/**
 * Finds the strftime form of a line's stamp. A form may itself hold `": "`, so the text before each `": "` is tried. The
 * shortest one with a known message behind it wins; without such, the shortest that consists of numbers and signs only.
 * @param isMessage tells whether a text begins like a message of the broker
 */
export function detectForms(text: string, isMessage: (text: string) => boolean): Detected | undefined {
  // What begins as a message has no stamp, whatever stands in it.
  if (isMessage(text)) return undefined;
  const tag = PRINTED_TAG.exec(text)?.[0];
  if (tag === undefined) return detectStamp(text, isMessage);
  const behind = text.slice(tag.length);
  if (isMessage(behind)) return { forms: [tag.slice(0, -2)], end: tag.length, isTagged: true };
  const stamp = detectStamp(behind, isMessage);
  return (
    stamp && { forms: stamp.forms.map((form) => tag + form), end: tag.length + stamp.end, isTagged: true }
  );
}

function detectStamp(text: string, isMessage: (text: string) => boolean): Detected | undefined {
  let plain: Detected | undefined;
  for (let at = text.indexOf(': '); at !== -1 && at < MAX_STAMP; at = text.indexOf(': ', at + 1)) {
    const stamp = text.slice(0, at);
    const forms = formsOf(stamp);
    if (forms === undefined) continue;
    const detected = { forms, end: at + 2 };
    if (isMessage(text.slice(at + 2))) return detected;
    if (plain === undefined && forms.every((form) => isPlain(form))) plain = detected;
  }
  return plain;
}

/** The strftime forms that a stamp can have; undefined: it is none. */
function formsOf(stamp: string): readonly string[] | undefined {
  if (stamp === TIME_ERROR) return [TIME_ERROR];
  let pieces: readonly Piece[] = [{ raw: stamp }];
  const take = (pattern: RegExp, forms: (found: RegExpExecArray) => readonly string[]): void => {
    pieces = pieces.flatMap((piece) => ('raw' in piece ? cut(piece.raw, pattern, forms) : [piece]));
  };
  const isHalved = /\b[AP]M\b/i.test(stamp);
  const hour = isHalved ? '%I' : '%H';
  take(/\d{4}-\d\d-\d\d/, () => ['%Y-%m-%d']);
  take(/\d{4}\/\d\d\/\d\d/, () => ['%Y/%m/%d']);
  take(/\d{4}\.\d\d\.\d\d/, () => ['%Y.%m.%d']);
  take(/(\d\d)([-./])(\d\d)\2\d{4}(?!\d)/, ([, a, sign = '', b]) => dayMonth(a, b, sign, '%Y', isHalved));
  take(/(?<!\d)(\d\d):(\d\d):(\d\d)(?!\d)/, () => [`${hour}:%M:%S`]);
  take(/ \d:\d\d:\d\d(?!\d)/, () => [`${isHalved ? '%l' : '%k'}:%M:%S`]);
  take(/(?<!\d)\d:\d\d:\d\d(?!\d)/, () => [`${isHalved ? '%l' : '%k'}:%M:%S`]);
  take(ZONE, zone);
  take(/(?<!\d)\d\d:\d\d(?!\d)/, () => [`${hour}:%M`]);
  take(ZONE, zone);
  take(/(?<!\d)(\d\d)([-./])(\d\d)\2\d\d(?!\d)/, ([, a, sign = '', b]) => shortDate(a, b, sign, isHalved));
  take(/(?<!\d)\d{14}(?!\d)/, () => ['%Y%m%d%H%M%S']);
  take(/(?<!\d)\d{8}(?!\d)/, () => ['%Y%m%d']);
  take(/(?<!\d)\d{9,11}(?!\d)/, () => ['%s']);
  take(/(?<!\d)\d{12}(?!\d)/, () => ['%y%m%d%H%M%S']);
  take(/(?<!\d)\d{6}(?!\d)/, () => [has(pieces, '%d') ? '%H%M%S' : '%y%m%d']);
  take(/\b[AP]M\b/, () => ['%p']);
  take(/\b[ap]m\b/, () => ['%P']);
  take(DAY, () => ['%A']);
  take(DY, () => ['%a']);
  take(MONTH, () => ['%B']);
  take(MON, () => ['%b']);
  if (has(pieces, '%b') || has(pieces, '%B')) {
    take(/(?<!\d)\d{4}(?!\d)/, () => ['%Y']);
    take(/ \d(?!\d)/, () => ['%e']);
    take(/(?<!\d)\d\d(?!\d)/, () => [has(pieces, '%d') || has(pieces, '%e') ? '%y' : '%d']);
    take(/(?<!\d)\d(?!\d)/, () => ['%e']);
  }
  if (!has(pieces, '%d') && !has(pieces, '%e') && !has(pieces, '%s')) {
    take(/(?<!\d)\d{4}([-./ ]?)\d{3}(?!\d)/, ([, sign = '']) => [`%Y${sign}%j`]);
    take(/(?<!\d)\d{4}-W\d\d-\d(?!\d)/, () => ['%G-W%V-%u']);
  }
  if (has(pieces, '%M')) take(/(?:(?<= )[A-Z]{2,5}\b|Z$|\bZ\b)/, () => ['%Z']);
  if (!pieces.some((piece) => 'forms' in piece)) return undefined;
  // Digits that no directive has taken stand for themselves only beside a whole time.
  const isWhole = has(pieces, '%s') || (has(pieces, '%M') && (has(pieces, '%d') || has(pieces, '%j')));
  if (!isWhole && pieces.some((piece) => 'raw' in piece && /\d/.test(piece.raw))) return undefined;
  return pieces.reduce<string[]>(
    (all, piece) =>
      'raw' in piece
        ? all.map((form) => form + piece.raw.replaceAll('%', '%%'))
        : piece.forms.flatMap((form) => all.map((before) => before + form)),
    [''],
  );
}

function cut(raw: string, pattern: RegExp, forms: (found: RegExpExecArray) => readonly string[]): Piece[] {
  const found = pattern.exec(raw);
  if (found === null) return [{ raw }];
  const { index } = found;
  const pieces: Piece[] = [
    { raw: raw.slice(0, index) },
    { forms: forms(found) },
    { raw: raw.slice(index + found[0].length) },
  ];
  return pieces.filter((piece) => 'forms' in piece || piece.raw !== '');
}

function has(pieces: readonly Piece[], directive: string): boolean {
  return pieces.some((piece) => 'forms' in piece && piece.forms[0]?.includes(directive));
}

/**
 * Which of two numbers is the day. A number above 12 tells; without one the day comes first, but with slashes and AM or PM
 * the month.
 */
function dayMonth(
  a: string | undefined,
  b: string | undefined,
  sign: string,
  year: string,
  isHalved: boolean,
): readonly string[] {
  const dayFirst = `%d${sign}%m${sign}${year}`;
  const monthFirst = `%m${sign}%d${sign}${year}`;
  if (Number(a) > 12) return [dayFirst];
  if (Number(b) > 12) return [monthFirst];
  if (sign === '.') return [dayFirst];
  return isHalved && sign === '/' ? [monthFirst, dayFirst] : [dayFirst, monthFirst];
}

function shortDate(
  a: string | undefined,
  b: string | undefined,
  sign: string,
  isHalved: boolean,
): readonly string[] {
  const yearFirst = `%y${sign}%m${sign}%d`;
  const yearLast = dayMonth(a, b, sign, '%y', isHalved);
  if (Number(a) > 31 || sign === '-') return Number(b) > 12 ? yearLast : [yearFirst, ...yearLast];
  return [...yearLast, yearFirst];
}

/** It has only directives, signs, and the `T` between date and time. */
function isPlain(form: string): boolean {
  const rest = form.replace(/%./g, '').replace('T', '');
  return !/[A-Za-z0-9]/.test(rest) && /%[sHIkl]/.test(form);
}
