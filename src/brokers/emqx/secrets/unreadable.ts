import { hideSecrets } from './secrets.ts';

/** What payloads may follow in a record that cannot be read. */
const PAYLOAD = /payload|Will\(|PUBLISH to |RECV <<|SEND <<|"bin"|Frame data|raw_bytes/i;

/** A record that cannot be read, up to the first place where a payload may begin, without secrets. */
export function hideUnreadable(text: string): string {
  const found = PAYLOAD.exec(text);
  return hideSecrets(found === null ? text : `${text.slice(0, found.index)}…`);
}
