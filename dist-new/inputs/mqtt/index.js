import { hostname } from 'node:os';
import { clientIdOf } from './client-id.js';
import { MqttMirror } from './mirror.js';
export function create(config, host) {
    return new MqttMirror(config, clientIdOf(config, hostname(), host.name), host);
}
