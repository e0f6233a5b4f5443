import { readFileSync } from 'node:fs';
import { checkAcl } from './acl.js';
import { changes, isTrue } from './conf.js';
/** Ports of addresses that name none. */
const DEFAULT_PORTS = {
    'mqtt:': 1883,
    'mqtts:': 8883,
    'ws:': 80,
    'wss:': 443,
};
/** Whether the mirror may log in and read what it subscribes to. */
export function checkMirrorRights(conf, mirror) {
    const listener = listenerOf(conf, mirror);
    return [
        ...mountPoint(listener),
        ...quality(listener),
        ...login(conf, listener, mirror),
        ...checkAcl(conf, listener, mirror),
        ...plugins(conf, listener),
    ];
}
/** The listener that the mirror connects to. */
function listenerOf(conf, mirror) {
    if (mirror === undefined)
        return conf.listeners[0];
    const { protocol, port: given } = new URL(mirror.settings.url);
    const port = given === '' ? DEFAULT_PORTS[protocol] : Number(given);
    return conf.listeners.find((listener) => listener.port === port) ?? conf.listeners[0];
}
function mountPoint(listener) {
    const setting = listener?.settings.findLast(({ name }) => name === 'mount_point');
    if (setting === undefined)
        return [];
    return [
        {
            check: 'mount-point',
            severity: 'error',
            title: `The mirror’s listener shows it "${setting.value}" only: mount_point`,
            lost: 'message-mirrored of every other topic. Let the mirror use a listener without mount_point.',
            changes: [],
        },
    ];
}
function quality(listener) {
    const setting = listener?.settings.findLast(({ name }) => name === 'max_qos');
    if (setting === undefined || Number(setting.value) !== 0)
        return [];
    return [
        {
            check: 'max-qos',
            severity: 'warning',
            title: 'The mirror’s listener allows QoS 0 only: max_qos 0',
            lost: 'Whatever the connection loses: nothing of QoS 0 is sent again.',
            changes: changes([setting], ['max_qos 2'], setting.file),
        },
    ];
}
function login(conf, listener, mirror) {
    if (listener === undefined || mirror?.isConfigured !== true)
        return [];
    const { user } = mirror.settings;
    const isOpen = isTrue(conf.accessOf(listener, 'allow_anonymous'), false);
    const isLocalOnly = conf.listeners.every(({ opened }) => opened === undefined);
    const byCertificate = ['use_identity_as_username', 'use_subject_as_username'].some((name) => listener.settings.some((setting) => setting.name === name));
    if (user === undefined) {
        if (isOpen || isLocalOnly || byCertificate)
            return [];
        return [
            {
                check: 'mirror-login',
                severity: 'error',
                title: 'The mirror has no user, and the broker takes nobody without: allow_anonymous false',
                lost: `All of the mirror. Make a user (mosquitto_passwd FILE brokertap) and give the input "user" and "password_file".`,
                changes: [],
            },
        ];
    }
    const file = conf.accessOf(listener, 'password_file');
    if (file === undefined)
        return [];
    try {
        const names = readFileSync(file.value, 'utf8')
            .split('\n')
            .map((line) => line.split(':')[0]);
        if (names.includes(user))
            return [];
    }
    catch {
        // Its rights are tight, as they should be: whether the user is in it, the connection shows.
        return [];
    }
    return [
        {
            check: 'mirror-login',
            severity: 'error',
            title: `The mirror’s user "${user}" is not in ${file.value}`,
            lost: `All of the mirror: the broker refuses it. Write mosquitto_passwd ${file.value} ${user}, then reload the broker.`,
            changes: [],
        },
    ];
}
function plugins(conf, listener) {
    const found = ['plugin', 'auth_plugin', 'global_plugin'].flatMap((name) => conf.isPerListener && name !== 'global_plugin'
        ? (listener?.settings ?? []).filter((setting) => setting.name === name)
        : conf.all(name));
    if (found.length === 0)
        return [];
    const isDynamic = found.some(({ value }) => value.includes('dynamic_security'));
    return [
        {
            check: 'plugin',
            severity: 'note',
            title: `A plug-in decides about rights: ${found.map(({ value }) => value).join(', ')}`,
            lost: isDynamic
                ? `The mirror's role needs: mosquitto_ctrl dynsec addRoleACL ROLE subscribePattern '#' allow; the same with '$SYS/#', and both with publishClientReceive.`
                : 'What the mirror may read is up to it; give --url to see what it really gets.',
            changes: [],
        },
    ];
}
