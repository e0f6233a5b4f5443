import { connect as connectTcp } from 'node:net';
import { connect, type MqttClient } from 'mqtt';

/** A few devices that talk to the demo's broker. */
interface Fleet {
  stop(): Promise<void>;
}

const SENSORS = ['press-1', 'press-2', 'oven-1', 'conveyor-3'];
const MEASURES = ['temperature', 'vibration', 'power'];
const STEP_MS = 700;

/** Starts four sensors, a dashboard, and devices that misbehave one after the other. */
export function startFleet(port: number): Fleet {
  const url = `mqtt://127.0.0.1:${port}`;
  const user = { username: 'fleet', password: 'fleet-demo' };
  const clients = new Set<MqttClient>();
  const open = (clientId: string, more: object = {}): MqttClient => {
    const client = connect(url, { clientId, reconnectPeriod: 0, ...user, ...more });
    client.on('error', () => {});
    clients.add(client);
    return client;
  };
  const dashboard = open('dashboard');
  dashboard.on('connect', () => dashboard.subscribe('plant/#'));
  const sensors = SENSORS.map((name) => open(`sensor-${name}`));

  let step = 0;
  const publish = (): void => {
    for (const [i, sensor] of sensors.entries()) {
      const measure = MEASURES[(step + i) % MEASURES.length];
      const value = Math.round(2000 + 300 * Math.sin(step / 5 + i)) / 100;
      const topic = `plant/line-${1 + (i % 2)}/${SENSORS[i]}/${measure}`;
      sensor.publish(topic, JSON.stringify({ value, step }), { qos: i % 2 === 0 ? 1 : 0 });
    }
  };
  const scenes: readonly (() => void)[] = [
    () => open('intruder', { username: 'admin', password: 'guess' }),
    () => sensors[0]?.publish('plant/config/press-1/limits', '{"max":9999}', { qos: 1 }),
    () => silentDevice(port),
    () => {
      const twin = open('sensor-oven-1');
      twin.on('connect', () => {
        sensors[2] = twin;
      });
    },
    // A name that imitates the end of a log line: the parser must not believe its user.
    () =>
      open("x (p2, c1, k60, u'admin').").on('connect', function (this: MqttClient) {
        this.publish('plant/line-1/x/status', 'hello');
      }),
    () =>
      open('maintenance-laptop').on('connect', function (this: MqttClient) {
        this.end();
      }),
  ];
  const timer = setInterval(() => {
    publish();
    if (step % 4 === 3) scenes[((step - 3) / 4) % scenes.length]?.();
    step++;
  }, STEP_MS);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all([...clients].map((client) => client.endAsync(true).catch(() => {})));
    },
  };
}

/** A device that connects with a keep-alive of two seconds and then says nothing. */
function silentDevice(port: number): void {
  const id = 'silent-valve';
  const body = Buffer.concat([
    Buffer.from([0, 4]),
    Buffer.from('MQTT'),
    Buffer.from([4, 2, 0, 2, 0, id.length]),
    Buffer.from(id),
  ]);
  const socket = connectTcp(port, '127.0.0.1', () =>
    socket.write(Buffer.concat([Buffer.from([0x10, body.length]), body])),
  );
  socket.on('error', () => {});
  socket.resume();
}
