/** What one written line is about; what is undefined is not looked at. */
export interface Written {
  readonly line: string;
  readonly action: string;
  readonly client?: string | undefined;
  readonly user?: string | undefined;
  readonly ip?: string | undefined;
  readonly port?: number | undefined;
  readonly topic?: string | undefined;
  readonly filter?: string | undefined;
}

/** A client that a log is written about. */
export interface Actor {
  readonly id: string;
  readonly user: string | undefined;
  readonly ip: string;
  readonly port: number;
}

export type Generation = '1.6' | '2.0' | '2.1';
const VERSIONS: Readonly<Record<Generation, string>> = { '1.6': '1.6.15', '2.0': '2.0.18', '2.1': '2.1.2' };

/** Writes log lines as a broker of a version would, with the formats of its own source. */
export class LogWriter {
  readonly written: Written[] = [];
  private readonly generation: Generation;
  private readonly debug: boolean;
  private readonly stamp: string;
  private readonly grants: boolean;

  /**
   * @param debug `log_type debug` is on
   * @param grants `log_type subscribe` and `unsubscribe` are on
   */
  constructor(generation: Generation, debug: boolean, stamp = '1700000000: ', grants = true) {
    this.generation = generation;
    this.debug = debug;
    this.grants = grants;
    this.stamp = stamp;
    this.write('broker-started', `mosquitto version ${VERSIONS[generation]} starting`);
  }

  connect(actor: Actor): void {
    const { id, user, ip, port } = actor;
    const peer = this.generation === '1.6' ? ip : `${ip}:${port}`;
    const from = { ip, port: this.generation === '1.6' ? undefined : port };
    this.write('network-connection-opened', `New connection from ${peer} on port 1883.`, from);
    const tail = user === undefined ? '' : `, u'${user}'`;
    const level = this.generation === '2.1' ? 4 : 2;
    this.write(
      'client-connected',
      `New client connected from ${peer} as ${id} (p${level}, c1, k60${tail}).`,
      {
        ...from,
        client: id,
        user,
      },
    );
    this.write('broker-log', 'No will message specified.', { client: id }, true);
    this.write('packet-sent', `Sending CONNACK to ${id} (0, 0)`, { client: id }, true);
  }

  /** Another connection is refused that has the actor's id; whether that one is connected or not. */
  refuse(actor: Actor): void {
    const { id } = actor;
    const ip = '10.9.9.9';
    const port = actor.port + 1000;
    if (this.generation === '1.6') return;
    this.write('network-connection-opened', `New connection from ${ip}:${port} on port 1883.`, { ip, port });
    if (this.debug && actor.port % 2 === 0) {
      this.write('packet-sent', `Sending CONNACK to ${id} (0, 140)`, { client: id }, true);
      const feature = '(QoS too high, retain not supported, or bad AUTH method).';
      const end =
        this.generation === '2.0'
          ? `${id} disconnected due to using not allowed feature ${feature}`
          : `${id} [${ip}:${port}] disconnected: used disallowed feature ${feature}`;
      this.write('client-connection-rejected', `Client ${end}`, { client: id, ip, port });
      return;
    }
    this.write('packet-sent', `Sending CONNACK to ${id} (0, 5)`, { client: id }, true);
    const words =
      this.generation === '2.0'
        ? `${id} disconnected, not authorised.`
        : `${id} [${ip}:${port}] disconnected: not authorised.`;
    this.write('client-authentication-failed', `Client ${words}`, { client: id, ip, port });
  }

  publish({ id }: Actor, topic: string): void {
    const tail = `(d0, q1, r0, m7, '${topic}', ... (5 bytes))`;
    this.write('message-published', `Received PUBLISH from ${id} ${tail}`, { client: id, topic }, true);
    this.write('message-acknowledged', `Sending PUBACK to ${id} (m7, rc0)`, { client: id }, true);
  }

  deliver({ id }: Actor, topic: string): void {
    const tail = `(d0, q0, r0, m0, '${topic}', ... (5 bytes))`;
    this.write('message-delivered', `Sending PUBLISH to ${id} ${tail}`, { client: id, topic }, true);
  }

  subscribe({ id }: Actor, filter: string): void {
    this.write('packet-received', `Received SUBSCRIBE from ${id}`, { client: id }, true);
    this.write('subscription-requested', `\t${filter} (QoS 1)`, { client: id, filter }, true);
    this.write('subscription-added', `${id} 1 ${filter}`, { client: id, filter });
    this.write('packet-sent', `Sending SUBACK to ${id}`, { client: id }, true);
  }

  unsubscribe({ id }: Actor, filter: string): void {
    this.write('packet-received', `Received UNSUBSCRIBE from ${id}`, { client: id }, true);
    this.write('unsubscription-requested', `\t${filter}`, { client: id, filter }, true);
    this.write('subscription-removed', `${id} ${filter}`, { client: id, filter });
    this.write('packet-sent', `Sending UNSUBACK to ${id}`, { client: id }, true);
  }

  protocolError({ id }: Actor): void {
    this.write('protocol-error', `Invalid QoS in PUBLISH from ${id}, disconnecting.`, { client: id });
  }

  /**
   * @param how index of an ending of this version
   * @param isTold the client has sent a DISCONNECT
   */
  disconnect(actor: Actor, how: number, isTold = false): void {
    const { id, ip, port, user } = actor;
    if (isTold) this.write('packet-received', `Received DISCONNECT from ${id}`, { client: id }, true);
    const peer = `${id} [${ip}:${port}]`;
    const endings = {
      '1.6': [
        `Client ${id} disconnected.`,
        `Client ${id} has exceeded timeout, disconnecting.`,
        `Client ${id} disconnected due to protocol error.`,
      ],
      '2.0': [
        `Client ${id} disconnected.`,
        `Client ${id} closed its connection.`,
        `Client ${id} has exceeded timeout, disconnecting.`,
        `Client ${id} disconnected: Broken pipe.`,
        `Bad socket read/write on client ${id}: Malformed packet.`,
      ],
      '2.1': [
        `Client ${peer} disconnected.`,
        `Client ${peer} disconnected: connection closed by client.`,
        `Client ${peer} disconnected: exceeded timeout.`,
        `Client ${peer} disconnected: Broken pipe.`,
        `Client ${peer} disconnected: bad socket read/write: Malformed packet.`,
      ],
    }[this.generation];
    const text = endings[how % endings.length] ?? '';
    this.write('client-disconnected', text, {
      client: id,
      ip,
      port: this.generation === '1.6' ? undefined : port,
      user,
    });
  }

  /** @param isDebug the line is of log type debug */
  private write(action: string, message: string, about: Partial<Written> = {}, isDebug = false): void {
    if (isDebug && !this.debug) return;
    if (!this.grants && (action === 'subscription-added' || action === 'subscription-removed')) return;
    this.written.push({ action, line: this.cut(this.stamp + message), ...about });
  }

  /** Since 2.0 a line has at most 999 bytes, and is cut without regard to characters. */
  private cut(line: string): string {
    const bytes = Buffer.from(line);
    return this.generation === '1.6' || bytes.length <= 999 ? line : bytes.subarray(0, 999).toString('utf8');
  }
}
