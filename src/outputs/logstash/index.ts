import type { Output } from '../../core/output.ts';
import type { LogstashConfig } from './config.ts';
import { LogstashTcpOutput } from './tcp.ts';

export function create(config: LogstashConfig): Output {
  const { hosts, tls, confirm_after: confirmAfterMs } = config;
  return new LogstashTcpOutput({ hosts, tls, confirmAfterMs });
}
