import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ApiAccess } from '../../../src/emqx-api/access.ts';
import { type Cleanup, tempDir } from '../temp.ts';
import type { EmqxServer } from './server.ts';

/** Access with the key that the stand-in knows. */
export function accessTo(t: Cleanup, server: EmqxServer, more: Partial<ApiAccess> = {}): ApiAccess {
  return {
    url: server.url,
    key: 'key-1',
    secretFile: secretFile(t, 'secret-1'),
    timeoutMs: 2000,
    attempts: 3,
    ...more,
  };
}

/** A file that holds a secret. */
export function secretFile(t: Cleanup, secret: string): string {
  const file = path.join(tempDir(t), 'secret');
  writeFileSync(file, `${secret}\n`);
  return file;
}
