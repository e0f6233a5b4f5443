import { EmqxServer } from '../support/emqx-server/server.ts';
import { clientRow } from '../support/emqx-server/tables.ts';

/*
 * The stand-in for EMQX's API in a process of its own: `node emqx-api-server.ts CLIENTS`. Tells its address, and whenever it is
 * asked how long it has spent on answers.
 */
const cleanups: (() => unknown)[] = [];
const server = await EmqxServer.start({ after: (act) => cleanups.push(act) });
for (let n = 0; n < Number(process.argv[2]); n++) server.add(clientRow(n));
process.on('message', () =>
  process.send?.({ answeringMs: server.answeringMs, requests: server.requests.length }),
);
process.on('disconnect', async () => {
  for (const act of cleanups) await act();
  process.exit();
});
process.send?.({ url: server.url });
