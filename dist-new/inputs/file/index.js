import { FileTailer } from './tailer.js';
export function create(config, host) {
    return new FileTailer(config, host);
}
