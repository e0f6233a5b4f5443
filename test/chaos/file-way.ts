import { appendFileSync, copyFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { topicOf } from './arrivals.ts';
import type { Random } from './random.ts';
import type { Way } from './scenario.ts';

const PERIOD_MS = 20;
/** Most lines in one period. */
const BURST = 40;

/** A log file of Mosquitto that grows and is rotated: by renaming, or by copying and truncating. */
export class FileWay implements Way {
  readonly input: string;
  written = 0;
  private generation = 0;
  private readonly file: string;
  private readonly random: Random;
  private stopped = false;
  private writing: Promise<void> = Promise.resolve();

  constructor(directory: string, random: Random) {
    this.file = path.join(directory, 'mosquitto.log');
    this.random = random;
    this.input = `{type: file, broker: mosquitto, paths: "${this.file}", exclude: [{topic: "plant/out/#"}]}`;
    writeFileSync(this.file, '');
  }

  async begin(): Promise<void> {
    this.writing = this.write();
  }

  /** In one go: what is written between a copying and its truncation is lost with any reader. */
  async disturb(): Promise<string> {
    this.generation++;
    const old = `${this.file}.${this.generation}`;
    if (this.random.chance(0.5)) {
      renameSync(this.file, old);
      writeFileSync(this.file, '');
      return 'rename';
    }
    copyFileSync(this.file, old);
    truncateSync(this.file);
    return 'copytruncate';
  }

  async end(): Promise<void> {
    this.stopped = true;
    await this.writing;
  }

  /** Each line is one event. */
  times(): number {
    return 1;
  }

  private async write(): Promise<void> {
    while (!this.stopped) {
      let text = '';
      for (let i = this.random.below(BURST); i > 0; i--) {
        const n = this.written++;
        text += `${1_700_000_000 + n}: Received PUBLISH from writer (d0, q0, r0, m0, '${topicOf(n)}', ... (5 bytes))\n`;
      }
      appendFileSync(this.file, text);
      await delay(PERIOD_MS);
    }
  }
}
