import { client } from './client.js';
import { connections } from './connections.js';
import { overview } from './overview.js';
import { probe } from './probe.js';
import { security } from './security.js';
import { traffic } from './traffic.js';
/** Every dashboard, in the order of the links between them. */
export const DASHBOARDS = [overview, connections, security, traffic, probe, client];
