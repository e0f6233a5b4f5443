import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { topLevel } from '../../../src/config/schema.ts';
import { needs } from '../../support/programs.ts';
import { tempDir } from '../../support/temp.ts';

const FOLDER = fileURLToPath(new URL('../../../examples/systemd/', import.meta.url));
const UNIT = readFileSync(path.join(FOLDER, 'brokertap.service'), 'utf8');
const DROP_IN = readFileSync(path.join(FOLDER, 'brokertap.service.d/mosquitto.conf'), 'utf8');

describe('systemd unit', () => {
  it('keeps its state where the probe has it by default', () => {
    const state = topLevel.shape.state.parse(undefined);
    const directory = /^StateDirectory=(.+)$/m.exec(UNIT)?.[1];
    assert.equal(`/var/lib/${directory}`, state);
    assert.ok(UNIT.includes(`TMPDIR=${state}`));
  });

  it(
    'is one that systemd understands, with the drop-in, and exposes little',
    needs('systemd-analyze', 'install systemd'),
    (t) => {
      const directory = tempDir(t);
      const program = path.join(directory, 'brokertap');
      writeFileSync(program, '#!/bin/sh\n');
      chmodSync(program, 0o755);
      const unit = path.join(directory, 'brokertap.service');
      const text = UNIT.replace('ExecStart=brokertap', `ExecStart=${program}`);
      for (const dropIn of ['', DROP_IN]) {
        writeFileSync(unit, text);
        mkdirSync(`${unit}.d`, { recursive: true });
        writeFileSync(`${unit}.d/mosquitto.conf`, dropIn);
        const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', unit], {
          encoding: 'utf8',
        });
        assert.deepEqual([status, stdout, stderr], [0, '', '']);
      }
      writeFileSync(unit, text.replace('RestartSec', 'RestartSecond'));
      assert.match(
        spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' }).stderr,
        /RestartSecond/,
      );
      // In tenths: 0 is nothing, 100 everything.
      execFileSync(
        'systemd-analyze',
        ['security', '--offline=true', '--threshold=20', path.join(FOLDER, 'brokertap.service')],
        { stdio: 'pipe' },
      );
    },
  );
});
