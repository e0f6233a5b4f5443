import type { EventKind } from '../../core/event.ts';
import { TABLES } from './formats/index.ts';
import type { Described } from './line.ts';
import { RULES } from './lines/index.ts';

const INTRODUCTION = `# Mosquitto: what each log line becomes

Generated from the tables of the dialect by \`npm run generate\`. Formats are those of Mosquitto's own source, 1.5 to 2.1.2
(1.3 and 1.4 write what 1.5 writes, but for the date of the build in the first line and, in 1.3, users without quotes);
\`{…}\` is what the broker fills in, \`[…]\` what may be missing. Fields: [fields](fields.md).

## What can be known from a text log

Mosquitto writes client ids, user names, topics and filters unquoted. They may hold any text that MQTT allows, up to 65,535
bytes, so that a line can be read in more than one way. What brokertap does about it:

- Fixed text is matched from both ends. Where several readings remain, the one whose client is connected wins. Where that
  does not decide, the event says \`mqtt.ambiguous: true\` and holds no field on which the readings differ; where they
  differ in kind, it is \`broker-log\` with \`event.code\` \`mosquitto.ambiguous\`.
- A client counts as connected when its connect line could be read in one way, or when \`Sending CONNACK\` named it. Lines
  that are in doubt never change who is connected.
- Since 2.0 a line has at most 999 bytes (before, a message has at most 499 more than its format): what stands at the end
  of such a line may be a client's text. \`mqtt.truncated: true\`; an id that is cut is no \`mqtt.client.id\`; the action is
  told only where the beginning alone tells it.
- Lines \`ID QOS FILTER\` and \`ID FILTER\` can be any text. With debug lines they are read only as what the SUBSCRIBE or
  UNSUBSCRIBE before them asked for, and can forge nothing. **Without debug lines** (\`log_type subscribe\`,
  \`unsubscribe\`, not \`debug\`) such a line can look like any other: if a connected client's id begins it, the event is
  \`mosquitto.doubtful\`. What cannot be known: the very first such line of a log, lines of clients that connected before
  the log begins, and a filter that begins with a QoS and a blank.
- From 1.6 on names hold no line breaks; only a certificate's CN may, up to 2.0.15. Up to 1.5 a name can begin a line of
  its own. What follows an unfinished line is \`mosquitto.continuation\` or \`mosquitto.doubtful\` until its end is seen.
  Where lines have stamps, a line without one is no message; where they have none, text that looks like a stamp is none.
- **\`$SYS/broker/log/#\` is safe against forged lines**: one message for each line, and its topic tells the log type. It
  has no debug lines.

Context: \`client-disconnected\` has \`source.*\`, \`user.name\`, \`mqtt.protocol_version\`, \`event.start\`, \`event.end\` and
\`event.duration\` of the connect line; they are absent where that was not seen. Denials have its \`source.ip\`,
\`source.port\` and \`user.name\`, where it is certainly that of the connected client. A refused login has the address only if
no other connection can be meant: the CONNACK names it, or the log was read from the broker's start on and no other
connection waits for its CONNECT. What ends with the id of a connected client, and was a connection that was refused, is
\`client-connection-rejected\`; the end of a bridge's own connection is \`bridge-disconnected\`, where 2.1 or the debug lines
before it tell that it is one. Up to 2.0.9 anyone can send a CONNACK and is told of as a bridge: what a connected client sends, or
a connection without client id, makes no \`bridge-connected\`. A timeout that 1.5 tells in two lines is one end: the second line is \`broker-log\`; so is the end
of a session whose client has left before, which 1.4 and 2.1 tell when the client comes back, and 2.0 at a reload. TLS errors go
to the line that follows them at once. A denied subscription is inferred (\`mqtt.derived\`) from its missing line, once lines
about granted ones were seen. What was inferred has a sentence as its \`message\`.

Stamps: epoch seconds, any strftime form (found from the first lines, or given as \`stamp\`), or none; before it, or alone,
the tag that syslog(3) writes on a console (\`mosquitto[1]: \`). Day and month are
told apart by the first number above 12; before that the day stands first, with AM or PM the month. Of the hour that comes twice when the clock is
put back, a step back tells the second; where nothing tells, \`tags\` has \`ambiguous_time\`.
`;

/** The page `docs/mosquitto.md`: every format with its code, action, level and versions. */
export function mosquittoMarkdown(): string {
  const parts = [INTRODUCTION];
  for (const [title, rules] of Object.entries(RULES))
    parts.push(
      section(
        title,
        rules.flatMap((rule) => rule.describes),
      ),
    );
  for (const [title, formats] of Object.entries(TABLES)) {
    const described = formats.filter(({ loose }) => !loose);
    parts.push(
      section(
        title,
        described.map(({ text, versions, kind }) => ({ text, versions, kinds: [kind] })),
      ),
    );
  }
  return `${parts.join('\n')}\nAnything else is \`broker-log\` with \`event.code\` \`mosquitto.log\`.\n`;
}

function section(title: string, rows: readonly Described[]): string {
  const lines = rows.map(({ text, versions, kinds }) => {
    const words = (word: (kind: EventKind) => string | undefined): string =>
      [...new Set(kinds.map(word))].join(', ');
    const code = words((kind) => kind.code.slice('mosquitto.'.length));
    const action = words((kind) => kind.action);
    return `| ${code} | ${literal(text)} | ${action} | ${words((kind) => kind.level)} | ${between(versions)} |`;
  });
  return `## ${title}\n\n| code | format | action | level | versions |\n|---|---|---|---|---|\n${lines.join('\n')}\n`;
}

/** As Markdown shows it, in a table. */
function literal(text: string): string {
  const shown = text.replaceAll('\u001b', 'ESC').replaceAll('|', '\\|');
  return shown.includes('`') ? `\`\` ${shown} \`\`` : `\`${shown}\``;
}

function between(versions: string): string {
  const [since = '', until = ''] = versions.split('-');
  if (until === '') return `${since} and later`;
  return since === until ? since : `${since} to ${until}`;
}
