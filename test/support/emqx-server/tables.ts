/** A row of `GET /clients`, with EMQX's own keys. */
export type Row = { [key: string]: unknown };

const AT = Date.UTC(2026, 10, 21, 8);

/** RFC 3339 as EMQX 5 writes it. */
export function rfc3339(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+00:00');
}

/** A client that is connected; all keys that EMQX 6.2 has for one in memory. */
export function clientRow(n: number, more: Row = {}): Row {
  return {
    clientid: `sensor-${n}`,
    username: `plant-${n % 7}`,
    node: `emqx@10.20.0.${1 + (n % 3)}`,
    listener: 'tcp:default',
    mountpoint: null,
    ip_address: `10.21.${(n >> 8) % 256}.${n % 256}`,
    port: 20_000 + (n % 40_000),
    peerport: 20_000 + (n % 40_000),
    proto_name: 'MQTT',
    proto_ver: 5,
    connected: true,
    is_bridge: false,
    clean_start: true,
    is_persistent: false,
    durable: false,
    is_expired: false,
    enable_authn: true,
    keepalive: 60,
    expiry_interval: 7200,
    created_at: rfc3339(AT + n),
    connected_at: rfc3339(AT + 1000 + n),
    client_attrs: { tns: 'site1' },
    recv_oct: 18_231 + n,
    send_oct: 5122 + n,
    recv_cnt: 412,
    send_cnt: 409,
    recv_pkt: 410,
    send_pkt: 407,
    recv_msg: 388,
    'recv_msg.qos0': 300,
    'recv_msg.qos1': 88,
    'recv_msg.qos2': 0,
    'recv_msg.dropped': 0,
    'recv_msg.dropped.await_pubrel_timeout': 0,
    send_msg: 16,
    'send_msg.qos0': 16,
    'send_msg.qos1': 0,
    'send_msg.qos2': 0,
    'send_msg.dropped': 0,
    'send_msg.dropped.expired': 0,
    'send_msg.dropped.queue_full': 0,
    'send_msg.dropped.too_large': 0,
    subscriptions_cnt: 4,
    subscriptions_max: 'infinity',
    inflight_cnt: 0,
    inflight_max: 32,
    mqueue_len: 0,
    mqueue_max: 1000,
    mqueue_dropped: 0,
    awaiting_rel_cnt: 0,
    awaiting_rel_max: 100,
    heap_size: 4185,
    reductions: 77_812,
    mailbox_len: 0,
    ...more,
  };
}

/** Keys that `fields` may name (`requested_client_fields` of emqx_mgmt_api_clients): not all that a row has. */
export const UNKNOWN_FIELDS: ReadonlySet<string> = new Set([
  'enable_authn',
  'is_persistent',
  'listener',
  'peerport',
]);

/** A row as 4.4 has it: local times without zone, other names. */
export function row4({
  subscriptions_max,
  inflight_cnt,
  mqueue_max,
  created_at,
  connected_at,
  ...row
}: Row): Row {
  const local = (time: unknown): string => {
    const at = new Date(String(time));
    const two = (n: number): string => String(n).padStart(2, '0');
    return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  };
  return {
    ...row,
    zone: 'external',
    max_subscriptions: 0,
    max_mqueue: mqueue_max,
    inflight: inflight_cnt,
    created_at: local(created_at),
    connected_at: local(connected_at),
  };
}

/** An audit record of the REST API (`emqx_audit_api:format/1`): what is not used is an empty text. */
export function auditRow(n: number, more: Row = {}): Row {
  return {
    created_at: new Date(AT + n * 10).toISOString().replace('Z', '123+00:00'),
    node: 'emqx@10.20.0.1',
    from: 'rest_api',
    source: 'key-1',
    source_ip: '10.20.0.9',
    operation_id: '/rules/:id',
    operation_type: 'rules',
    operation_result: 'success',
    http_status_code: 200,
    http_method: 'put',
    duration_ms: 3,
    args: '',
    failure: '',
    http_request: { bindings: { id: `r${n}` }, body: { enable: true }, headers: {}, method: 'put' },
    ...more,
  };
}
