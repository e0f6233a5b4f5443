import type { Batch, Output, Receipt } from '../../core/output.ts';
import type { Connection } from '../../net/connection.ts';
import { Hosts, type HostsOptions } from '../../net/hosts.ts';

/** A conversation with one Logstash in one of its protocols. */
export interface LogstashConnection extends Connection {
  /** As `Output.write`. */
  write(batch: Batch): Promise<Receipt>;
}

/** Sends events to one of several Logstash hosts; the protocol is what its connections speak. */
export class LogstashOutput implements Output {
  private readonly hosts: Hosts<LogstashConnection>;

  constructor(options: HostsOptions<LogstashConnection>) {
    this.hosts = new Hosts(options);
  }

  check(signal: AbortSignal): Promise<void> {
    return this.hosts.ready(signal);
  }

  async write(batch: Batch): Promise<Receipt> {
    const connection = await this.hosts.use();
    return connection.write(batch);
  }

  close(timeoutMs: number): Promise<void> {
    return this.hosts.close(timeoutMs);
  }

  describe(): string {
    return this.hosts.describe();
  }
}
