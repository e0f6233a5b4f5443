import { hostname } from 'node:os';
import { envelope } from '../../app/envelope.ts';
import { brokers } from '../../brokers/index.ts';
import { CONTAINERS } from '../../config/containers.ts';
import { isTimezone } from '../../config/timezone.ts';
import { UsageError } from '../../core/errors.ts';
import { hint } from '../../core/text/suggest.ts';
import type { TextFraming } from '../../framing/detect.ts';
import { MirrorReader } from '../../pipeline/normalizer/mirror.ts';
import type { Reading } from '../../pipeline/normalizer/reading.ts';
import { readCapturedMessage } from './captured-message.ts';

const LIMIT_BYTES = 1024 * 1024;

/** What the command line says of the files: whose log they are, and how it is packed. */
export interface ReadingOptions {
  readonly broker: string;
  readonly messages?: boolean;
  readonly container: string;
  readonly program?: string;
  readonly timezone?: string | undefined;
}

/** A framing that is not told by the first line; undefined: it is. @throws UsageError */
export function framingOf({
  container,
  messages,
}: Pick<ReadingOptions, 'container' | 'messages'>): TextFraming | undefined {
  check('container', container, CONTAINERS);
  if (container === 'auto') return messages === true ? 'lines' : undefined;
  return container === 'none' ? 'lines' : (container as TextFraming);
}

/** How the records of a file are read. @throws UsageError */
export async function readingFor({
  broker,
  messages,
  timezone,
  program,
}: Omit<ReadingOptions, 'container'>): Promise<Reading> {
  check('broker', broker, Object.keys(brokers));
  if (timezone !== undefined && !isTimezone(timezone))
    throw new UsageError(`--timezone ${timezone}: not a time zone; write a name such as Europe/Berlin`);
  const { dialect } = await brokers[broker as keyof typeof brokers].load();
  const zeros = '00000000-0000-0000-0000-000000000000';
  const about = { host: hostname(), serviceType: dialect.name, serviceName: dialect.name, labels: {} };
  const payload = { capture: 'none' as const, limit: 0, redact: [] };
  return {
    dialect,
    stream: { ownClients: new Set(), topicRoot: 2, ...(timezone !== undefined && { timezone }) },
    leftOut: new Set(),
    original: false,
    envelope: envelope({ id: zeros, ephemeralId: zeros }, about),
    namespace: 'default',
    limit: LIMIT_BYTES,
    ignoreLogTopics: false,
    ...(program !== undefined && { program }),
    mirror: (emit) => new MirrorReader({ payload, topicRoot: 2, levels: [], labels: {} }, emit),
    ...(messages === true && { asMessage: readCapturedMessage }),
  };
}

function check(option: string, word: string, known: readonly string[]): void {
  if (known.includes(word)) return;
  throw new UsageError(`unknown ${option} "${word}"; ${hint(word, known)}`);
}
