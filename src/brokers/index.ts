import type { Dialect } from '../core/dialect.ts';

/** How a kind of broker speaks; its code is loaded only when the configuration names it. */
interface Broker {
  readonly load: () => Promise<{ dialect: Dialect }>;
}

/** Every kind of broker, by the word users write for `broker:`. */
export const brokers = {
  mosquitto: { load: () => import('./mosquitto/index.ts') },
  emqx: { load: () => import('./emqx/index.ts') },
  json: { load: () => import('./json/index.ts') },
  hicap: { load: () => import('./hicap/index.ts') },
} satisfies Record<string, Broker>;
