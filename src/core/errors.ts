/**
 * What the caller should do decides the class: ConfigError: tell the user, exit 2; RetryableError: try again;
 * BlockedError: try again, but somebody has to act first. Anything else that is thrown is a bug.
 */

/** Where a configuration mistake stands; `key` is the path of keys joined by dots. Lines and columns count from 1. */
export interface ConfigIssue {
  /** Empty: it is the environment, and `key` the name of a variable. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly key: string;
  /** What is wrong, and what to write instead. */
  readonly message: string;
}

/** `brokertap.yaml:5:13 inputs.log.fromat: unknown key; did you mean "format"?` */
function formatIssue(issue: ConfigIssue): string {
  const place = issue.line > 0 ? `${issue.file}:${issue.line}:${issue.column}` : issue.file;
  const at = [place, issue.key].filter((part) => part !== '').join(' ');
  return issue.key === '' ? `${at} ${issue.message}` : `${at}: ${issue.message}`;
}

/** The configuration cannot be used. Thrown only before anything was started. */
export class ConfigError extends Error {
  readonly code = 'E_CONFIG';
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[]) {
    super(issues.map(formatIssue).join('\n'));
    this.name = 'ConfigError';
    this.issues = issues;
  }
}

/** The command line cannot be used (exit code 2). */
export class UsageError extends Error {
  readonly code = 'E_USAGE';

  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** It did not work now and may work later without anybody's help. */
export class RetryableError extends Error {
  readonly code: string = 'E_RETRY';
  /** Wait at least this long, in milliseconds; 0: do not wait, the next attempt does so itself. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, { cause: options.cause });
    this.name = 'RetryableError';
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** It will not work until somebody acts (wrong password, missing right); the message says what to do. */
export class BlockedError extends RetryableError {
  override readonly code = 'E_BLOCKED';

  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, options);
    this.name = 'BlockedError';
  }
}

/** The state directory cannot be used; the message says what to do. */
export class StateError extends Error {
  readonly code = 'E_STATE';

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'StateError';
  }
}

/** A record is none that its dialect knows; the event about it is `line-unparsed`. */
export class UnparsedRecord extends Error {
  readonly code = 'E_UNPARSED';
  /** The record as it may be told: without secrets and payloads. */
  readonly text: string;

  constructor(message: string, text: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'UnparsedRecord';
    this.text = text;
  }
}

/** The words of an error for a log line: its message, or what was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Why a file that somebody has named cannot be read, in one sentence. @param fix what to do about one that is there */
export function unreadable(file: string, error: unknown, fix?: string): string {
  if (hasCode(error, 'ENOENT')) return `${file}: no such file`;
  // The system's words end with the call and the path.
  const reason = reasonOf(error).replace(/, \w+ '.*'$/s, '');
  return `${file} cannot be read${fix === undefined ? `: ${reason}` : ` (${reason}): ${fix}`}`;
}

/** What to do about a file of the configuration. */
export const CHECK_FILE = 'check the path and the rights';

/** True when the operating system has refused something. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/** True for a file-system or network error with this code (`ENOENT`, `ECONNREFUSED`, …). */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
