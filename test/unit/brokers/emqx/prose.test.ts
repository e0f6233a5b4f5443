import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialect } from '../../../../src/brokers/emqx/index.ts';
import { EMQX_STREAM, entriesOf, one, type Read, reader } from '../../../support/emqx.ts';

const STAMP = '2023-05-25T07:33:21.124233+00:00';
const HEAD = `${STAMP} [warning] c7@10.1.2.3:51022`;

const read = (text: string): Read => {
  const event = one(text);
  assert.ok(event !== undefined);
  return event;
};

/** Action, and the values of the fields. */
const told = (text: string, ...fields: string[]): unknown[] => {
  const { action, values } = read(text);
  return [action, ...fields.map((field) => values[field])];
};

/** Why, of words behind the head of 4.4. */
const why = (words: string): unknown => read(`${HEAD} ${words}`).values['event.reason'];

describe('EMQX: why, in prose', () => {
  it('of connections, the broker, rules, plugins and the cluster', () => {
    assert.deepEqual(
      [
        'Terminated for {shutdown,{error,{shutdown,timeout}}}',
        '[Channel] Failed to open session due to {error,enomem}',
        'Unexpected EXIT: client_pid=<0.9.1>, exit_pid=<0.9.2>, reason=killed',
        'Client <0.9.1> EXIT for {shutdown,keepalive_timeout}',
        'Connection Id 7 closing with reason: tcp_closed',
        '[CM] Failed to discard <0.9.1>: {noproc,{gen_server,call,[<0.9.1>]}}',
        'Ansync forward msg to n@b failed due to {badrpc,nodedown}',
        '[Bridge] Bridge a diconnected\nreason={puback_error_code,16}',
        'Load plugin a failed, cannot start plugin a for {bad_return,{a,[]}}',
        'Take action <<"a">> failed, continue next action, reason: {error,{badmatch,[]}}, Stack: []',
        'SELECT clause exception for rule:1 failed: {badarg,x}',
        'Destroy Resource bridge failed, ResId: <<"r">>, not_found',
        '[WebHook] HTTP request failed with status code: 503',
        '[WebHook] HTTP request failed path: <<"/a">> error: {closed,"The connection was lost."}',
        '[Redis] Auth failed: not_authorized',
        '[MySQL] query \'"SELECT 1"\' failed: disconnected',
        "[LDAP] Can't connect to OpenLDAP server: Connection refused.",
        'mqtt:tcp failed to listen on 1883 - eaddrinuse (address already in use)',
        'event=connect_to_remote_server peer="a@b" result=failure reason="timeout"',
        'Application: esockd. Exited: stopped. Type: permanent.',
        'The PUBREL PacketId 7 is not found.',
        'TLS server: In state hello at tls_record.erl:539 generated SERVER ALERT: Fatal - Unknown CA',
        'Keepalive Timeout!',
        "[esockd_connection_sup] Unexpected 'EXIT': <0.2211.9>, reason: killed",
        '[Ctl] CMD Error:badarg, Stacktrace:[{erlang,list_to_integer,["x"],[]}]',
        '[MongoDB] Check mongo publish ACL failed, got ACL config: [#{<<"t">> => <<"x">>}], error: :badarg',
        'Can not re-build rule a: nxdomain. The rule is disabled.',
        'WebHook: HTTP request error: timeout',
        'Ekka(k8s): Cannot read a: enoent',
        'Minirest(Handler): Start http:management listener on 0.0.0.0:8081 unsuccessfully: {error,eaddrinuse}',
        '[RuleEngineAPI] init_resource_failure: timeout',
        "The Node:'a@h' bad rpc, Error: {'EXIT',{badarith,[{emqttd_vm,loads,0,[]}]}}",
        'Dropped retained message(topic=a, payload_size=7) for payload is too big!',
      ].map(why),
      [
        ...['timeout', 'enomem', 'killed', 'keep_alive_timeout', 'connection_lost', 'noproc', 'badrpc'],
        ...[
          'puback_error_code',
          'bad_return',
          'badmatch',
          'badarg',
          'not_found',
          'http_503',
          'connection_lost',
          'not_authorized',
        ],
        ...['disconnected', 'connection_refused', 'eaddrinuse', 'timeout', 'stopped'],
        ...['packet_identifier_not_found', 'unknown_ca', 'keep_alive_timeout', 'killed', 'badarg', 'badarg'],
        ...['nxdomain', 'timeout', 'enoent', 'eaddrinuse', 'timeout', 'badarith', 'payload_too_large'],
      ],
    );
  });

  it('in words that nothing follows, and behind the names of entries', () => {
    assert.deepEqual(
      [
        'Mnesia wait_for_tables timeout: [emqx_route,emqx_trie]',
        'query_multi timeout',
        '[Tracer] Start trace #{filter => <<"c failed with forged">>} failed with {invalid_log_level,warn}',
        '[Tracer] Stop trace emqx_trace_c failed with {not_found,emqx_trace_c}',
        'unexpected_mfa_pending_transaction_error: {aborted,{no_exists,mfa}}',
        'add_rule_failed: {error,nxdomain}',
        '[Session] Duplicated PUBACK PacketId 1777',
        '[Session] Duplicated PUBCOMP PacketId 1777',
        '[Session] Duplicated PUBREC PacketId 1777',
      ].map(why),
      [
        ...['timeout', 'timeout', 'invalid_log_level', 'not_found', 'aborted', 'nxdomain'],
        ...['packet_identifier_not_found', 'packet_identifier_not_found', 'packet_identifier_inuse'],
      ],
    );
  });

  it('of hooks, workers, tables and files', () => {
    const why_ = '{badmatch,{error,enoent}}';
    const words = [
      'Lua function on_client_check_acl() caught exception, ',
      'Topic=<<"a\\" caught exception, forged">>, lua function on_message_publish() caught exception, ',
      '[PoolWorker] safe_exec {m,f,[<<", failed: forged">>]}, failed: ',
      '[Rule Monitor] init_resource_retry_failed <<"resource:7">>, ',
      'clear_rule rule failed: ',
      'clear_rule <<"rule:7">> failed: ',
      'check http_connectivity failed: ',
      'The emqx data import failed: ',
      'The emqx data import failed due to ',
      'download trace log error:',
      'read trace file detail failed:',
      'read_file_failed ',
      'stop plugin emq_auth_ldap error: ',
      '[MongoDB] mqtt_acl availability test error, error: ',
      '[CoAP-PS-TOPICS] the emqx_coap_ps_topics terminate for reason ',
      '[CoAP-Adpter] unsubscribe <<"a while exiting for b">> while exiting for ',
      'LWM2M-RESOURCE: {{10,1,2,3},5683}, REGISTER Failed, error: ',
      'LWM2M-RESOURCE: {{10,1,2,3},5683}, received exit from: <0.9.1>, reason: ',
    ];
    for (const text of words) assert.equal(why(`${text}${why_}`), 'badmatch', text);
    assert.equal(
      read('03:54:03.701 [debug] MQTT-SN(10.1.2.3:41886): asleep timer timeout, shutdown now').values[
        'event.reason'
      ],
      'asleep_timeout',
    );
  });

  it('in tuples, maps and codes', () => {
    assert.deepEqual(
      [
        '{recoverable_error,disconnected}',
        '{unrecoverable_error,{request,[]}}',
        '{shutdown,{gen_server,call,[a]}}',
        '{crash,error,{badmatch,1}}',
        '{error,{error,closed}}',
        '{error,#{cause => invalid_topic,x => 1}}',
        "{'EXIT',nodistribution}",
        '{{{shutdown,{failed_to_start_child,a,b}},c},[]}',
        '#{hint => zero_remaining_len,x => 0}',
        '135',
        '{error,error,<<"26000">>}',
      ].map(
        (reason) =>
          read(`${STAMP} [error] msg: a_failed, mfa: a:b/1(9), reason: ${reason}`).values['event.reason'],
      ),
      [
        ...[
          'disconnected',
          'unrecoverable_error',
          'shutdown',
          'badmatch',
          'connection_lost',
          'invalid_topic',
        ],
        ...['nodistribution', 'failed_to_start_child', 'zero_remaining_len', 'not_authorized', undefined],
      ],
    );
  });

  it('in answers of HTTP, in maps alone, and of requests to the REST API', () => {
    const alone = (words: string): unknown => read(`${STAMP} [error] ${words}`).values['event.reason'];
    assert.deepEqual(
      [
        'Ekka(AutoCluster): Discovery error: {404,"{\\"message\\":\\"Key not found\\"}\\n"}',
        'Ekka(AutoCluster): AutoCluster stopped for lock error: {error,{503,\n    <<"no">>}}',
        'Ekka(AutoCluster): Discovery error: {1045,"x"}',
        '#{kind => validation_error,path => "a.b",reason => unknown_fields,unknown => "c"}',
        '#{kind => validation_error,path => "a, reason => forged"',
        'GET /api/v4/clients/c1 error: badarg, stacktrace:\n[{erlang,element,[1],[]}]',
        'POST /api/v3/mqtt/publish error: {badmatch,<<"a">>}, stacktrace:\n[{a,b,1,[]}]',
        'Failed to connect ETCD: {"etcd.a",2379} by {gun_stream_error,{closed,"x"}} mfa: eetcd_conn:fold_connect/5 line: 205',
        'Failed to connect ETCD: {"etcd.a",2379} by timeout mfa: eetcd_conn:fold_connect/5 line: 205',
        'ekka_cluster_etcd get member_list failed by {grpc_error,#{a => 1}}',
        'ekka_cluster_etcd check ({"etcd.a",2379}) leader failed by no_leader',
      ].map(alone),
      [
        ...['http_404', 'http_503', undefined, 'unknown_fields', undefined, 'badarg', 'badmatch'],
        ...['gun_stream_error', 'timeout', 'grpc_error', 'no_leader'],
      ],
    );
  });

  it('in alerts of TLS, by their own names', () => {
    const words = '"TLS server: In state start at a.erl:1475 generated SERVER ALERT: Fatal - Any\\n"';
    assert.deepEqual(
      [
        `[MQTT] socket_error: {tls_alert,{internal_error,${words}}}`,
        `[MQTT] Terminated due to {shutdown,{ssl_error,{tls_alert,{certificate_revoked,${words}}}}}`,
        '[MQTT] Terminated due to {shutdown,{tls_alert,"unknown ca"}}',
        '[MQTT] Terminated due to {shutdown,{ssl_error,closed_by,{a,b}}}',
      ].map(why),
      ['internal_error', 'certificate_revoked', 'unknown_ca', 'ssl_error'],
    );
    const report = (reason: string): unknown =>
      read(
        `${STAMP} [error] supervisor: 'esockd - <0.9.1>', errorContext: connection_shutdown, reason: ${reason}`,
      ).values['event.reason'];
    assert.deepEqual(
      [
        report(`{ssl_error,{tls_alert,{insufficient_security,${words}}}}, offender: []`),
        report('{ssl_error,{tls_alert,{certificate_required,"TLS server: In st'),
      ],
      ['insufficient_security', 'certificate_required'],
    );
  });

  it('in names of entries and other keys', () => {
    assert.deepEqual(
      [
        'msg: connection_rejected_due_to_license_expired',
        'msg: pubrel_packetId_not_found, packetId: 7',
        'msg: check_oom_shutdown, shutdown: #{max => 1000,reason => mailbox_overflow,value => 1211}',
        'msg: gen_rpc_client_auth_timeout, error: closed',
        'msg: a_failed, error: error, reason: {badrpc,timeout}',
      ].map((words) => read(`${STAMP} [error] ${words}`).values['event.reason']),
      ['license_expired', 'packet_identifier_not_found', 'mailbox_overflow', 'connection_lost', 'badrpc'],
    );
  });

  it('without what a client has sent', () => {
    for (const words of [
      'Failed to execute {fun a:b/3,[]}: {{shutdown,{gen_server,call,[<<"hunter2">>]}}}',
      '{function_clause,[{a,b,[<<"hunter2">>],[]}]}',
      'SEND [<<"hunter2">>,<<0>>]',
      'publish Topic=<<"t">>, Payload=<<"hunter2">>',
      'Call a:on_message_publish(#{message => #{payload => <<"hunter2">>}}, #{})',
      'Response {ok, #{value => {message,#{payload => <<"hunter2">>}}}, []}',
      'Send to: <<"/a">>, params: {"payload":"hunter2"}',
      'Auth ignored, <<"hunter2">> not_token, Client: #{clientid => <<"c7">>}',
      'x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.hunter2',
    ])
      for (const text of [`${HEAD} ${words}`, `${HEAD} [Hooks] ${words}`]) {
        assert.ok(!JSON.stringify(read(text)).includes('hunter2'), text);
        assert.ok(!dialect.original?.(text).includes('hunter2'), text);
      }
  });
});

describe('EMQX: who, in prose', () => {
  it('users and topics of plugins', () => {
    assert.deepEqual(
      [
        told(`${HEAD} HTTP Auth failure: username=bob, reason="Password Error"`, 'user.name', 'event.reason'),
        told(
          `${HEAD} Deny connection from path: /a, username: bob, http response code: 401`,
          'user.name',
          'event.reason',
        ),
        told(
          `${HEAD} Deny publish to topic a/b, username: bob, http response code: 403`,
          'mqtt.topic',
          'user.name',
          'mqtt.acl.source',
          'event.reason',
        ),
        told(`${HEAD} Allow subscribe to topic a/+, username: bob`, 'mqtt.subscription.filter', 'user.name'),
        told(
          `${HEAD} [Redis] Deny Topic: <<"a, Action: subscribe">>, Action: publish for Client: #{}`,
          'mqtt.topic',
          'mqtt.acl.source',
        ),
      ],
      [
        ['broker-log', 'bob', 'bad_user_name_or_password'],
        ['broker-log', 'bob', 'http_401'],
        ['publish-denied', 'a/b', 'bob', 'http', 'http_403'],
        ['subscribe-authorized', 'a/+', 'bob'],
        ['publish-denied', 'a, Action: subscribe', 'redis'],
      ],
    );
  });

  it('clients and users of traces', () => {
    const lager = '2017-11-02 10:00:00.024 [info] <0.1.0>@emqttd_server:publish:105';
    assert.deepEqual(
      [
        told(`${lager} c7/bob PUBLISH to a/b: <<"x">>`, 'mqtt.client.id', 'user.name', 'mqtt.topic'),
        told(
          '10:00:00.024 [info] c7/undefined PUBLISH to a/b: <<"x">>',
          'mqtt.client.id',
          'user.name',
          'mqtt.topic',
        ),
        told(
          `${HEAD} c7 SUBSCRIBE a/+: Options: #{qos => 1,rh => 0,nl => 1}`,
          'mqtt.client.id',
          'mqtt.subscription.filter',
          'mqtt.subscription.qos',
          'mqtt.subscription.no_local',
        ),
        told(
          `${HEAD} c7 UNSUBSCRIBE a/+: Options: #{qos => 1}`,
          'mqtt.client.id',
          'mqtt.subscription.filter',
        ),
      ],
      [
        ['message-published', 'c7', 'bob', 'a/b'],
        ['message-published', 'c7', undefined, 'a/b'],
        ['subscription-requested', 'c7', 'a/+', 1, true],
        ['unsubscription-requested', 'c7', 'a/+'],
      ],
    );
  });

  it('users in what plugins print of a client', () => {
    const CLIENT = '#{clientid => <<"c7">>,username => <<"bob">>,zone => external}';
    const name = (words: string): unknown => read(`${HEAD} ${words}`).values['user.name'];
    assert.deepEqual(
      [
        `[MySQL] Auth succeeded, Client: ${CLIENT}`,
        `[JWT] Auth ignored, <<"x, Client: #{username => <<1>>}">> not_token, Client: ${CLIENT}`,
        `[Redis] ACL ignored, Topic: <<"a">>, Action: publish for Client: ${CLIENT}`,
        `[LDAP] Allow Topic: <<"a">>, Action: publish for Client: ${CLIENT}`,
        `[LDAP] Auth ignored, Client: #{clientid => <<"Client: #{username => <<\\"root\\">>}">>}`,
        'LDAP Search State: {device_dn,"ou=a"}, uid: <<"bob">>, result:[{"userPassword",["hunter2"]}]',
        'Dashboard Authorization Failure: username=bob, reason=timeout',
      ].map(name),
      ['bob', 'bob', 'bob', 'bob', undefined, 'bob', 'bob'],
    );
  });

  it('sessions of 3.0, which have no head but the client id', () => {
    const head = '2019-08-20 14:18:45.425 [warning]';
    for (const words of ['The PUBREL PacketId 41 is not found', 'Conn <0.781.0> is discarded by <0.792.0>'])
      assert.equal(read(`${head} c7 ${words}`).values['mqtt.client.id'], 'c7', words);
    const forged = read(`${head} admin Dropped qos2 packet 1 for The PUBREL PacketId 41 is not found`);
    assert.deepEqual([forged.marks, forged.values['mqtt.client.id']], ['ambiguous', undefined]);
    const failed = told(
      `${head} Failed to start session <<"c7: x">>: {error,badarg}, stacktrace:\n[]`,
      'mqtt.client.id',
      'event.reason',
    );
    assert.deepEqual(failed, ['broker-log', 'c7: x', 'badarg']);
  });

  it('clients that may not connect', () => {
    assert.deepEqual(
      [
        told(`${HEAD} [Protocol] Connection rejected due to max clients limitation`, 'event.reason'),
        told(`${STAMP} [warning] msg: connection_rejected_due_to_license_expired`, 'event.reason'),
        told(
          `${HEAD} [ExProto Channel] Client c7 (Username: 'bob') authorized successfully!`,
          'mqtt.client.id',
          'user.name',
        ),
        told(
          `${STAMP} [error] Failed to start connection on 10.1.2.3:51022: {error,emfile}`,
          'event.reason',
          'source.ip',
          'source.port',
        ),
        told(
          `${STAMP} [error] [esockd_udp]: Failed to start udp channel: 10.1.2.3:5683, reason: eacces`,
          'event.reason',
          'mqtt.log.tag',
          'source.ip',
          'source.port',
        ),
      ],
      [
        ['client-connection-rejected', 'max_clients_limitation'],
        ['client-connection-rejected', 'license_expired'],
        ['client-authenticated', 'c7', 'bob'],
        ['broker-log', 'emfile', '10.1.2.3', 51022],
        ['broker-log', 'eacces', 'esockd_udp', '10.1.2.3', 5683],
      ],
    );
  });

  it('wills that are refused, bytes of proxies', () => {
    assert.deepEqual(
      [
        told(
          `${HEAD} [Protocol] Will message (to a (b)) validation failed, acl denied`,
          'mqtt.topic',
          'event.reason',
        ),
        told(
          '2021-11-20 14:18:17.238 [error] 10.1.2.3:51022 [MQTT] \nMalformed packet, please check proxy_protocol config for specific listeners and zones',
          'event.reason',
          'mqtt.log.tag',
        ),
      ],
      [
        ['publish-denied', 'a (b)', 'not_authorized'],
        ['protocol-error', 'malformed_packet', 'MQTT'],
      ],
    );
  });

  it('nodes of a cluster', () => {
    assert.deepEqual(
      [
        told(
          `${STAMP} [error] Mnesia('a@h1'): ** ERROR ** mnesia_event got {inconsistent_database, running_partitioned_network, 'a@h2'}`,
          'service.node.name',
          'event.reason',
          'mqtt.log.fields',
        ),
        told(
          `${STAMP} [critical] Ekka(Monitor): Network partition detected from node a@h2: running_partitioned_network`,
          'service.node.name',
          'event.reason',
          'mqtt.log.fields',
        ),
        told(`${STAMP} [critical] [EMQ X] emqx shutdown for join`, 'event.reason'),
      ],
      [
        ['broker-log', 'a@h1', 'running_partitioned_network', { node: 'a@h2' }],
        ['broker-log', undefined, 'running_partitioned_network', { node: 'a@h2' }],
        ['broker-stopped', 'join'],
      ],
    );
  });

  it('what a client may have written forges nothing', () => {
    const flapping = read(
      `${STAMP} [error] Flapping detected: c(9.9.9.9) disconnected 1 times in 1ms(10.0.0.1) disconnected 5 times in 7ms`,
    );
    assert.deepEqual(
      [flapping.values['mqtt.client.id'], flapping.values['source.ip']],
      ['c(9.9.9.9) disconnected 1 times in 1ms', '10.0.0.1'],
    );
    assert.deepEqual(
      told(
        `${STAMP} [error] HTTP Auth failure: username=a, reason=ok, reason=timeout`,
        'user.name',
        'event.reason',
      ),
      ['broker-log', 'a, reason=ok', 'timeout'],
    );
    assert.deepEqual(
      told(
        `${STAMP} [error] Shutdown for duplicate clientid: c, conn:9.9.9.9:1 -> 8.8.8.8:2, conn:10.0.0.1:3 -> 10.0.0.2:4`,
        'mqtt.client.id',
        'source.ip',
      ),
      ['broker-log', 'c, conn:9.9.9.9:1 -> 8.8.8.8:2', '10.0.0.1'],
    );
    assert.deepEqual(
      [
        'Command: ["HGET","u:x failed: forged"] failed: timeout',
        'Failed to execute {a,b,[<<"x: forged">>]}: {error,timeout}',
        'CALL a:b(#{t => <<"x) error: forged">>}, []) error: timeout',
      ].map(why),
      ['timeout', 'timeout', 'timeout'],
    );
    for (const [words, ...fields] of [
      [
        'Deny publish to topic a, username: admin, username: bob, http response code: 403',
        'mqtt.topic',
        'user.name',
      ],
      ['Search dn: cn=u, fail:forged, filter: f, fail:timeout', 'event.reason'],
      ['PUBLISH to a: <<b: <<"x">>', 'mqtt.topic', 'mqtt.payload.size'],
      ['c7 SUBSCRIBE a: Options: #{} SUBSCRIBE b: Options: #{qos => 1}', 'mqtt.subscription.filter'],
    ] as const) {
      const { marks, values } = read(`${HEAD} ${words}`);
      assert.equal(marks, 'ambiguous', words);
      for (const field of fields) assert.equal(values[field], undefined, `${words} ${field}`);
    }
  });
});

describe('EMQX: copies of entries', () => {
  it('of k9s, stern, Grafana and Rancher', () => {
    const words = '[warning] msg: alarm_is_activated, name: a';
    for (const before of [
      'emqx-0 ',
      'emqx-0 emqx ',
      'emqx-0\t',
      '2024-10-21 11:50:06.732\t',
      '2024-10-21T11:50:06Z | ',
    ]) {
      const text = `${before}${STAMP} ${words}`;
      const { action, time } = read(text);
      assert.deepEqual([action, time], ['alarm-raised', '2023-05-25T07:33:21.124Z'], before);
      const lines = entriesOf(Buffer.from(`${text}\n${text}\n`));
      assert.equal(lines.length, 2, before);
      assert.equal(dialect.original?.(text), text);
    }
    const { events, session } = reader();
    session.line(`emqx-0 ${STAMP} notice: {"msg":"Shard fully up","shard":"s"}`, EMQX_STREAM.seen, 0);
    assert.deepEqual(events[0]?.values['mqtt.log.fields'], { shard: 's' });
  });
});

describe('EMQX: bytes that are no packet', () => {
  it('are malformed where the parser has no word of its own for them', () => {
    const told = (words: string): unknown[] => {
      const { action, values } = read(`${HEAD} ${words}`);
      return [action, values['event.reason'], values['error.message']];
    };
    assert.deepEqual(
      [
        told(
          '[MQTT] , Parse failed for function_clause, [{emqx_frame,parse_packet,4}], Frame data:<<"GET /">>',
        ),
        told('[MQTT] Parse failed for malformed_utf8_string, [], Frame data:<<1>>'),
        told('[MQTT] Parse failed for {badmatch,<<1>>}, [], Frame data:<<1>>'),
        told('[MQTT] Frame error: malformed_packet'),
        told('[MQTT] Frame error: frame_too_large'),
      ],
      [
        ['protocol-error', 'malformed_packet', 'function_clause'],
        ['protocol-error', 'malformed_utf8_string', undefined],
        ['protocol-error', 'malformed_packet', undefined],
        ['protocol-error', 'malformed_packet', undefined],
        ['protocol-error', 'packet_too_large', undefined],
      ],
    );
  });

  it('also where a copy has lost the blank behind the module', () => {
    for (const head of [
      'c7@10.1.2.3:51022 [MQTT]',
      '10.1.2.3:51022 [MQTT]',
      '<<"c7">>@10.1.2.3:51022 [MQTT]',
    ]) {
      const event = read(
        `${STAMP} [error] ${head}\nParse failed for function_clause\n[{a,b,[<<16,108,0>>],[]}]\nFrame data:<<16,108,\n0>>`,
      );
      assert.deepEqual(
        [event.action, ...['mqtt.log.tag', 'event.reason', 'source.port'].map((name) => event.values[name])],
        ['protocol-error', 'MQTT', 'malformed_packet', 51022],
      );
      assert.doesNotMatch(event.message, /108/);
    }
    const forged = read(`${STAMP} [error] x@10.9.9.9:1 [MQTT]\ny@10.1.2.3:51022 [MQTT]\nParse failed for a`);
    assert.deepEqual([forged.marks, forged.values['source.ip']], ['ambiguous', undefined]);
  });

  it('in records of 5.x too', () => {
    const json = one(
      JSON.stringify({ msg: 'malformed_mqtt_message', level: 'error', reason: 'malformed_utf8_string' }),
    );
    assert.deepEqual(
      [json?.action, json?.values['event.reason'], json?.values['error.message']],
      ['protocol-error', 'malformed_utf8_string', undefined],
    );
    const text = read(`${STAMP} [error] tag: MQTT, msg: frame_parse_error, reason: function_clause`);
    assert.equal(text.values['event.reason'], 'malformed_packet');
  });
});

describe('EMQX: addresses that were masked before a log was shown', () => {
  it('do not hide the module and the words', () => {
    for (const peer of ['xxx.xxx.xxx.254:49822', 'xxx.xxx.xxx.xxx:XXXXX', '10.1.*.*:1883', '<IP>:<Port>']) {
      const event = read(`${STAMP} [debug] ${peer} [MQTT] Terminated due to {shutdown,tcp_closed}`);
      assert.deepEqual(
        ['mqtt.log.tag', 'event.reason', 'source.ip', 'mqtt.client.id', 'source.address'].map(
          (field) => event.values[field],
        ),
        ['MQTT', 'connection_lost', undefined, undefined, peer],
      );
      const named = read(`${STAMP} [debug] c7@${peer} [MQTT] Terminated due to {shutdown,tcp_closed}`);
      assert.deepEqual(
        ['mqtt.log.tag', 'source.address', 'mqtt.client.id'].map((field) => named.values[field]),
        ['MQTT', peer, 'c7'],
      );
    }
  });

  it('a client id that looks like one is told to be ambiguous', () => {
    const event = read(
      `${STAMP} [debug] xxx.xxx.xxx.254:1 [MQTT] Terminated due to {shutdown,x}@10.0.0.1:5 [MQTT] Terminated due to {shutdown,tcp_closed}`,
    );
    assert.deepEqual([event.marks, event.values['source.address']], ['ambiguous', undefined]);
  });
});

describe('EMQX: colours of the console', () => {
  it('of emqttd stand between stamp and level, and at the end', () => {
    for (const esc of ['\x1b', '']) {
      const text = `18:27:57.804 ${esc}[1;31m[error] Client(192.168.0.111:29031): Error data: <<130,59>>${esc === '' ? '' : `${esc}[0m`}`;
      assert.equal(dialect.role?.(text), 'begins');
      const event = read(text);
      assert.deepEqual(
        [event.values['log.level'], event.values['source.ip'], event.message],
        ['error', '192.168.0.111', 'Client(192.168.0.111:29031): Error data: [2 bytes]'],
      );
    }
  });

  it('before the stamp', () => {
    const text = `\x1b[32m${STAMP} [error] tag: MQTT, msg: socket_error, reason: x\x1b[0m`;
    assert.equal(dialect.role?.(text), 'begins');
    assert.deepEqual([read(text).code, read(text).values['event.reason']], ['emqx.socket_error', 'x']);
  });
});

describe('EMQX: what the web hook of 2.x to 4.2 says about its requests', () => {
  const BODY = '{"action":"message_publish","from_client_id":"c1","payload":"planted"}';

  it('is told without them', () => {
    for (const text of [
      `2020-07-13 10:17:06.076 [debug] c1 WebHook: Url:"http://10.1.1.1/hook", params:${BODY}`,
      `2020-07-13 10:17:06.076 [debug] c1@10.0.0.1:55 WebHook: Url:"http://10.1.1.1/hook", params:${BODY}`,
      `2020-07-13 10:17:06.076 [debug] <<"c1">>@10.0.0.1:55 [WebHook] Url:"http://10.1.1.1/hook", params:${BODY}`,
      `${STAMP} [debug] c1@10.0.0.1:55 [WebHook] Send to: "/hook", params: ${BODY}`,
      `2017-07-27 15:53:10.038 [debug] <0.1.0>@emq_web_hook:send_http_request:247 WebHook: Url:"http://h", params:${BODY}`,
    ]) {
      const event = read(text);
      assert.ok(!`${JSON.stringify(event)}${dialect.original?.(text)}`.includes('planted'), text);
      if (!text.includes('<0.1.0>')) assert.equal(event.values['mqtt.client.id'], 'c1', text);
    }
  });
});

describe('EMQX: payloads that imitate what stands before payloads', () => {
  it('are not told', () => {
    for (const words of [
      '[MQTT] Parse failed for x, [], Frame data:<<"planted PUBLISH to x">>',
      '[MQTT] Parse failed for x, [], Frame data:<<"planted PUBLISH to x: y">>',
      '[MQTT] Parse failed for x, [], Frame data:<<"planted Url: , params: {">>',
      'PUBLISH to Url:: <<"planted, params: {}">>',
      '[WebHook] Send to: "/h", params: {"payload":"planted PUBLISH to x: y"}',
      '[WebHook] Send to: "/h", params: {"payload":"PUBLISH to x: planted, params: {y"}',
    ]) {
      const event = JSON.stringify(read(`${HEAD} ${words}`));
      assert.ok(!event.includes('planted'), event);
      assert.ok(!dialect.original?.(`${HEAD} ${words}`).includes('planted'), words);
    }
  });
});

describe('EMQX: what consoles of emqttd 0.x and 1.x show', () => {
  it('a broker that runs, a prompt alone, and logins that a service has refused', () => {
    const running = one('Erlang MQTT Broker 1.1 is running now');
    assert.equal(running?.action, 'broker-started');
    assert.equal(one('(emqttd@127.0.0.1)1> ')?.message, '(emqttd@127.0.0.1)1>');
    const refused = read(
      "10:46:36.612 \x1b[1;31m[error] Client(bib@10.0.0.7:62222): Username 'admin' login failed for {http_code,401}\x1b[0m\r",
    );
    assert.deepEqual(
      [refused.action, refused.values['event.reason'], refused.values['error.message']],
      ['client-authentication-failed', 'http_401', '{http_code,401}'],
    );
  });
});

describe('EMQX: a payload that imitates the head of a session', () => {
  it('names no client, and is not told', () => {
    for (const words of [
      'WebHook: Url:"http://h", params:{"payload":"planted WebHook: Url: b"}',
      'WebHook: Url:"http://h", params:{"payload":"planted [Session] b"}',
      '[WebHook] Url:"http://h", params:{"payload":"planted [Session] b"}',
    ]) {
      const event = read(`2020-07-13 10:17:06.076 [debug] ${words}`);
      assert.equal(event.values['mqtt.client.id'], undefined, words);
      assert.ok(!JSON.stringify(event).includes('planted'), JSON.stringify(event));
    }
  });
});

describe('EMQX 3.1: alarms', () => {
  const HANDLER = '2019-05-15 12:36:57.791 [warning] [Alarm Handler]';
  const alarm = (words: string): unknown[] =>
    told(`${HANDLER} ${words}`, 'mqtt.log.tag', 'mqtt.alarm.name', 'mqtt.alarm.details');

  it('are set and cleared', () => {
    assert.deepEqual(
      [
        alarm('{cpu_high_watermark,100.0} set'),
        alarm('{{disk_almost_full,"/"},[]} set'),
        alarm('{<<"a">>,{alarm,<<"a">>,critical,<<"t, x} set">>,<<"s">>,{1,2,3}}} set'),
        alarm('cpu_high_watermark clear'),
        alarm('{disk_almost_full,"/"} clear'),
      ],
      [
        ['alarm-raised', 'Alarm Handler', 'cpu_high_watermark', { info: 100 }],
        ['alarm-raised', 'Alarm Handler', '{disk_almost_full,"/"}', undefined],
        [
          'alarm-raised',
          'Alarm Handler',
          'a',
          { info: '{alarm,<<"a">>,critical,<<"t, x} set">>,<<"s">>,{1,2,3}}' },
        ],
        ['alarm-cleared', 'Alarm Handler', 'cpu_high_watermark', undefined],
        ['alarm-cleared', 'Alarm Handler', '{disk_almost_full,"/"}', undefined],
      ],
    );
  });

  it('any other words are none', () => {
    for (const words of ['{a,1}} set', '{a,1} b set', 'a b clear', 'Failed to encode alarm: a set', '{ set'])
      assert.equal(alarm(words)[0], 'broker-log', words);
  });
});

describe('EMQX: listeners that do not start, and refusals of old TLS', () => {
  const listener = 'Failed to start mqtt listener mqtt:ws:external on 0.0.0.0:8083: eaddrinuse';

  it('tell why', () => {
    assert.deepEqual(
      [
        why(
          "Failed to start Ranch listener 'ws:default' in ranch_tcp:listen([{port,8083}]) for reason eaddrinuse (address already in use)",
        ),
        why(listener),
        why('SSL: certify: ssl_alert.erl:97:Fatal error: unknown ca'),
        why('acceptor on 0.0.0.0:1883 suspend 100(ms) for 2300 emfile errors!!!'),
        why('event=connect_to_remote_server, peer=emqx@a.internal, port=5369, reason=nxdomain'),
        why('[ExHook] Load server <<"module:c865202c">> failed: timeout'),
      ],
      ['eaddrinuse', 'eaddrinuse', 'unknown_ca', 'emfile', 'nxdomain', 'timeout'],
    );
  });

  it('an entry does not go on with a listener that is told on the console', () => {
    const entry = `${STAMP} [error] Failed to init x: y`;
    const found = entriesOf(Buffer.from(`${entry}\n${listener}\n`));
    assert.deepEqual(
      found.map(({ text }) => text),
      [entry, listener],
    );
  });
});

describe('EMQX: a trace of what is no packet', () => {
  it('is a packet that was received, with why it is none', () => {
    const event = read(
      `${STAMP} [MQTT] c7@10.1.2.3:51022 msg: mqtt_packet_received, packet: {frame_error,#{limit => 100,cause => frame_too_large,received => 143}}`,
    );
    assert.deepEqual(
      [event.action, event.values['event.reason'], event.values['mqtt.client.id']],
      ['packet-received', 'packet_too_large', 'c7'],
    );
  });
});
