import { ConfigError } from '../core/errors.js';
import { checkConfig } from './load.js';
const PREFIX = 'BROKERTAP_';
const SHORTEST = 'BROKERTAP_LOG_PATHS=/mosquitto/log/mosquitto.log BROKERTAP_LOGSTASH=logstash:5170';
const FILE = 'environment';
/** True when any variable of the built-in configuration is set, apart from those that the image sets itself. */
export function hasEnvironmentConfig(env) {
    return ['LOG_PATHS', 'MQTT_URL', 'LOGSTASH', 'ELASTICSEARCH'].some((name) => (env[PREFIX + name] ?? '') !== '');
}
/**
 * The built-in configuration of the container image: made of variables only, so that a sidecar needs no file. An empty
 * variable leaves its part out.
 * @throws ConfigError that names the shortest useful set, or what is wrong with a value
 */
export function environmentConfig(env, registry) {
    const get = (name) => env[PREFIX + name] || undefined;
    const fail = (message) => {
        throw new ConfigError([{ file: FILE, line: 0, column: 0, key: '', message }]);
    };
    const paths = get('LOG_PATHS');
    const url = get('MQTT_URL');
    const hosts = get('LOGSTASH');
    const nodes = get('ELASTICSEARCH');
    if ((paths === undefined && url === undefined) || (hosts ?? nodes) === undefined) {
        fail(`no configuration file, and too few variables are set; the shortest useful set is\n${SHORTEST}`);
    }
    const broker = get('BROKER') ?? 'mosquitto';
    const ca = get('CA');
    const tls = ca === undefined ? {} : { tls: { ca } };
    const value = {
        ...given({ name: get('NAME'), state: get('STATE') }),
        inputs: {
            ...(paths !== undefined && {
                log: { type: 'file', broker, paths, ...given({ timezone: get('TIMEZONE') }) },
            }),
            ...(url !== undefined && {
                mirror: {
                    type: 'mqtt',
                    broker,
                    url,
                    topics: '#',
                    ...given({ user: get('MQTT_USER'), password_file: get('MQTT_PASSWORD_FILE') }),
                    ...(/^(mqtts|wss):/.test(url) && tls),
                },
            }),
        },
        outputs: {
            ...(hosts !== undefined && {
                elk: { type: 'logstash', hosts, ...given({ protocol: get('LOGSTASH_PROTOCOL') }), ...tls },
            }),
            ...(nodes !== undefined && {
                search: { type: 'elasticsearch', nodes, ...given({ api_key_file: get('API_KEY_FILE') }), ...tls },
            }),
        },
        ...(get('LISTEN') !== undefined && { telemetry: { listen: get('LISTEN') } }),
    };
    return checkConfig(value, FILE, undefined, registry);
}
function given(values) {
    return Object.fromEntries(Object.entries(values).filter((entry) => entry[1] !== undefined));
}
