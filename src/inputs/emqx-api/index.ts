import type { Input, InputHost } from '../../core/input.ts';
import type { EmqxApiInputConfig } from './config.ts';
import { ApiPoller } from './poller.ts';

export { check } from './check.ts';

export function create(config: EmqxApiInputConfig, host: InputHost): Input {
  return new ApiPoller(config, host);
}
