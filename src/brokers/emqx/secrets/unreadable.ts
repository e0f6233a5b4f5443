import { hideSecrets } from './secrets.ts';

/** Where payloads of clients may begin in a record that nobody can take apart. */
const PAYLOAD = /payload|Will\(|PUBLISH to |RECV <<|SEND <<|"bin"|Frame data|raw_bytes/i;

/** A record that could not be read, as it may be told: up to the first place where a payload may begin, without secrets. */
export function hideUnreadable(text: string): string {
  const found = PAYLOAD.exec(text);
  return hideSecrets(found === null ? text : `${text.slice(0, found.index)}…`);
}
