import { OtherAction } from '../lines/other-action.ts';
import { type EmitReading, emitPlaceholders, type Format, parseFormats } from '../matching/format.ts';

/** Keeps the first error for the line that tells whose connection failed. */
const failed: EmitReading = (reading, line, sure) => {
  const { format, texts } = reading;
  const isSetup = line.context.type === 'tls-setup';
  line.next = line.context;
  if (!isSetup && line.context.type !== 'tls') line.next = { type: 'tls', error: texts.at(-1) ?? '' };
  emitPlaceholders(
    isSetup ? { texts, format: { ...format, kind: SETUP.of(format.kind) } } : reading,
    line,
    sure,
  );
};

/** The set-up of TLS has failed: no connection has. */
const SETUP = new OtherAction('broker-log');

/** OpenSSL's queue of errors, oldest first. The line that tells what they led to follows at once. */
export const OPENSSL_FORMATS: readonly Format[] = parseFormats(
  `
error 1.5-1.6.8 openssl_error_alone OpenSSL Error: {error}
error 1.6.9-2.0.22 openssl_error OpenSSL Error[{number}]: {error}
error 2.1.0- openssl_error_of OpenSSL Error {text}[{number}]: {error}
`,
  { action: 'tls-handshake-failed', emit: failed },
);
