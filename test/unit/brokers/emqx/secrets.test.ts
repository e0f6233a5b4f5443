import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialect } from '../../../../src/brokers/emqx/index.ts';
import {
  hideSecretArguments,
  hideSecrets,
  hideSecretValues,
} from '../../../../src/brokers/emqx/secrets/secrets.ts';
import { UnparsedRecord } from '../../../../src/core/errors.ts';
import type { JsonValue } from '../../../../src/core/event.ts';
import { EMQX_STREAM, reader } from '../../../support/emqx.ts';

const PLANTED = 'Pl4nted-S3cret';

/** Everything that a line becomes. */
function told(line: string): string {
  const { events, session } = reader();
  try {
    session.line(line, EMQX_STREAM.seen, 0);
  } catch (error) {
    if (!(error instanceof UnparsedRecord)) throw error;
    return `${error.message} ${error.text}`;
  }
  return JSON.stringify(events);
}

const audit = (more: object): string =>
  JSON.stringify({
    time: 1_747_204_840_991_003,
    level: 'info',
    from: 'rest_api',
    source: 'ops',
    operation_id: '/x',
    http_method: 'post',
    http_status_code: 200,
    node: 'emqx@10.0.0.2',
    ...more,
  });
const request = (http_request: object): string => audit({ http_request });
const cli = (cmd: string, args: JsonValue): string =>
  JSON.stringify({
    time: 1_747_204_840_991_003,
    level: 'info',
    from: 'cli',
    cmd,
    args,
    node: 'emqx@10.0.0.2',
    duration_ms: 1,
  });

const AUDITED: Readonly<Record<string, string>> = {
  'a key of the body': request({ body: { username: 'a', password: PLANTED } }),
  'a key far down': request({ body: { a: { b: [{ c: { d: { e: { api_secret: PLANTED } } } }] } } }),
  'below the bounds': request({
    body: Array.from({ length: 20 }).reduce((inner: object) => ({ x: inner }), { token: PLANTED }),
  }),
  'a list': request({ body: { tokens: [PLANTED] } }),
  'a number': request({ body: { passcode: PLANTED } }),
  'an object that is secret as a whole': request({ body: { credentials: { user: 'a', value: PLANTED } } }),
  'a private key': request({
    body: { ssl: { keyfile: `-----BEGIN RSA PRIVATE KEY-----\n${PLANTED}\n-----END RSA PRIVATE KEY-----` } },
  }),
  'a private key in a text': request({ body: `x -----BEGIN PRIVATE KEY-----\n${PLANTED}` }),
  'a name and a value': request({ body: { headers: [{ key: 'Authorization', value: PLANTED }] } }),
  'Basic in headers': request({ headers: { authorization: `Basic ${PLANTED}` } }),
  'a cookie': request({ headers: { Cookie: `session=${PLANTED}` } }),
  'Bearer in a text': request({ body: { note: `curl -H 'Authorization: Bearer ${PLANTED}'` } }),
  'a query string': audit({ query_string: { api_key: PLANTED } }),
  'a query string in a text': request({ body: { url: `http://h/x?a=1&password=${PLANTED}&b=2` } }),
  'a login in a URL': request({ body: { server: `https://bob:${PLANTED}@h:443/x` } }),
  'HOCON in the body': request({
    body: `authentication = [{ mechanism = password_based, password = "${PLANTED}" }]`,
  }),
  'HOCON without quotation marks': request({ body: `mysql.password = ${PLANTED}\nuser = a` }),
  'JSON in the body': request({ body: `{\\"password\\": \\"${PLANTED}\\"}` }),
  'an Erlang map': request({ body: `#{<<"password">> => <<"${PLANTED}">>}` }),
  'an Erlang pair': request({ body: `[{password,"${PLANTED}"}]` }),
  'the failure': audit({ failure: { code: 'X', message: `password: ${PLANTED}` } }),
  'an unknown field': audit({ extra: { secret_key: PLANTED } }),
  'users add': cli('users', ['add', 'bob', PLANTED]),
  'admins passwd': cli('admins', ['passwd', 'bob', PLANTED]),
  'an option': cli('conf', ['load', '--password', PLANTED]),
  'an option with a sign': cli('conf', ['load', `--password=${PLANTED}`]),
  'a licence': cli('license', ['update', PLANTED]),
  'an Erlang expression': cli('eval_erl', [`emqx:add(#{<<"password">> => <<"${PLANTED}">>}).`]),
  'the console': JSON.stringify({
    time: 1,
    level: 'warning',
    from: 'erlang_console',
    function: '{emqx_authn,add}',
    args: `#{password => <<"${PLANTED}">>}`,
    permission: 'ok',
  }),
  'the console, as a list': JSON.stringify({
    time: 1,
    level: 'warning',
    from: 'erlang_console',
    function: '{m,f}',
    args: [`{token,"${PLANTED}"}`],
  }),
  'the console, a call': JSON.stringify({
    time: 1,
    level: 'warning',
    from: 'erlang_console',
    function: 'eval_erl',
    args: `emqx:set("password", "${PLANTED}")`,
  }),
  'the early text form': `2023-09-22T12:06:31.853870+02:00 [info] users {"from":"cli","cmd":"users","args":["add","bob","${PLANTED}"]}`,
  'a cut record': audit({ http_request: { body: { password: PLANTED } } }).slice(0, -30),
  'a cut record of the command line': `{"time":1,"from":"cli","cmd":"users","args":["add","bob","${PLANTED}"`,
};

const LOGGED: Readonly<Record<string, string>> = {
  'text: a field': `2025-05-14T06:40:40.137021+00:00 [error] msg: x, config: #{password => <<"${PLANTED}">>}, reason: y`,
  'text: prose': `2025-05-14T06:40:40.137021+00:00 [error] connect failed: https://bob:${PLANTED}@h/ down`,
  'text: a reason': `2025-05-14T06:40:40.137021+00:00 [error] msg: x, reason: {bad,[{token,<<"${PLANTED}">>}]}`,
  'text: raw bytes of CONNECT': `2025-05-14T06:40:40.137021+00:00 [debug] tag: MQTT, msg: raw_bin_received, size: 31, type: hex, bin: ${PLANTED}`,
  '4.x: raw bytes of CONNECT': `2023-05-25 07:33:31.132 [debug] c1@10.9.8.7:50123 [MQTT] RECV <<"${PLANTED}">>`,
  'crash: a state': `2025-05-14T06:40:40.137021+00:00 [error] Generic server x terminating. Reason: y. Last message: {msg,<<"${PLANTED}">>}. State: #{}.`,
  '4.0: what LDAP answers': `2020-11-26 04:09:19.388 [error] <<"c7">>@10.1.2.3:51022 LDAP Search State: {device_dn,"ou=a"}, uid: <<"bob">>, result:[{"userPassword",\n   ["a]",\n    "${PLANTED}"]}]`,
  '4.4: a line of a file of keys': `2022-06-09T07:55:36.383151+00:00 [error] failed to bootstrap apps file(data/apps) for Line(3): ${PLANTED}`,
  'text: a tuple': `2025-05-14T06:40:40.137021+00:00 [error] msg: x, password: {plain,"${PLANTED}"}, reason: y`,
  'text: a tuple in a map': `2025-05-14T06:40:40.137021+00:00 [error] msg: x, opts: #{password => {sha256, <<"${PLANTED}">>}}`,
  'text: a map': `2025-05-14T06:40:40.137021+00:00 [error] msg: x, opts: #{credentials => #{user => <<"u">>,v => <<"${PLANTED}">>}}`,
  'text: a list': `2025-05-14T06:40:40.137021+00:00 [error] msg: x, opts: [{tokens,[{"a]",1,"${PLANTED}"}]}]`,
  'text: a tuple that is cut': `2025-05-14T06:40:40.137021+00:00 [error] msg: x, opts: [{secret,{"a","${PLANTED}`,
  '4.x: a tuple': `2022-06-09T07:33:21.124233+00:00 [debug] [LDAP] Opts: [{bind_password,{plain,"${PLANTED}"}}] ...`,
  'JSON: a tuple in a text': JSON.stringify({
    time: 1,
    level: 'error',
    msg: `Unsupported token: {a,"${PLANTED}"}`,
    opts: `#{token => {a,<<"${PLANTED}">>}}`,
  }),
  'JSON: an object in a text': JSON.stringify({
    time: 1,
    level: 'error',
    msg: `x ${JSON.stringify({ credentials: { user: 'u', v: PLANTED } })}`,
  }),
  'JSON: a field': JSON.stringify({ time: 1, level: 'error', msg: 'x', config: { password: PLANTED } }),
  'JSON: a text': JSON.stringify({
    time: 1,
    level: 'error',
    msg: `could not log in with password: ${PLANTED}`,
  }),
  'JSON: a reason': JSON.stringify({
    time: 1,
    level: 'error',
    msg: 'x',
    reason: { cause: 'y', token: PLANTED },
  }),
  'JSON: raw bytes': JSON.stringify({ time: 1, level: 'debug', msg: 'raw_bin_received', bin: PLANTED }),
  'a rule with a column of its own': JSON.stringify({
    event: 'client.connected',
    timestamp: 1,
    clientid: 'a',
    password: PLANTED,
  }),
};

const PAYLOADS: Readonly<Record<string, string>> = {
  publish_to: `2025-05-14T06:40:45.069777+00:00 [debug] tag: PUBLISH, clientid: a, msg: publish_to, topic: t, payload: ${PLANTED}, payload_encode: text`,
  'a payload with keys': `2025-05-14T06:40:45.069777+00:00 [debug] tag: PUBLISH, clientid: a, msg: publish_to, topic: t, payload: a, payload_encode: text, x: ${PLANTED}, payload_encode: text`,
  'a packet': `2025-05-14T06:40:45.069777+00:00 [debug] tag: MQTT, msg: mqtt_packet_received, packet: PUBLISH(Q0, R0, D0, Topic=t, PacketId=undefined, Payload(text)=) ${PLANTED}(), tag: x)`,
  'a will': `2025-05-14T06:40:45.069777+00:00 [debug] tag: MQTT, msg: mqtt_packet_received, packet: CONNECT(Q0, R0, D0, ClientId=a, ProtoName=MQTT, ProtoVsn=5, CleanStart=true, KeepAlive=60, Username=u, Password=******, Will(Q1, R0, Topic=w Payload(text)=${PLANTED}))`,
  'a trace of 4.x': `2023-05-25 07:33:37.136 [info] c1@10.9.8.7:50123 PUBLISH to t: <<"a: <<\\"${PLANTED}\\">>">>`,
  'a trace of 4.x, an id with a space': `2023-05-25 07:33:37.136 [info] c 1@10.9.8.7:50123 PUBLISH to t: <<"${PLANTED}">>`,
  'a packet that is none': `2023-05-25 07:33:37.136 [info] c1@10.9.8.7:50123 [MQTT] RECV PUBLISH(Qx, Topic=t, Payload=<<"${PLANTED}">>)`,
  'a payload without encoding': `2022-06-30T16:07:47.689512+08:00 [debug] clientid: a, line: 1, mfa: m:f/1, msg: x, payload: a, peername: b, x: ${PLANTED}, peername: 10.0.0.1:5, tag: MQTT`,
  'STOMP: a frame': `2023-05-25 07:33:37.136 [info] Stomp(10.1.2.3:51022): RECV Frame: SEND\ndestination:/queue/a\n\n${PLANTED}`,
  'STOMP: a frame in one line': `2023-05-25 07:33:37.136 [info] 10.1.2.3:51022 [Stomp-Conn] SEND Frame: MESSAGE, destination:/queue/a, , ${PLANTED}`,
  'STOMP: a frame that is dropped': `2023-05-25 07:33:37.136 [info] Stomp(10.1.2.3:51022): Stomp dropped: {stomp_frame,<<"SEND">>,[],<<"${PLANTED}">>}`,
  'MQTT-SN: a publication': `2023-05-25 07:33:37.136 [info] MQTT-SN(10.1.2.3:51022): [publish] Msg: {x,<<"${PLANTED}">>}`,
  'LwM2M: a command': `2023-05-25 07:33:37.136 [info] LWM2M-PROTO: SEND To CoAP, AlternatePath=<<"/">>, Data=#{<<"value">> => <<"${PLANTED}">>}`,
  'LwM2M: a command that is no JSON': `2023-05-25 07:33:37.136 [info] LWM2M-PROTO: deliver_to_coap - Invalid JSON: <<"${PLANTED}">>, Exception: {error,badarg}, stacktrace: []`,
  'LwM2M: an answer': `2023-05-25 07:33:37.136 [info] LWM2M-CMD: {error,badarg}, bad payload format: <<"${PLANTED}">>, stacktrace: []`,
  'a client of 3.x: an event': `2023-05-25 07:33:37.136 [info] [Client] State: connected, Unexpected Event: (info, {tcp,x,<<"${PLANTED}">>})`,
  'esockd: an event': `2023-05-25 07:33:37.136 [info] [esockd_dtls_acceptor] StateName: waiting, unexpected event(info, {x,<<"${PLANTED}">>})`,
  'an action of a rule of 3.2': `2023-05-25 07:33:37.136 [info] [WebHook Action] post to http://h, headers: [], body: <<"{\\"a\\":\\"${PLANTED}\\"}">>`,
  'a rule of 4.3': `2023-05-25 07:33:37.136 [info] [republish] republish to: <<"t">>, Selected: #{x => <<"${PLANTED}">>}`,
  'an event that could not be encoded': `2023-05-25 07:33:37.136 [info] [RuleEvents] Failed to encode event msg for x, msg: <<"${PLANTED}">>`,
  'ExProto of 4.2: what a driver is called with': `2023-05-25 07:33:37.136 [info] CALL drv m:on_received([x,<<"${PLANTED}">>]), exception: {error,badarg}, stacktrace []`,
  'CoAP: a topic': `2023-05-25 07:33:37.136 [info] CoAP-PS-TOPICS: Insert {<<"t">>,60,0,<<"${PLANTED}">>,1} in the coap_topic table`,
  'CoAP: links': `2023-05-25 07:33:37.136 [info] CoAP-PS-RES: post with bad payload of link-format <<"</${PLANTED}>">>, will return bad_request`,
  'MQTT-SN: a frame that is none': `2023-05-25 07:33:37.136 [info] MQTT-SN(Frame): format error: type=12, len=9, var=<<"${PLANTED}">>`,
  'JSON: parameters of a query': JSON.stringify({ time: 1, level: 'error', msg: 'x', params: [7, PLANTED] }),
  'parameters of a query': `2025-05-14T06:40:40.137021+00:00 [error] msg: query_mysql_error, params: [7,<<"${PLANTED}">>], reason: x`,
  'GB/T 32960: a parameter': JSON.stringify({
    time: 1,
    level: 'error',
    msg: 'unexpected_param',
    param: PLANTED,
  }),
  'CoAP: a message': `2023-05-25 07:33:37.136 [info] CoAP-RES: Unknown Message {x,<<"${PLANTED}">>}`,
  'Lua: a message': `2023-05-25 07:33:37.136 [info] Lua function on_message_publish() returned {<<"t">>,<<"${PLANTED}">>,0,false}`,
  'a response': `2023-05-25 07:33:37.136 [info] Discarded stale response: #{payload_x => <<"${PLANTED}">>}`,
  'the REST API of 2.3': `2023-05-25 07:33:37.136 [info] Mod:emqttd_rest_api, Fun:publish, Args:['POST',[{<<"payload">>,<<"${PLANTED}">>}]]`,
  'JSON: publish_to': JSON.stringify({
    time: 1,
    level: 'debug',
    msg: 'publish_to',
    topic: 't',
    payload: PLANTED,
    payload_encode: 'text',
  }),
  'JSON: deeper': JSON.stringify({ time: 1, level: 'debug', msg: 'x', message: { payload: PLANTED } }),
  'JSON: a packet': JSON.stringify({
    time: 1,
    level: 'debug',
    msg: 'mqtt_packet_sent',
    packet: `PUBLISH(Q0, R0, D0, Topic=t, PacketId=undefined, Payload(text)=${PLANTED})`,
  }),
  'a rule event': JSON.stringify({ event: 'message.publish', timestamp: 1, topic: 't', payload: PLANTED }),
  'a web hook': JSON.stringify({ action: 'message_publish', ts: 1, topic: 't', payload: PLANTED }),
};

describe('EMQX: what clients and other systems are sent', () => {
  const STAMP = '2025-05-14T06:40:40.137021+00:00';
  const message = `{message,<<0,1>>,1,<<"c">>,#{},#{},<<"t">>,<<"${PLANTED}">>,1,#{}}`;
  const texts = [
    `[info] msg: frame_parse_error, peername: 10.0.0.1:5, input_bytes: <<"${PLANTED}">>, reason: x`,
    `[info] at_state: x, input_bytes: <<"${PLANTED}">>, line: 9, mfa: a:b/2, peername: 10.0.0.1:5, reason: x`,
    `[error] msg: unexpected_info, info: {deliver,<<"t">>,${message}}`,
    `[error] msg: x, reason: {error,${message}}, state: #{last => {q,${message}}}`,
    `[error] msg: x, request: #{body => <<"${PLANTED}">>,path => <<"/x">>}`,
    `[error] msg: x, payload_encode: text, request: Encoded(text)=[body: ${PLANTED}, path: /x]`,
    `[RULE_SQL_EXEC] c@10.0.0.1:5 msg: rule_activated, input: [clientid: c, payload: ${PLANTED}, x: y, topic: t], rule_id: r`,
    `[error] c@10.0.0.1:5 [MQTT] \nParse failed for malformed_packet\n[]\nFrame data: <<"${PLANTED}">>`,
    `[info] RECV from c@10.0.0.1:5: PUBLISH(Qos=1, Retain=true, Dup=false, TopicName=a/b, PacketId=7, Payload=<<"${PLANTED}">>)`,
    `[info] RECV from c@10.0.0.1:5: CONNECT(Qos=0, Retain=false, Dup=false, ClientId=c, ProtoName=MQTT, ProtoVsn=4, CleanSess=true, KeepAlive=60, Username=bob, Password=${PLANTED}, Will(Qos=1, Retain=false, Topic=gone, Msg=${PLANTED}))`,
    `[debug] SENT to 10.0.0.1:5: <<"${PLANTED}">>`,
    `[error] whoever has lost a head [MQTT]Parse failed for x\n[{a,b,[<<"${PLANTED}">>],[]}]\nFrame data:<<"${PLANTED}">>`,
    `[error] c@10.0.0.1:5 [Session] Unexpected info: {dispatch,<<"t">>,${message}}`,
    `[debug] <0.1.0>@emqttd_ws:x:1 WsClient(10.0.0.1:5): Error data: <<"${PLANTED}">>`,
    `[error] [Plugins] failed for {x,[{host,"db"},\n          {password,\n                          "${PLANTED}"}]}`,
  ];
  const gateways = [
    'msg: send_data, peername: 10.0.0.1:5, iodata: [<<"MESSAGE">>,10,[[<<"X">>]],0], size: 3',
    'msg: publish_msg, farme: #{<<"body">> => #{<<"text">> => <<"X">>}}, to_topic: a/b',
    'msg: invalid_info_feild, acc: [#{<<"Text">> => <<"X">>}], rest: <<"X">>',
    'msg: gbk_encode_replacement, field: a, original_string: <<"X">>',
    'msg: gbk_decode_replacement, field: a, original_bytes: X',
    'msg: datalayers_arrow_flight_connector_do_batch_query, querys: [{<<"action:a">>,<<"X">>}]',
    'msg: ignore_all_other_events, event_data: {x,<<"X">>}, event_type: info',
    'msg: unexpected_message, case_msg: {x,<<"X">>}',
    'msg: streams_registry_key_from_cursor_error, stack_trace: [{a,b,[<<"X">>],[]}]',
    'msg: blockwise_prepare_reply_error, reply: {x,<<"X">>}',
  ].map((text) => `[debug] ${text.replaceAll('X', PLANTED)}`);
  const records = [
    { msg: 'send_data', iodata: PLANTED },
    { msg: 'publish_msg', farme: { body: { text: PLANTED } } },
    { msg: 'frame_parse_error', input_bytes: PLANTED },
    { msg: 'mqtt_packet_sent', packets: [PLANTED] },
    { msg: 'unexpected_info', info: `{deliver,<<"t">>,${message}}` },
    {
      msg: 'x',
      state: { request: { body: PLANTED } },
      reason: `{unrecoverable_error,{request,{<<"/p">>,<<"${PLANTED}">>}}}`,
    },
    { msg: 'x', data: `Encoded(text)=${PLANTED}`, send_message: { a: PLANTED } },
    { msg: 'x', args: ['--password', PLANTED] },
  ];

  it('is in no event and in nothing that is kept', () => {
    for (const line of [
      ...[...texts, ...gateways].map((text) => `${STAMP} ${text}`),
      ...records.map((record) => JSON.stringify({ time: 1, level: 'error', ...record })),
    ]) {
      assert.ok(!told(line).includes(PLANTED), told(line));
      const original = dialect.original?.(line) ?? line;
      assert.ok(!original.includes(PLANTED), original);
    }
  });
});

describe('EMQX: nothing secret is told', () => {
  for (const [group, lines] of Object.entries({ audit: AUDITED, log: LOGGED, payload: PAYLOADS }))
    for (const [name, line] of Object.entries(lines))
      it(`${group}: ${name}`, () => {
        assert.ok(line.includes(PLANTED) || name.startsWith('a cut'), 'the secret is planted');
        assert.ok(!told(line).includes(PLANTED), told(line));
        const original = dialect.original?.(line) ?? line;
        assert.ok(!original.includes(PLANTED), original);
      });

  it('a record that holds no secret is kept as it is', () => {
    for (const line of [
      '2025-05-14T06:40:40.137021+00:00 [warning] tag: AUTHN, clientid: a, msg: authentication_failure, reason: banned',
      '2024-10-30T10:39:26.150460355+08:00 2024-10-30T02:39:26.150173+00:00 [error] plain',
      '{"time":1747204840137021,"level":"warning","msg":"authentication_failure","clientid":"a"}',
      '23:53:23.123 <0.9.0> [info] Client(c@10.1.1.9:41022): RECV PINGREQ(Q0, R0, D0)',
    ])
      assert.equal(dialect.original?.(line), line);
  });

  it('what is cut, or printed within JSON that is', () => {
    for (const text of [
      `{"reason":"{bad,[{password,<<\\"${PLANTED}\\">>}]}`,
      `#{password => <<\\"${PLANTED}\\"`,
      `#{password => <<\\"${PLANTED}`,
      `{password,<<"${PLANTED}">`,
      `{password,<<"${PLANTED}"`,
      `{"server":"mysql://u:${PLANTED}`,
    ])
      assert.ok(!hideSecrets(text).includes(PLANTED), hideSecrets(text));
    assert.equal(hideSecrets('"url":"http://10.0.0.1:8083'), '"url":"http://10.0.0.1:8083');
  });

  it('what is no secret stays', () => {
    for (const text of [
      'mechanism: password_based:built_in_database',
      'reason: bad_username_or_password, peername: 10.0.0.1:5',
      'exception error: bad key: missing',
      'tag: AUTHZ, msg: authorization_permission_denied, source: file',
      'Basic authentication failed',
      'http://10.0.0.1:8081/mqtt/auth',
      'password_hash_algorithm => #{name => sha256,salt_position => prefix}',
      'msg: config_key_not_recognized, unknown_config_keys: <<"a.b">>, root_key: <<"mqtt">>',
    ])
      assert.equal(hideSecrets(text), text);
    assert.equal(
      hideSecrets('key: {{{10,61,4,5},41402},<<3,4>>}, more: [{token,{a,"b}"}},{x,1}], y'),
      'key: ******, more: [{token,******},{x,1}], y',
    );
    assert.deepEqual(
      hideSecretValues({ keepalive: 60, enable_password: true, monkey: 'x', name: 'a', value: 'b' }),
      {
        keepalive: 60,
        enable_password: true,
        monkey: 'x',
        name: 'a',
        value: 'b',
      },
    );
    assert.deepEqual(hideSecretArguments('admins', ['passwd', 'ops', 'x']), ['passwd', 'ops', '******']);
    assert.deepEqual(hideSecretArguments('retainer', ['clean', 't/1']), ['clean', 't/1']);
  });
});
