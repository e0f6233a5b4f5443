import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What stands in every ECS event with the same value. */
const CONSTANTS = {
  'ecs.version': '9.4.0',
  'event.kind': 'event',
  'event.category': 'network',
  'event.type': 'info',
  'event.module': 'mqtt',
  'event.dataset': 'mqtt.message',
  'event.provider': 'mosquitto-log',
  'data_stream.type': 'logs',
  'data_stream.dataset': 'mqtt.message',
  'data_stream.namespace': 'default',
  'service.type': 'mosquitto',
  'service.name': 'mosquitto',
  'agent.type': 'rsyslog',
  'network.protocol': 'mqtt',
};
const constants = Object.entries(CONSTANTS)
  .map(([name, value]) => `  constant(outname="${name}" value="${value}" format="jsonf")`)
  .join('\n');

/** The main shapes of Mosquitto's log for liblognorm, and what each says has happened; anything else is passed on as text. */
const RULES = `version=2
rule=message-published:%time:number%: Received PUBLISH from %client:word% (d%dup:number%, q%qos:number%, r%retain:number%, m%mid:number%, '%topic:char-to:'%', ... (%size:number% bytes))
rule=message-delivered:%time:number%: Sending PUBLISH to %client:word% (d%dup:number%, q%qos:number%, r%retain:number%, m%mid:number%, '%topic:char-to:'%', ... (%size:number% bytes))
rule=message-acknowledged:%time:number%: Received PUBACK from %client:word% (Mid: %mid:number%, RC:%rc:number%)
rule=message-acknowledged:%time:number%: Sending PUBACK to %client:word% (m%mid:number%, rc%rc:number%)
rule=client-connected:%time:number%: New client connected from %peer:word% as %client:word% (p%protocol:number%, c%clean:number%, k%keepalive:number%%tail:rest%
rule=broker-log:%time:number%: %text:rest%
`;

/**
 * Writes a configuration that makes rsyslog do the same work: tail a file, take its lines apart, send JSON lines by TCP: each
 * with the time of the line itself and what has happened. Two workers, large batches, no rate limit.
 * @returns the command line
 */
export function rsyslogCommand(directory: string, log: string, port: number): string[] {
  mkdirSync(path.join(directory, 'work'), { recursive: true });
  const rules = path.join(directory, 'mosquitto.rulebase');
  const conf = path.join(directory, 'rsyslog.conf');
  writeFileSync(rules, RULES);
  writeFileSync(
    conf,
    `global(workDirectory="${directory}/work" maxMessageSize="64k")
module(load="imfile" mode="inotify")
module(load="mmnormalize")
main_queue(queue.type="FixedArray" queue.size="100000" queue.dequeueBatchSize="2048" queue.workerThreads="2" queue.workerThreadMinimumMessages="4096")
template(name="json" type="list" option.jsonf="on") {
  property(outname="@timestamp" name="$!stamp" format="jsonf")
  property(outname="event.created" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="event.action" name="$!event.tags" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
  property(outname="host.name" name="hostname" format="jsonf")
  property(outname="log.file.path" name="$!metadata!filename" format="jsonf")
${constants}
  property(outname="client" name="$!client" format="jsonf" onEmpty="skip")
  property(outname="topic" name="$!topic" format="jsonf" onEmpty="skip")
  property(outname="qos" name="$!qos" format="jsonf" onEmpty="skip")
  property(outname="retained" name="$!retain" format="jsonf" onEmpty="skip")
  property(outname="duplicate" name="$!dup" format="jsonf" onEmpty="skip")
  property(outname="mid" name="$!mid" format="jsonf" onEmpty="skip")
  property(outname="size" name="$!size" format="jsonf" onEmpty="skip")
}
input(type="imfile" file="${log}" tag="mosquitto" ruleset="work" freshStartTail="off" addMetadata="on" maxLinesAtOnce="0" maxSubmitAtOnce="1024")
ruleset(name="work") {
  action(type="mmnormalize" ruleBase="${rules}" useRawMsg="off")
  set $!stamp = format_time($!time, "date-rfc3339");
  action(type="omfwd" target="127.0.0.1" port="${port}" protocol="tcp" template="json" TCP_Framing="traditional" queue.type="Direct")
}
`,
  );
  return ['/usr/sbin/rsyslogd', '-n', '-f', conf, '-i', path.join(directory, 'pid')];
}
