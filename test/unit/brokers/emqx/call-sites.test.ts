import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAuditRecord } from '../../../../src/brokers/emqx/audit/forms.ts';
import { one, type Read } from '../../../support/emqx.ts';

const STAMP = '2025-05-14T06:40:40.137021+00:00';
const text = (line: string, level = 'warning'): Read | undefined => one(`${STAMP} [${level}] ${line}`);
const json = (record: object): Read | undefined =>
  one(JSON.stringify({ time: 1747204840685105, level: 'error', pid: '<0.9.0>', ...record }));
const told = (event: Read | undefined, ...fields: string[]): unknown[] => [
  event?.action,
  ...fields.map((field) => event?.values[field] ?? event?.constants[field]),
];

describe('EMQX: refusals', () => {
  it('connections refused for the license, and for what clients and their certificates call themselves', () => {
    for (const [line, reason] of [
      ['tag: LICENSE, clientid: c, msg: connection_rejected_due_to_license_expired', 'license_expired'],
      [
        'msg: connection_rejected_due_to_license_limit_reached, mfa: emqx_license:check/2, line: 83, clientid: c',
        'license_limit_reached',
      ],
      ['clientid: c, msg: connection_rejected_due_to_license_not_loaded, reason: enoent', 'enoent'],
      [
        'clientid: c, msg: clientinfo_field_rejected, field: username, reason: contains_control_characters',
        'contains_control_characters',
      ],
      [
        'clientid: c, msg: peer_certificate_field_rejected, field: cn, source: subject, reason: contains_control_characters',
        'contains_control_characters',
      ],
    ] as const) {
      const event = text(line, 'error');
      assert.deepEqual(
        told(event, 'event.reason', 'mqtt.client.id'),
        ['client-connection-rejected', reason, 'c'],
        line,
      );
    }
  });

  it('delayed messages of clients that are banned', () => {
    const event = json({ msg: 'ignore_delayed_message_publish', reason: 'client is banned', clienid: 'c' });
    assert.deepEqual(told(event, 'event.reason', 'mqtt.client.id'), ['broker-log', 'client_is_banned', 'c']);
  });

  it('denials by gateways', () => {
    assert.deepEqual(
      told(text('msg: publish_denied, topic: lwm2m/1/up, clientid: ep'), 'mqtt.topic', 'mqtt.acl.operation'),
      ['publish-denied', 'lwm2m/1/up', 'publish'],
    );
    assert.deepEqual(told(json({ msg: 'publish_msg_denied', to_topic: 'jt808/1/up' }), 'mqtt.topic'), [
      'publish-denied',
      'jt808/1/up',
    ]);
    assert.deepEqual(told(text('msg: mqttsn_will_publish_rejected, topic: gone'), 'mqtt.topic'), [
      'publish-denied',
      'gone',
    ]);
    assert.deepEqual(
      told(json({ msg: 'subscribe_denied', topic: 'ocpp/cs/1' }), 'mqtt.subscription.filter'),
      ['subscribe-denied', 'ocpp/cs/1'],
    );
  });
});

describe('EMQX: what an entry is about', () => {
  it('packet identifiers and types of acknowledgements that belong to nothing', () => {
    const fields = ['mqtt.packet.type', 'mqtt.message_id', 'event.reason'];
    assert.deepEqual(told(json({ msg: 'puback_packetId_inuse', packetId: 231, clientid: 'c' }), ...fields), [
      'broker-log',
      'puback',
      231,
      'packet_identifier_inuse',
    ]);
    const line =
      'clientid: c, line: 461, mfa: emqx_channel:handle_in/2, msg: pubrel_packetId_not_found, packetId: 90';
    assert.deepEqual(told(text(line), ...fields), [
      'broker-log',
      'pubrel',
      90,
      'packet_identifier_not_found',
    ]);
  });

  it('the filter of a subscription', () => {
    const line =
      'msg: topic_metrics2_register_failed, name: <<"tm1">>, reason: quota_exceeded, topic_filter: <<"plant/+/temp">>';
    assert.deepEqual(told(text(line), 'mqtt.subscription.filter', 'event.reason'), [
      'broker-log',
      'plant/+/temp',
      'quota_exceeded',
    ]);
    const event = json({
      msg: 'mq_extsub_handler_subscribe_error',
      topic_filter: '$share/g/a/#',
      reason: 'timeout',
    });
    assert.deepEqual(told(event, 'mqtt.subscription.filter', 'mqtt.log.fields'), [
      'broker-log',
      'a/#',
      { pid: '<0.9.0>', topic_filter: '$share/g/a/#' },
    ]);
  });

  it('the address of a client that the entry’s process does not belong to', () => {
    const line =
      'msg: flapping_detected, mfa: emqx_flapping:handle_cast/2, line: 141, clientid: c, detect_cnt: 15, peer_host: 10.8.1.78, wind_time_in_ms: 60000';
    assert.deepEqual(told(text(line), 'source.ip', 'source.port', 'source.address'), [
      'broker-log',
      '10.8.1.78',
      undefined,
      undefined,
    ]);
    assert.equal(
      json({ msg: 'flapping_detected', peer_host: '2001:db8::7' })?.values['source.ip'],
      '2001:db8::7',
    );
    const own = json({ msg: 'flapping_detected', peer_host: '10.8.1.78', peername: '10.8.1.79:5' });
    assert.equal(own?.values['source.ip'], '10.8.1.79');
    assert.equal(
      json({ msg: 'flapping_detected', peer_host: 'undefined' })?.values['source.address'],
      undefined,
    );
  });

  it('traces without a client have no address', () => {
    const event = one(
      `${STAMP} [QUERY] @ msg: tdengine_connector_received, connector: connector:tdengine:td`,
    );
    assert.deepEqual(told(event, 'source.address', 'source.ip', 'mqtt.client.id'), [
      'broker-log',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('a function that has failed is not what wrote the entry', () => {
    const line = `msg: failed_to_trigger_alarm_event, mfa: {emqx_hooks,run,['alarm.activated',[]]}, reason: {error,noproc}`;
    assert.equal(text(line)?.values['log.logger'], undefined);
    const entry = json({ msg: 'unclean_terminate', mfa: '{emqx_connection,terminate,2}' });
    assert.equal(entry?.values['log.logger'], 'emqx_connection:terminate/2');
  });

  it('ids of authenticators are no secrets, tokens are', () => {
    const line =
      'msg: emqx_authn_jwks_client_query_failed, command: get_jwks, connector: <<"emqx_authn_jwt:1">>, reason: noproc';
    assert.deepEqual(text(line)?.values['mqtt.log.fields'], {
      command: 'get_jwks',
      connector: 'emqx_authn_jwt:1',
    });
    const kept = JSON.stringify(text('msg: x, config: #{jwt => <<"s3cret">>}, my_jwt: s3cret, jwt: s3cret'));
    assert.ok(!kept.includes('s3cret'), kept);
  });
});

describe('EMQX: reasons of entries', () => {
  const reason = (event: Read | undefined): unknown => event?.values['event.reason'];

  it('answers of HTTP services', () => {
    const line =
      'msg: http_connector_do_request_received_error_response, connector: <<"bridge:webhook:w">>, status_code: 403';
    assert.equal(reason(text(line)), 'http_403');
    assert.equal(reason(json({ msg: 'gcp_pubsub_backoff_error_response', status_code: 503 })), 'http_503');
    assert.equal(reason(json({ msg: 'gcp_pubsub_response', status_code: 200 })), undefined);
    assert.equal(
      reason(text('msg: gcp_wif_worker_step_failed, reason: #{body => <<"no">>,status_code => 401}')),
      'http_401',
    );
    assert.equal(
      reason(json({ msg: 'x', reason: { body: 'no', status_code: 403, reason: 'denied' } })),
      'denied',
    );
    const nested = '{unrecoverable_error,#{body => <<"not here">>,status_code => 404}}';
    assert.equal(reason(text(`msg: unrecoverable_resource_error, reason: ${nested}`)), 'http_404');
    assert.equal(reason(json({ msg: 'x', reason: nested })), 'http_404');
  });

  it('lists of errors, and what was raised', () => {
    const line = 'msg: influxdb_trans_point_failed, reason: [{error,{bad_timestamp,undefined}}]';
    assert.equal(reason(text(line)), 'bad_timestamp');
    assert.equal(
      reason(json({ msg: 'unclean_terminate', exception: 'error', context: '{badmatch,undefined}' })),
      'badmatch',
    );
    assert.equal(reason(json({ msg: 'x', exception: 'error' })), undefined);
    assert.equal(reason(json({ msg: 'x', exception: 'error', reason: 'noproc' })), 'noproc');
  });

  it('bytes that are no packet, and packets that could not be written', () => {
    const frame =
      'mfa: emqx_connection:parse_incoming/3, line: 818, peername: 10.1.1.9:40573, clientid: c, at_state: #{state => clean}, input_bytes: <<16,12>>, parsed_packets: [], reason: function_clause, stacktrace: []';
    assert.deepEqual(told(text(frame, 'error'), 'event.reason', 'error.message'), [
      'protocol-error',
      'malformed_packet',
      'function_clause',
    ]);
    const packet =
      '{mqtt_packet,{mqtt_packet_header,3,false,1,false},{mqtt_packet_publish,<<"a/b">>,12,#{}},<<"22.75">>}';
    const unwritten = text(
      `tag: MQTT, clientid: c, peername: 10.1.1.9:5, exception: {badmatch,<<1,2>>}, input_packet: ${packet}, stacktrace: []`,
      'error',
    );
    assert.deepEqual(told(unwritten, 'event.reason', 'mqtt.client.id'), ['broker-log', 'badmatch', 'c']);
    assert.ok(!JSON.stringify(unwritten).includes('22.75'));
    const written = json({ input_packet: packet, reason: 'bad_subqos', tag: 'MQTT', clientid: 'c' });
    assert.deepEqual(told(written, 'event.reason', 'mqtt.client.id'), ['broker-log', 'bad_subqos', 'c']);
  });
});

describe('EMQX: packets as Erlang records', () => {
  const header = (type: number): string => `{mqtt_packet,{mqtt_packet_header,${type},true,1,false},`;

  it('the type of one that was not expected', () => {
    const packet = `${header(1)}{mqtt_packet_connect,<<"MQTT">>,4,false,true,false,0,false,30,#{},<<"dup">>,#{},undefined,undefined,<<"svc">>,<<"pw-22">>},undefined}`;
    for (const event of [
      json({ msg: 'disconnecting_due_to_unexpected_message', packet }),
      text(`msg: disconnecting_due_to_unexpected_message, clientid: c, packet: ${packet}`),
    ]) {
      assert.deepEqual(told(event, 'mqtt.packet.type'), ['protocol-error', 'connect']);
      assert.ok(!JSON.stringify(event).includes('pw-22'));
    }
    const printed = text(
      'msg: disconnecting_due_to_unexpected_message, packet: AUTH(Q0, R0, D0, ReasonCode=24)',
    );
    assert.deepEqual(told(printed, 'mqtt.packet.type'), ['protocol-error', 'auth']);
  });

  it('the one that a stream of QUIC has sent', () => {
    const publish = `${header(3)}{mqtt_packet_publish,<<"q/1/a">>,77,#{}},<<"quic-body">>}`;
    const event = one(
      `${STAMP} [MQTT] c@10.1.1.9:5 msg: mqtt_packet_sent, packets: [${publish}], username: undefined`,
    );
    assert.deepEqual(told(event, 'mqtt.topic', 'mqtt.qos', 'mqtt.duplicate', 'mqtt.message_id'), [
      'message-delivered',
      'q/1/a',
      1,
      true,
      77,
    ]);
    assert.ok(!JSON.stringify(event).includes('quic-body'));
    const ack = json({
      msg: 'mqtt_packet_sent',
      packets: [`${header(4)}{mqtt_packet_puback,9,0,#{}},undefined}`],
    });
    assert.deepEqual(told(ack, 'mqtt.packet.type'), ['message-acknowledged', 'puback']);
    const two = json({ msg: 'mqtt_packet_sent', packets: [publish, publish] });
    assert.deepEqual(told(two), ['broker-log']);
    assert.ok(!JSON.stringify(two).includes('quic-body'));
  });
});

describe('EMQX: names of JSON entries', () => {
  it('a sentence with values of its own is a name', () => {
    for (const [record, code] of [
      [{ msg: 'Egress started', shard: '3' }, 'emqx.egress_started'],
      [{ msg: 'invalid request', connector: 'bridge:tdengine:td1' }, 'emqx.invalid_request'],
      [
        { msg: 'Unsupported operation: set TCP keepalive', os: '{win32,nt}', clientid: 'c' },
        'emqx.unsupported_operation_set_tcp_keepalive',
      ],
      [
        { msg: 'RabbitMQ connector received query', connector: 'c' },
        'emqx.rabbitmq_connector_received_query',
      ],
      [
        { msg: "cannot_forward_messages_as_'egress'_is_not_configured" },
        'emqx.cannot_forward_messages_as__egress__is_not_configured',
      ],
    ] as const)
      assert.equal(json(record)?.code, code);
  });

  it('prose is none', () => {
    for (const record of [
      { msg: 'Unexpected call: {foo,bar}' },
      { msg: 'Egress started' },
      {
        msg: 'Egress started',
        clientid: 'c',
        peername: '10.1.1.9:5',
        username: 'u',
        tns: 't',
        mfa: 'a:b/1',
        line: 7,
        gl: '<0.1.0>',
      },
      { msg: 'Failed to connect to 10.1.1.9: {error,econnrefused}', rule_id: 'r1' },
      { msg: 'x '.repeat(80), shard: '3' },
    ])
      assert.equal(json(record)?.code, 'emqx.log');
    const crash = {
      msg: 'Generic server x terminating. Reason: badarg',
      error_logger: { tag: 'error' },
      shard_id: '0',
    };
    assert.equal(json(crash)?.code, 'emqx.crash');
  });
});

describe('EMQX 5.3: audit records of start and stop', () => {
  it('name an event', () => {
    for (const event of ['emqx_start', 'emqx_gracefully_stop']) {
      const read = one(JSON.stringify({ time: 1747221371037918, level: 'alert', from: 'cli', event }));
      assert.deepEqual(
        [read?.code, ...told(read, 'mqtt.audit.interface', 'mqtt.audit.operation')],
        ['audit.cli', 'audit-command', 'cli', event],
      );
    }
    assert.ok(!isAuditRecord({ event: 'client.connected', from: 'cli', clientid: 'c' }));
    assert.ok(!isAuditRecord({ event: 'message.publish', from: 'c' }));
  });
});

describe('EMQX: reasons behind other words', () => {
  it('in prose', () => {
    for (const [line, reason] of [
      [
        'refresh_resource failed: {{emqx_web_hook_actions,on_resource_create},{error,econnrefused,[{a,b,1,[]}]}}',
        'econnrefused',
      ],
      [
        'check mongo (publish) ACL failed, got ACL config: [#{}], error: {error:function_clause}',
        'function_clause',
      ],
      [
        "Table 'emqx_ds_builtin_metadata_tab' unusable, migration skipped: {no_exists,emqx_ds_builtin_metadata_tab}",
        'no_exists',
      ],
      ['MQTT-SN(10.91.0.5:41884): Keepalive timeout in connected', 'keep_alive_timeout'],
      [
        'Failed to execute function on_message_acked(), which has syntax error, St={{lua_error,{badarith,x},{luerl,x}},[]}',
        'lua_error',
      ],
      [
        'Failed to execute register_hook function in lua script "/etc/emqx/lua/plant.lua", which has syntax error, St1={{lua_error,{undefined_function,nil},{luerl,x}},[]}',
        'lua_error',
      ],
      [
        'Attempt to claim site with ID=9F1C0A77B2D3E4F5 failed: {no_exists,emqx_ds_builtin_site_tab} mfa: undefined',
        'no_exists',
      ],
    ] as const)
      assert.deepEqual(told(text(line, 'error'), 'event.reason'), ['broker-log', reason], line);
  });

  it('behind a place, and in a map that is printed as a text', () => {
    const place = json({ msg: 'invaild_json_format_to_deliver', reason: '{error,{19,invalid_json}}' });
    assert.deepEqual(told(place, 'event.reason', 'error.message'), [
      'broker-log',
      'invalid_json',
      '{error,{19,invalid_json}}',
    ]);
    const map = json({ msg: 'decode', reason: '#{msg => "x",reason => plugin_serde_not_found}' });
    assert.deepEqual(told(map, 'event.reason'), ['broker-log', 'plugin_serde_not_found']);
  });

  it('a node that does not answer, and the identifier of a message that MQTT-SN drops', () => {
    const ping = text('Ekka(Membership): Failed to ping emqx4@10.93.0.4', 'error');
    assert.deepEqual(told(ping, 'mqtt.log.fields'), ['broker-log', { node: 'emqx4@10.93.0.4' }]);
    for (const line of ['[Bridge] Node up: emqx2@10.102.0.12', '[Bridge] node down: emqx2@10.102.0.12'])
      assert.deepEqual(told(text(line), 'mqtt.log.fields'), ['broker-log', { node: 'emqx2@10.102.0.12' }]);
    const dropped = text(
      'clientid: c, msg: dropped_the_qos2_packet_due_to_awaiting_rel_full, msg_id: 4711, peername: 10.0.0.1:5',
    );
    assert.deepEqual(told(dropped, 'mqtt.message_id', 'mqtt.client.id'), ['message-dropped', 4711, 'c']);
  });

  it('what a device of LwM2M says of itself is not told', () => {
    const event = text(
      'LWM2M-JSON: encode_json BaseName=<<"/3303/0">>, E=[#{sv => <<"dark-secret">>}]',
      'debug',
    );
    assert.doesNotMatch(JSON.stringify(event), /dark-secret/);
  });
});
