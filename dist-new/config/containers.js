/** What a log input may have around its lines; `none` is the framing `lines`, `auto` is told by the first line. */
export const CONTAINERS = [
    'none',
    'docker',
    'cri',
    'syslog',
    'journald',
    'timestamps',
    'prefix',
    'prefix-timestamps',
    'auto',
];
