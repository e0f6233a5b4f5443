import { reasonOf } from '../../core/errors.ts';
import { EmqxApi } from '../../emqx-api/api.ts';
import { accessOf, type EmqxApiInputConfig } from './config.ts';

const TIMEOUT_MS = 10_000;

/** As in `InputType`: asks for the first page of what the input polls. */
export async function check(config: EmqxApiInputConfig): Promise<string | undefined> {
  const api = new EmqxApi(accessOf(config));
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    for (const path of config.audit ? ['clients', 'audit'] : ['clients'])
      for await (const _ of api.pages(path, {}, 1, (row) => row, signal)) break;
    return undefined;
  } catch (error) {
    return reasonOf(error);
  } finally {
    api.close();
  }
}
