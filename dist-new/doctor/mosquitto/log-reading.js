import { open } from 'node:fs/promises';
import { dialect } from '../../brokers/mosquitto/index.js';
import { detectFraming, openDecoder } from '../../framing/detect.js';
const HEAD_BYTES = 1024;
/** Of a long stretch only the end is read. */
const MAX_BYTES = 4 * 1024 * 1024;
const LIMIT_BYTES = 4096;
/** Topics that are told apart. */
const MAX_TOPICS = 10_000;
/**
 * Reads a stretch of a log file.
 * @param from offset in bytes; a line that it cuts is left out
 * @throws Error when it cannot be read
 */
export async function readLog(file, from, to, clientId) {
    const handle = await open(file, 'r');
    try {
        const head = Buffer.alloc(HEAD_BYTES);
        const framing = detectFraming(head.subarray(0, (await handle.read(head, 0, HEAD_BYTES, 0)).bytesRead));
        const start = Math.max(from, to - MAX_BYTES);
        const bytes = Buffer.alloc(Math.max(0, to - start));
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
        const text = bytes.subarray(0, bytesRead);
        const firstLine = start === 0 ? 0 : text.indexOf(0x0a) + 1;
        return decode(text.subarray(firstLine), framing, clientId);
    }
    finally {
        await handle.close();
    }
}
function decode(bytes, framing, clientId) {
    const reading = {
        framing,
        lines: 0,
        types: new Map(),
        actions: new Map(),
        topics: new Set(),
        namesClient: false,
        isStampless: false,
    };
    const emit = ({ action, level, slots }, _time, message, values) => {
        increase(reading.actions, action);
        increase(reading.types, typeOf(action, level));
        if (clientId !== undefined && message.includes(clientId))
            reading.namesClient = true;
        const topic = values[slots.indexOf('mqtt.topic')];
        if (action === 'message-published' && typeof topic === 'string' && reading.topics.size < MAX_TOPICS)
            reading.topics.add(topic);
    };
    const session = dialect.open({ ownClients: new Set(), topicRoot: 2 }, emit);
    let isStamped = false;
    const decoder = openDecoder(framing, { program: 'mosquitto' });
    decoder(bytes, 0, bytes.length, LIMIT_BYTES, false, (line, _start, marks, seen, _length, header) => {
        if (line === '' || (header !== undefined && header.origin !== 'broker'))
            return true;
        reading.lines++;
        isStamped ||= seen !== undefined;
        session.line(line, seen ?? 0, marks);
        return true;
    });
    reading.isStampless = reading.lines > 0 && !isStamped && session.state().stamp === 'none';
    return reading;
}
/** `log_type` of a line. */
function typeOf(action, level) {
    if (action === 'subscription-added')
        return 'subscribe';
    if (action === 'subscription-removed')
        return 'unsubscribe';
    return level ?? 'unknown';
}
function increase(counts, key) {
    counts.set(key, (counts.get(key) ?? 0) + 1);
}
