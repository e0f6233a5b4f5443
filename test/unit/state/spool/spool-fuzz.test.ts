import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Position } from '../../../../src/core/source.ts';
import type { WhenFull } from '../../../../src/state/spool/admission/room.ts';
import { SEGMENT_HEADER_BYTES } from '../../../../src/state/spool/segments/format.ts';
import type { Spool } from '../../../../src/state/spool/spool.ts';
import type { SpoolStream } from '../../../../src/state/spool/stream.ts';
import { Vault } from '../../../../src/state/vault.ts';
import { runs } from '../../../support/fuzz/runs.ts';
import { SimulatedDisk } from '../../../support/simulated-disk.ts';
import { numbered, openStream, readAll } from '../../../support/spool.ts';

type Act =
  | { readonly does: 'append'; readonly sizes: readonly number[]; readonly together: boolean }
  | { readonly does: 'read'; readonly reader: 0 | 1; readonly readBytes: number }
  | { readonly does: 'save' | 'trim' | 'reopen' | 'secret' }
  | { readonly does: 'crash'; readonly fates: readonly number[] }
  | { readonly does: 'flip'; readonly file: number; readonly at: number; readonly bit: number };

/** An output: what it has got, and from where it would read again. */
interface Follower {
  position: Position;
  saved: Position;
  /** By number: the id of each record that it got, or has to take for lost. */
  got: Map<number, string>;
  savedGot: Map<number, string>;
  lost: number;
  savedLost: number;
}

const VAULTS = ['one', 'two'].map((secret) => Buffer.from(secret.padEnd(32, '.')));

/** A spool with two outputs, and what has to be in it. */
class Model {
  readonly acknowledged = new Set<number>();
  readonly followers: readonly Follower[] = [0, 1].map(() => {
    const position = { offset: 0, before: '0' };
    return { position, saved: position, got: new Map(), savedGot: new Map(), lost: 0, savedLost: 0 };
  });
  private disk = new SimulatedDisk();
  private readonly whenFull: WhenFull;
  private readonly isEncrypted: boolean;
  private secret = 0;
  private spool: Spool | undefined;
  private stream: SpoolStream | undefined;
  private next = 0;
  private flips = 0;

  constructor(whenFull: WhenFull, isEncrypted: boolean) {
    this.whenFull = whenFull;
    this.isEncrypted = isEncrypted;
  }

  async act(act: Act): Promise<void> {
    switch (act.does) {
      case 'append':
        return this.append(act.sizes, act.together);
      case 'read':
        return this.read(this.followers[act.reader] as Follower, act.readBytes);
      case 'save':
        return this.save();
      case 'trim':
        await this.save();
        return this.spool?.trim(this.spool.needed());
      case 'reopen':
        return this.close();
      case 'secret':
        await this.close();
        this.secret ^= 1;
        return;
      case 'crash':
        return this.crash(act.fates);
      case 'flip':
        return this.flip(act);
    }
  }

  /** Everything that is left is read. */
  async end(): Promise<void> {
    for (const follower of this.followers) {
      await this.read(follower, 64 * 1024);
      const missing = [...this.acknowledged].filter((n) => !follower.got.has(n));
      const drops = this.whenFull === 'drop_oldest';
      if (this.flips === 0 && !drops) assert.deepEqual(missing, []);
      assert.ok(missing.length <= follower.lost, `${missing} are missing, ${follower.lost} are told`);
      if (!drops) assert.ok(missing.length <= this.flips, `${missing} are missing after ${this.flips} flips`);
    }
    const [a, b] = this.followers;
    for (const [n, id] of a?.got ?? []) assert.equal(b?.got.get(n) ?? id, id, `record ${n} has two ids`);
    await this.close();
  }

  private async open(): Promise<SpoolStream> {
    if (this.stream !== undefined) return this.stream;
    const [a, b] = this.followers.map(({ saved }) => saved);
    const secret = VAULTS[this.secret];
    const options = {
      whenFull: this.whenFull,
      ...(this.isEncrypted && { vault: new Vault(secret, VAULTS) }),
    };
    const opened = await openStream(this.disk, options, this.isNew ? [] : [a as Position, b as Position]);
    this.spool = opened.spool;
    this.stream = opened.stream;
    for (const [i, follower] of this.followers.entries()) {
      if (this.isNew)
        Object.assign(follower, { position: opened.stream.beginning, saved: opened.stream.beginning });
      opened.stream.settled(String(i), follower.position.offset, follower.position.offset);
    }
    return opened.stream;
  }

  private get isNew(): boolean {
    return this.next === 0;
  }

  private async append(sizes: readonly number[], together: boolean): Promise<void> {
    const stream = await this.open();
    const records = sizes.map((size) => ({ number: this.next++, size }));
    const kept = together
      ? [stream.appendAll(records.map(({ number, size }) => numbered(number, size)))]
      : records.map(({ number, size }) => stream.append(numbered(number, size)));
    await Promise.all(
      records.map(({ number }, i) => kept[together ? 0 : i]?.then(() => this.acknowledged.add(number))),
    );
  }

  private async read(follower: Follower, readBytes: number): Promise<void> {
    const stream = await this.open();
    const found = await readAll(stream, follower.position, readBytes);
    for (const [i, n] of found.numbers.entries()) {
      assert.ok(!follower.got.has(n), `${n} comes twice`);
      follower.got.set(n, found.ids[i] ?? '');
    }
    const passed = Number(found.position.before) - Number(follower.position.before);
    assert.equal(found.numbers.length + found.lost, passed, 'each record comes or is told to be lost');
    assert.deepEqual(
      found.numbers,
      found.numbers.toSorted((x, y) => x - y),
      'in order',
    );
    follower.lost += found.lost;
    follower.position = found.position;
    stream.settled(String(this.followers.indexOf(follower)), found.position.offset, found.position.offset);
  }

  private async save(): Promise<void> {
    await this.open();
    for (const follower of this.followers) {
      follower.saved = follower.position;
      follower.savedGot = new Map(follower.got);
      follower.savedLost = follower.lost;
    }
  }

  private async close(): Promise<void> {
    if (this.stream === undefined) return;
    await this.save();
    await this.spool?.close(1000);
    this.spool = undefined;
    this.stream = undefined;
  }

  private async crash(fates: readonly number[]): Promise<void> {
    const { spool } = this;
    let turn = 0;
    this.disk = this.disk.crash((bound) => (fates[turn++ % fates.length] ?? 0) % bound);
    this.spool = undefined;
    this.stream = undefined;
    await spool?.close(1000);
    for (const follower of this.followers) {
      follower.position = follower.saved;
      follower.got = new Map(follower.savedGot);
      follower.lost = follower.savedLost;
    }
  }

  /** One bit of a record, but not of the last: what cannot be read at the end is taken for what a crash has left. */
  private async flip({ file, at, bit }: { file: number; at: number; bit: number }): Promise<void> {
    if (this.next === 0) return;
    await this.append([10], false);
    if (!this.acknowledged.has(this.next - 1)) return;
    const files = this.disk.files().filter((name) => name.endsWith('.segment'));
    const bytes = this.disk.bytes(files[file % files.length] ?? '');
    const room = bytes.length - SEGMENT_HEADER_BYTES - 200;
    if (room <= 0) return;
    const place = SEGMENT_HEADER_BYTES + (at % room);
    bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
    this.flips++;
  }
}

const size = fc.oneof(
  fc.integer({ min: 8, max: 300 }),
  fc.integer({ min: 8, max: 30_000 }),
  fc.constantFrom(70_000, 200_000),
);
const act = (...others: fc.Arbitrary<Act>[]): fc.Arbitrary<Act> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        does: fc.constant('append' as const),
        sizes: fc.array(size, { minLength: 1, maxLength: 8 }),
        together: fc.boolean(),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constant('read' as const),
        reader: fc.constantFrom(0 as const, 1 as const),
        readBytes: fc.constantFrom(256, 5000, 65_536),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ does: fc.constantFrom('save' as const, 'trim' as const, 'reopen' as const) }),
    },
    ...others.map((arbitrary) => ({ weight: 1, arbitrary })),
  );
const crash = fc.record({
  does: fc.constant('crash' as const),
  fates: fc.array(fc.nat(1000), { minLength: 1, maxLength: 5 }),
});
const flip = fc.record({
  does: fc.constant('flip' as const),
  file: fc.nat(20),
  at: fc.nat(200_000),
  bit: fc.nat(7),
});
const secret = fc.constant({ does: 'secret' as const });

async function check(whenFull: WhenFull, isEncrypted: boolean, acts: readonly Act[]): Promise<void> {
  const model = new Model(whenFull, isEncrypted);
  for (const one of acts) await model.act(one);
  await model.end();
}

describe('spool: whatever is done to it, in whatever order', () => {
  for (const whenFull of ['block', 'drop_oldest'] as const) {
    for (const isEncrypted of [false, true]) {
      const name = `${whenFull}${isEncrypted ? ', encrypted' : ''}`;
      it(`${name}: each output gets what was acknowledged, once, through crashes`, async () => {
        const acts = fc.array(act(crash, secret), { minLength: 5, maxLength: 60 });
        await fc.assert(
          fc.asyncProperty(acts, (all) => check(whenFull, isEncrypted, all)),
          runs(25),
        );
      });

      it(`${name}: of what is damaged nothing else is lost, and it is told`, async () => {
        const acts = fc.array(act(flip, secret), { minLength: 5, maxLength: 60 });
        await fc.assert(
          fc.asyncProperty(acts, (all) => check(whenFull, isEncrypted, all)),
          runs(20),
        );
      });
    }
  }
});
