import type { Packet, Will } from './packet.ts';
import { payloadAt } from './payload.ts';
import { between, numberAfter } from './scan.ts';

/** What stands between `at` and `end` in a printed CONNECT. */
export function connect(text: string, at: number, end: number): Partial<Packet> {
  const client = between(text, at, 'ClientId=', ', ProtoName=');
  const user = between(text, client.end, ', Username=', ', Password=');
  const afterPassword = text.indexOf(', Password=', user.end) + 11;
  const willAt = text.indexOf(', Will(', afterPassword);
  const clean = /, Clean(?:Start|Sess)=(true|false)/.exec(text.slice(client.end, client.end + 256));
  const version = numberAfter(text, ', ProtoVsn=', client.end);
  const keepAlive = numberAfter(text, ', KeepAlive=', client.end);
  const will = willAt === -1 ? undefined : readWill(text, willAt + 7, text[end - 1] === ')' ? end - 1 : end);
  return {
    client: client.text === '' || client.text === 'undefined' ? undefined : client.text,
    user: user.text === '' || user.text === 'undefined' ? undefined : user.text,
    isAmbiguous: client.isDouble || user.isDouble,
    ...(clean && { cleanStart: clean[1] === 'true' }),
    ...(version !== undefined && { version }),
    ...(keepAlive !== undefined && { keepAlive }),
    ...(will && { will }),
  };
}

/** `Q1, R0, Topic=lwt, Payload=<<"bye">>` (4.x), `Q1, R0, Topic=lwt Payload(text)=gone` (5.x), with `Msg=` in emqttd. */
function readWill(text: string, at: number, end: number): Will | undefined {
  const head = /^Q(?:os=)?(\d), R(?:etain=)?(\d|true|false), Topic=/.exec(text.slice(at, at + 40));
  if (head === null) return undefined;
  const start = at + head[0].length;
  const found = /,? (?:Payload|Msg)(?:\(\w{3,6}\))?=/.exec(text.slice(start, end));
  const topicEnd = found === null ? end : start + found.index;
  return {
    topic: text.slice(start, topicEnd),
    qos: Number(head[1]),
    retained: head[2] === '1' || head[2] === 'true',
    payload: found === null ? undefined : payloadAt(text, topicEnd, end),
  };
}
