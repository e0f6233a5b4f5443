import { styleText } from 'node:util';
import { amount } from '../../core/text/amount.ts';
import { safe } from '../../core/text/safe.ts';
import type { Finding, Report, Severity } from '../../doctor/doctor.ts';

const COLUMNS = 80;
const INDENT = 11;

/** The report for people, at most 80 columns where words allow it. */
export function reportText(
  { looked, findings, version, share }: Report,
  broker: string,
  colour: boolean,
): string {
  const paint = (style: 'red' | 'yellow' | 'gray' | 'green' | 'bold', text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const styles = { error: 'red', warning: 'yellow', note: 'gray' } as const;
  const lines = looked.map(
    (what, i) => `${i === 0 ? 'looked at'.padEnd(INDENT) : ' '.repeat(INDENT)}${safe(what)}`,
  );
  if (version !== undefined) lines.push(`${'version'.padEnd(INDENT)}${broker} ${safe(version)}`);
  if (share !== undefined)
    lines.push(
      `${'mirror'.padEnd(INDENT)}${share.seen} of ${amount(share.published, 'publish', 'publishes')} seen in ${Math.round(share.seconds)} s`,
    );
  for (const finding of findings) {
    lines.push('');
    const label = finding.severity.toUpperCase().padEnd(INDENT);
    const [first = '', ...rest] = wrapped(finding.title);
    lines.push(
      paint(styles[finding.severity], label) + paint('bold', first),
      ...rest.map((line) => paint('bold', indent(line))),
    );
    const lost = finding.severity === 'note' ? finding.lost : `Lost: ${finding.lost}`;
    lines.push(...wrapped(lost).map((line) => indent(line)));
    lines.push(...changeLines(finding, paint));
  }
  lines.push('', verdict(findings, paint));
  return `${lines.join('\n')}\n`;
}

function changeLines(
  { changes }: Finding,
  paint: (style: 'red' | 'green' | 'gray', text: string) => string,
): string[] {
  return changes.flatMap(({ file, remove, add, after }) => {
    const place = after === undefined ? '' : after === 0 ? ', at the top' : `, behind line ${after}`;
    return [
      indent(paint('gray', `in ${safe(file)}${place}:`)),
      ...remove.map(({ line, text }) => indent(paint('red', `  - ${safe(text)}   (line ${line})`))),
      ...add.map((text) => indent(paint('green', `  + ${safe(text)}`))),
    ];
  });
}

function verdict(
  findings: readonly Finding[],
  paint: (style: 'green' | 'bold', text: string) => string,
): string {
  const count = (severity: Severity): number => findings.filter((one) => one.severity === severity).length;
  const [errors, warnings, notes] = [count('error'), count('warning'), count('note')];
  const told = notes === 0 ? '' : `, ${notes} ${notes === 1 ? 'note' : 'notes'}`;
  if (errors + warnings === 0)
    return paint('green', `Nothing that was looked at keeps the probe from seeing everything${told}.`);
  return paint(
    'bold',
    `${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}${told}.`,
  );
}

function indent(text: string): string {
  return ' '.repeat(INDENT) + text;
}

/** The text in lines; words that are longer than a line stay whole. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of safe(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > COLUMNS - INDENT) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
