import { ApiPoller } from './poller.js';
export function create(config, host) {
    return new ApiPoller(config, host);
}
