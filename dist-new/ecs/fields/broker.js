const broker = ['mqtt.broker'];
const sys = ['mqtt.sys'];
const audit = ['mqtt.audit'];
const probe = ['mqtt.probe'];
/** The broker as a whole: bridges, alarms, and the numbers of its `$SYS` topics. */
export const BROKER_FIELDS = {
    'mqtt.bridge.name': { type: 'keyword', description: 'Name of a bridge', datasets: broker },
    'mqtt.alarm.name': { type: 'keyword', description: 'Name of an alarm', datasets: broker },
    'mqtt.alarm.state': { type: 'keyword', description: 'active or cleared', datasets: broker },
    'mqtt.alarm.details': { type: 'flattened', description: 'Details of an alarm', datasets: broker },
    'mqtt.broker.uptime': {
        type: 'long',
        unit: 's',
        metric: 'gauge',
        description: 'Time since the broker started',
        datasets: sys,
    },
    'mqtt.broker.clients.connected': {
        type: 'long',
        metric: 'gauge',
        description: 'Clients connected',
        datasets: sys,
    },
    'mqtt.broker.clients.disconnected': {
        type: 'long',
        metric: 'gauge',
        description: 'Sessions without connection',
        datasets: sys,
    },
    'mqtt.broker.clients.maximum': {
        type: 'long',
        metric: 'gauge',
        description: 'Most clients so far',
        datasets: sys,
    },
    'mqtt.broker.clients.total': {
        type: 'long',
        metric: 'gauge',
        description: 'Clients connected and sessions without connection',
        datasets: sys,
    },
    'mqtt.broker.clients.expired': {
        type: 'long',
        metric: 'counter',
        description: 'Sessions removed by expiry',
        datasets: sys,
    },
    'mqtt.broker.messages.received': {
        type: 'long',
        metric: 'counter',
        description: 'Packets received',
        datasets: sys,
    },
    'mqtt.broker.messages.sent': {
        type: 'long',
        metric: 'counter',
        description: 'Packets sent',
        datasets: sys,
    },
    'mqtt.broker.messages.dropped': {
        type: 'long',
        metric: 'counter',
        description: 'Messages dropped',
        datasets: sys,
    },
    'mqtt.broker.messages.stored': {
        type: 'long',
        metric: 'gauge',
        description: 'Messages in the store',
        datasets: sys,
    },
    'mqtt.broker.messages.inflight': {
        type: 'long',
        metric: 'gauge',
        description: 'Messages in flight',
        datasets: sys,
    },
    'mqtt.broker.messages.retained': {
        type: 'long',
        metric: 'gauge',
        description: 'Retained messages',
        datasets: sys,
    },
    'mqtt.broker.publish.received': {
        type: 'long',
        metric: 'counter',
        description: 'PUBLISH packets received',
        datasets: sys,
    },
    'mqtt.broker.publish.sent': {
        type: 'long',
        metric: 'counter',
        description: 'PUBLISH packets sent',
        datasets: sys,
    },
    'mqtt.broker.publish.dropped': {
        type: 'long',
        metric: 'counter',
        description: 'PUBLISH packets dropped',
        datasets: sys,
    },
    'mqtt.broker.bytes.received': {
        type: 'long',
        unit: 'bytes',
        metric: 'counter',
        description: 'Bytes received',
        datasets: sys,
    },
    'mqtt.broker.bytes.sent': {
        type: 'long',
        unit: 'bytes',
        metric: 'counter',
        description: 'Bytes sent',
        datasets: sys,
    },
    'mqtt.broker.subscriptions': { type: 'long', metric: 'gauge', description: 'Subscriptions', datasets: sys },
    'mqtt.broker.heap.current': {
        type: 'long',
        unit: 'bytes',
        metric: 'gauge',
        description: 'Memory in use',
        datasets: sys,
    },
    'mqtt.broker.heap.maximum': {
        type: 'long',
        unit: 'bytes',
        metric: 'gauge',
        description: 'Most memory in use',
        datasets: sys,
    },
    'mqtt.sys.other': {
        type: 'flattened',
        description: '$SYS topics without a field of their own',
        datasets: sys,
    },
};
/** Administration of a broker. */
export const AUDIT_FIELDS = {
    'mqtt.audit.interface': { type: 'keyword', description: 'rest_api, dashboard, cli, …', datasets: audit },
    'mqtt.audit.operation': { type: 'keyword', description: 'Command or API operation', datasets: audit },
    'mqtt.audit.request': { type: 'flattened', description: 'Arguments, secrets replaced', datasets: audit },
};
/** The probe about itself. */
export const PROBE_FIELDS = {
    'mqtt.probe.state': {
        type: 'keyword',
        description: 'running, degraded, blocked or stopping',
        datasets: probe,
    },
    'mqtt.probe.uptime': {
        type: 'long',
        unit: 's',
        description: 'Time since the probe started',
        datasets: probe,
    },
    'mqtt.probe.input.name': { type: 'keyword', description: 'Input that the event is about', datasets: probe },
    'mqtt.probe.output.name': {
        type: 'keyword',
        description: 'Output that the event is about',
        datasets: probe,
    },
    'mqtt.probe.process.resident_memory': {
        type: 'long',
        unit: 'bytes',
        description: 'Memory of the probe',
        datasets: probe,
    },
    'mqtt.probe.process.cpu_milliseconds': {
        type: 'long',
        unit: 'ms',
        description: 'CPU time of the probe since its start',
        datasets: probe,
    },
};
