import { EmqxServer } from '../support/emqx-server/server.ts';
import { clientRow } from '../support/emqx-server/tables.ts';

/*
 * The stand-in for EMQX's API in a process of its own: `node emqx-api-server.ts CLIENTS DELAY_MS`. Waits so long
 * before each answer. Tells its address, and whenever it is asked how long its answers have taken.
 */
const cleanups: (() => unknown)[] = [];
const server = await EmqxServer.start({ after: (act) => cleanups.push(act) });
for (let n = 0; n < Number(process.argv[2]); n++) server.add(clientRow(n));
const delayMs = Number(process.argv[3]);
if (delayMs > 0) server.onRequest = () => ({ delayMs });
process.on('message', () =>
  process.send?.({ answeringMs: server.answeringMs, requests: server.requests.length }),
);
process.on('disconnect', async () => {
  for (const act of cleanups) await act();
  process.exit();
});
process.send?.({ url: server.url });
