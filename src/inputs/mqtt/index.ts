import { hostname } from 'node:os';
import type { Input, InputHost } from '../../core/input.ts';
import { clientIdOf } from './client-id.ts';
import type { MqttInputConfig } from './config.ts';
import { MqttMirror } from './mirror.ts';

export { check } from './check.ts';

export function create(config: MqttInputConfig, host: InputHost): Input {
  return new MqttMirror(config, clientIdOf(config, hostname(), host.name), host);
}
