import type { Dashboard } from '../panel.ts';
import { brokerNumbers } from './broker-numbers.ts';
import { client } from './client.ts';
import { connections } from './connections.ts';
import { overview } from './overview.ts';
import { probe } from './probe.ts';
import { security } from './security.ts';
import { traffic } from './traffic.ts';

/** Every dashboard, in the order of the links between them. */
export const DASHBOARDS: readonly Dashboard[] = [
  overview,
  connections,
  security,
  traffic,
  brokerNumbers,
  probe,
  client,
];
