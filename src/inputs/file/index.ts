import type { Input, InputHost } from '../../core/input.ts';
import type { FileInputConfig } from './config.ts';
import { FileTailer } from './tailer.ts';

export { check } from './check.ts';

export function create(config: FileInputConfig, host: InputHost): Input {
  return new FileTailer(config, host);
}
