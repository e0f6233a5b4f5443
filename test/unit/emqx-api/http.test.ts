import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { RetryableError } from '../../../src/core/errors.ts';
import { HttpClient } from '../../../src/emqx-api/http.ts';
import { tempDir } from '../../support/temp.ts';

const { signal } = new AbortController();

describe('a request that cannot be made is tried again', () => {
  for (const [name, begun] of [
    ['without an end', '-----BEGIN CERTIFICATE-----\nMIIB'],
    ['without anything', ''],
  ] as const)
    it(`a certificate that is being replaced is ${name}`, async (t) => {
      const cert = path.join(tempDir(t), 'cert.pem');
      writeFileSync(cert, begun);
      const client = new HttpClient({ cert, key: cert }, 1000);
      t.after(() => client.close());
      const url = new URL('https://127.0.0.1:9/api/v5/nodes');
      await assert.rejects(
        client.send({ method: 'GET', url, authorization: undefined }, signal),
        RetryableError,
      );
    });

  it('a login has given a token that no header can hold', async (t) => {
    const client = new HttpClient(undefined, 1000);
    t.after(() => client.close());
    const url = new URL('http://127.0.0.1:9/api/v5/nodes');
    const authorization = 'Bearer one\r\ntwo';
    await assert.rejects(client.send({ method: 'GET', url, authorization }, signal), RetryableError);
  });
});
