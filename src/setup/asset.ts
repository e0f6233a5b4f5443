import { RetryableError } from '../core/errors.ts';

/** A request to a server. */
export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With its query, each part encoded. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as the field `file` of a form (multipart/form-data), in place of a body. */
  readonly file?: { readonly name: string; readonly text: string };
}

/** What a server has answered, whatever its status; the body is read as JSON, undefined when it is none. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** A server has answered that it does not take, or does not let go, one thing; of others it may say something else. */
export class Refused extends RetryableError {}

/** A server that things are installed on. */
export interface Server {
  /** Its address for messages, without secrets. */
  readonly place: string;
  /**
   * Sends a request, and again while the server is busy or does not answer.
   * @throws RetryableError when that lasts; BlockedError when the server refuses our credentials (401, 403)
   */
  send(request: Request, signal: AbortSignal): Promise<Reply>;
  close(): Promise<void>;
}

/** How a thing on a server stands to the one that we would install. */
export type State = 'absent' | 'same' | 'different';

/** One thing that can be installed on a server, compared with what is there, and removed. */
export interface Asset {
  /** What it is, in the plural, as `--only` takes it: `index-templates`, `dashboards`. */
  readonly kind: string;
  /** Unique within its kind. */
  readonly name: string;
  /** Its form for people who install it by other means. Texts of several assets with the same file are joined in order. */
  readonly exported: { readonly file: string; readonly text: string };
  /** What installing it sends where it is absent. */
  readonly requests: readonly Request[];
  find(server: Server, signal: AbortSignal): Promise<State>;
  /**
   * Installs it, or makes what is there equal to it.
   * @param found what `find` said
   * @throws RetryableError when the server does not take it; the message says what to do
   */
  install(server: Server, found: State, signal: AbortSignal): Promise<void>;
  /** @throws RetryableError when the server does not let it go */
  remove(server: Server, signal: AbortSignal): Promise<void>;
}
