import type { Agent as HttpAgent, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import { Agent, request } from '../../../net/http.ts';
import { answerOf, endsConnection, type HttpAnswer } from './status.ts';

interface RequestOptions {
  /** Most requests that are made at the same time. */
  readonly atOnce: number;
  readonly compression: number;
  readonly answerTimeoutMs: number;
  readonly authorization: string | undefined;
}

/** Requests of one conversation with Logstash, each on a connection that is free. */
export class Requests {
  /** The server, or a proxy before it, ends connections after answers: the conversation goes on over others. */
  endsEach = false;
  private readonly agent: HttpAgent;
  private readonly place: string;
  private readonly options: RequestOptions;

  /**
   * @param first what the first request travels on
   * @param another opens one more
   * @param place the Host header
   */
  constructor(first: Socket, another: () => Socket, place: string, options: RequestOptions) {
    this.place = place;
    this.options = options;
    this.agent = new Agent({ keepAlive: true, maxSockets: options.atOnce });
    let unused: Socket | undefined = first;
    this.agent.createConnection = () => {
      const given = unused ?? another();
      unused = undefined;
      return given;
    };
  }

  /** @throws Error when there is no whole answer in time */
  async post(body: Buffer): Promise<HttpAnswer> {
    const { authorization, compression, answerTimeoutMs } = this.options;
    const headers: OutgoingHttpHeaders = {
      host: this.place,
      'content-type': 'application/json',
      'content-length': body.length,
      ...(compression > 0 && body.length > 0 && { 'content-encoding': 'gzip' }),
      ...(authorization !== undefined && { authorization }),
    };
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const { agent } = this;
    const post = request({ method: 'POST', path: '/', agent, headers, timeout: answerTimeoutMs }, resolve);
    post.on('timeout', () => post.destroy(new Error(`no answer within ${answerTimeoutMs / 1000} s`)));
    post.on('error', reject);
    post.end(body);
    const answer = await promise;
    if (endsConnection(answer)) this.endsEach = true;
    // Only when it was read to its end is the connection free for the next request.
    const late = setTimeout(() => answer.destroy(new Error('its answer has no end')), answerTimeoutMs);
    await finished(answer.resume()).finally(() => clearTimeout(late));
    return answerOf(answer);
  }

  destroy(): void {
    this.agent.destroy();
  }
}
