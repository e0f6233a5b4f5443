import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InputHost } from '../../../../src/core/input.ts';
import { MirrorReports } from '../../../../src/inputs/mqtt/reports.ts';
import { MemoryJournal } from '../../../../src/state/memory-journal.ts';
import { silentLog } from '../../../support/in-process.ts';

it('mqtt input: a gap that finds no room is told when there is some', async () => {
  const journal = new MemoryJournal('mirror', ['out'], 1024);
  const host = { name: 'mirror', log: silentLog } as unknown as InputHost;
  const reports = new MirrorReports('mqtt://broker', host, journal, new AbortController().signal);
  const payload = Buffer.alloc(2000);
  const message = { topic: 't', payload, qos: 0, retain: false, dup: false, seen: 0 };
  void journal.append({ type: 'message', message });
  const full = journal.size();
  for (const reason of ['connection_lost', 'session_lost']) reports.gap(reason, 'something is missing');
  assert.equal(journal.size(), full);
  journal.settled('out', full, full);
  await nextTurn();
  const bytes = Buffer.alloc(2000);
  const text = bytes.toString('utf8', 0, await journal.read(full, bytes));
  assert.match(text, /connection_lost.*session_lost/s);
});
