import { existsSync, readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { ConfigError, reasonOf, UsageError } from '../core/errors.js';
import { interpolate } from './interpolate.js';
import { topLevel } from './schema.js';
import { suggest } from './suggest.js';
const DEFAULT_FILES = ['brokertap.yaml', '/etc/brokertap/brokertap.yaml'];
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const NOWHERE = () => ({ line: 0, column: 0 });
/** The shortest configuration that does something. */
export const SHORTEST = `inputs:
  log: {type: file, broker: mosquitto, paths: /var/log/mosquitto/mosquitto.log}
outputs:
  elk: {type: logstash, hosts: "localhost:5170"}`;
/**
 * The file to read: the one given, or the first default that exists; undefined when none does.
 * @throws UsageError when the one given does not exist
 */
export function findConfigFile(given) {
    if (given === undefined)
        return DEFAULT_FILES.find((file) => existsSync(file));
    if (!existsSync(given))
        throw new UsageError(`${given}: no such file; write one, for example\n${SHORTEST}`);
    return given;
}
/** Reads and checks a configuration file. @throws ConfigError with everything that is wrong in it */
export function loadConfig(file, env, registry) {
    let text;
    try {
        text = readFileSync(file, 'utf8');
    }
    catch (error) {
        throw new UsageError(`${file} cannot be read: ${reasonOf(error)}`);
    }
    return parseConfig(text, file, env, registry);
}
/**
 * Checks the text of a configuration file.
 * @param file its name, for messages
 * @throws ConfigError with everything that is wrong in it
 */
export function parseConfig(text, file, env, registry) {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const issues = [];
    const place = (offset) => {
        const { line, col } = lines.linePos(offset);
        return { line, column: col };
    };
    for (const error of document.errors) {
        issues.push({ file, ...place(error.pos[0]), key: '', message: sentence(error.message) });
    }
    if (issues.length > 0)
        throw new ConfigError(issues);
    if (!isMap(document.contents)) {
        throw new ConfigError([
            { file, line: 1, column: 1, key: '', message: `nothing is configured; write at least\n${SHORTEST}` },
        ]);
    }
    visit(document, {
        Scalar(key, node) {
            if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${'))
                return;
            const result = interpolate(node.value, env);
            if ('text' in result)
                node.value = result.text;
            else {
                const message = `${result.missing.map((name) => `\${${name}}`).join(', ')} is not set; set it, or write a default: \${NAME:default}`;
                issues.push({ file, ...place(node.range?.[0] ?? 0), key: '', message });
            }
        },
    });
    const locate = (path, key) => place(offsetOf(document, path, key === true));
    return checkConfig(document.toJS(), file, locate, registry, issues);
}
/**
 * Checks a configuration that is an object already.
 * @param file where it comes from, for messages
 * @throws ConfigError with everything that is wrong in it
 */
export function checkConfig(value, file, locate = NOWHERE, registry, issues = []) {
    const report = (path, message, key = false) => {
        issues.push({ file, ...locate(path, key), key: path.join('.'), message });
    };
    const checked = checkWith(topLevel, value, [], report);
    const inputs = {};
    const outputs = {};
    for (const [name, given] of entries(value, 'inputs', report)) {
        const input = checkPlugin(['inputs', name], given, registry.inputs, report);
        if (input === undefined)
            continue;
        if (!registry.brokers.includes(input.broker)) {
            report(['inputs', name, 'broker'], unknown('broker', input.broker, registry.brokers));
        }
        if (checked?.privacy !== undefined && 'original' in input && input.original) {
            report(['inputs', name, 'original'], 'the line as it is hides nothing; leave it out, or "privacy"');
        }
        if (checked?.privacy !== undefined && 'prometheus' in input && input.prometheus.length > 0) {
            report(['inputs', name, 'prometheus'], 'series name clients and users as they are; leave it out, or "privacy"');
        }
        if (input.type === 'file' && input.when_full !== undefined && !input.spool) {
            report(['inputs', name, 'when_full'], 'a file waits where it is; leave it out, or write "spool: true"');
        }
        if (input.broker === 'json' && !('fields' in input))
            report(['inputs', name, 'broker'], 'records of "json" need a "fields" table: an input of type tcp has one');
        inputs[name] = input;
    }
    for (const [name, given] of entries(value, 'outputs', report)) {
        const output = checkPlugin(['outputs', name], given, registry.outputs, report);
        if (output !== undefined)
            outputs[name] = output;
    }
    if (issues.length > 0 || checked === undefined)
        throw new ConfigError(issues.toSorted((a, b) => a.line - b.line || a.column - b.column));
    return { ...checked, inputs, outputs };
}
function entries(value, room, report) {
    const given = typeof value === 'object' && value !== null && room in value
        ? value[room]
        : undefined;
    if (typeof given !== 'object' || given === null || Object.keys(given).length === 0) {
        report([room], `at least one is needed; for example\n${SHORTEST}`);
        return [];
    }
    const all = Object.entries(given);
    for (const [name] of all.filter(([name]) => !NAME.test(name))) {
        report([room, name], 'a name has 1 to 64 letters, digits, _ or -', true);
    }
    return all;
}
function checkPlugin(path, given, types, report) {
    const type = typeof given === 'object' && given !== null && 'type' in given ? given.type : undefined;
    if (type === undefined) {
        report(path, `"type" is missing; write one of ${Object.keys(types).join(', ')}`, true);
        return undefined;
    }
    const known = typeof type === 'string' && Object.hasOwn(types, type) ? types[type] : undefined;
    if (known === undefined) {
        report([...path, 'type'], unknown('type', String(type), Object.keys(types)));
        return undefined;
    }
    return checkWith(known.config, given, path, report);
}
function checkWith(schema, value, base, report) {
    const result = schema.safeParse(value);
    if (result.success)
        return result.data;
    for (const issue of result.error.issues) {
        const path = [...base, ...issue.path];
        if (issue.path[0] === 'inputs' || issue.path[0] === 'outputs')
            continue;
        if (issue.code === 'unrecognized_keys') {
            for (const key of issue.keys)
                report([...path, key], unknownKey(key, keysAt(schema, issue.path)), true);
        }
        else if (issue.code !== 'custom' && issue.path.length > 0 && valueAt(value, issue.path) === undefined) {
            report(path, 'is missing');
        }
        else if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
            const keys = keysAt(schema, issue.path);
            report(path, `write ${FORMS[issue.expected] ?? issue.expected}${keys.length > 0 ? ` with keys of ${keys.join(', ')}` : ''}`);
        }
        else {
            report(path, issue.message);
        }
    }
    return undefined;
}
/** What to write where a value has the wrong form, by the schema's word for the right one. */
const FORMS = {
    string: 'a text (in quotes if it looks like something else)',
    object: 'a mapping',
    record: 'a mapping',
    array: 'a list',
    number: 'a number',
    boolean: 'true or false',
};
function unknownKey(key, known) {
    if (/pass(word)?|secret|token/i.test(key) && known.includes('password_file')) {
        return 'unknown key; secrets come from files: write password_file and the path of a file that holds it';
    }
    const near = suggest(key, known);
    return near === undefined
        ? `unknown key; there are ${known.join(', ')}`
        : `unknown key; did you mean "${near}"?`;
}
function unknown(what, word, known) {
    const near = suggest(word, known);
    const hint = near === undefined ? `there are ${known.join(', ')}` : `did you mean "${near}"?`;
    return `unknown ${what} "${word}"; ${hint}`;
}
/** Keys of the object in a schema at a path. */
function keysAt(schema, path) {
    let node = schema;
    const inner = (value) => {
        let current = value;
        for (;;) {
            const def = current.def;
            if (def?.innerType !== undefined)
                current = def.innerType;
            else if (def?.type === 'pipe')
                current = def.in;
            else if (def?.type === 'union')
                current = def.options?.find((option) => 'shape' in inner(option)) ?? def.options?.at(-1);
            else
                return current;
        }
    };
    for (const step of path) {
        const current = inner(node);
        node = typeof step === 'number' ? current.element : current.shape?.[String(step)];
        if (node === undefined)
            return [];
    }
    const { shape } = inner(node);
    return Object.keys(shape ?? {});
}
function valueAt(value, path) {
    return path.reduce((at, key) => at?.[key], value);
}
/** Offset in the text of a value, or of the nearest one above it that exists. */
function offsetOf(document, path, key) {
    for (let length = path.length; length >= 0; length--) {
        const parent = length === 0 ? undefined : document.getIn(path.slice(0, length - 1), true);
        const last = path[length - 1];
        const pair = isMap(parent)
            ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(last))
            : undefined;
        const wanted = pair !== undefined && (key || length < path.length)
            ? pair.key
            : document.getIn(path.slice(0, length), true);
        const range = wanted?.range;
        if (range)
            return range[0];
    }
    return 0;
}
function sentence(message) {
    return message.replace(/\s+/g, ' ').replace(/ at line \d+, column \d+:?.*$/, '');
}
