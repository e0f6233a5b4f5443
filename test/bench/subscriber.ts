import { connect } from 'mqtt';

/*
 * A bare MQTT.js subscriber that only counts: what a mirror costs at the least. Prints {"lines": N} when it has counted.
 *   node subscriber.ts PORT MESSAGES FILTER
 */
const [port, wanted] = process.argv.slice(2).map(Number);
let count = 0;
const client = connect(`mqtt://127.0.0.1:${port}`, {
  protocolVersion: 5,
  clientId: 'bare-subscriber',
  properties: { receiveMaximum: 65_535 },
});
client.on('message', () => {
  if (++count === wanted) process.stdout.write(`${JSON.stringify({ lines: count })}\n`);
});
client.on('connect', () => client.subscribe(process.argv[4] ?? '#', { qos: 1 }));
