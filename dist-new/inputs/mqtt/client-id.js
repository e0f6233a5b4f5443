/** Client identifier of a mirror: stable, so that the broker keeps its session. */
export function clientIdOf(config, host, input) {
    return config.client_id ?? `brokertap-${host}-${input}`.replace(/[^A-Za-z0-9_.-]/g, '-');
}
