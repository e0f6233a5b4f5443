import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialect } from '../../../../src/brokers/emqx/index.ts';
import { detectFraming } from '../../../../src/framing/detect.ts';
import { EMQX_STREAM, entriesOf, type Read, reader } from '../../../support/emqx.ts';

/** Events of the entries of a log. */
function read(...lines: string[]): Read[] {
  const { events, session } = reader();
  for (const { text } of entriesOf(Buffer.from(`${lines.join('\n')}\n`)))
    session.line(text, EMQX_STREAM.seen, 0);
  return events;
}

const one = (...lines: string[]): Read => {
  const [event, ...others] = read(...lines);
  assert.ok(event !== undefined && others.length === 0, `${others.length + 1} events`);
  return event;
};

const STAMP = '2025-05-14T06:40:40.137021+00:00';
const OLD = '2018-03-03 02:24:35.010';

/** Code, reason and error of an event. */
const why = ({ code, values }: Read): unknown[] => [code, values['event.reason'], values['error.message']];

describe('EMQX: why a process has ended', () => {
  it('reports of lager', () => {
    assert.deepEqual(
      [
        'CRASH REPORT Process <0.9.1> with 0 neighbours exited with reason: noconnection in gen_server2:terminate/3 line 1157',
        'CRASH REPORT Process <0.9.1> with 0 neighbours exited with reason: no case clause matching {error,closed} in a_db:answer/5 line 307 in gen_server:terminate/7 line 826',
        'gen_server <0.9.1> terminated with reason: {timeout,{gen_server2,call,[<0.7.0>,go,120000]}}',
        'gen_fsm <0.9.1> in state connected terminated with reason: false in a_gate:transform/2 line 591',
        "Supervisor 'esockd_connection_sup - <0.1.0>' had child connection started with emqttd_client:start_link([{a,0}]) at <0.9.1> exit with reason {badmatch,nil} in context connection_crashed",
        'Supervisor a_sup had child b started with {b,start_link,undefined} at <0.9.1> exit with reason killed in context child_terminated',
        "Error in process <0.9.1> on node 'a@b' with exit value:\n{{badmatch,nil},[{a,b,1,[]}]}",
        "Ranch listener 'mqtt:ws' had connection process started with cowboy_clear:start_link/4 at <0.9.1> exit with reason: {error,remote}",
        "Ranch listener 'mqtt:ws', connection process <0.9.1>, stream 1 had its request process <0.9.2> exit with reason badarg and stacktrace [{a,b,1,[]}]",
      ].map((text) => why(one(`${OLD} [error] <0.9.1> ${text}`))),
      [
        ['emqx.crash', 'noconnection', undefined],
        ['emqx.crash', 'case_clause', 'no case clause matching {error,closed}'],
        ['emqx.crash', 'timeout', '{timeout,{gen_server2,call,[<0.7.0>,go,120000]}}'],
        ['emqx.crash', 'false', undefined],
        ['emqx.crash', 'badmatch', '{badmatch,nil}'],
        ['emqx.crash', 'killed', undefined],
        ['emqx.crash', 'badmatch', '{{badmatch,nil},[{a,b,1,[]}]}'],
        ['emqx.crash', 'remote', undefined],
        ['emqx.crash', 'badarg', undefined],
      ],
    );
  });

  it('the process that lager names is a field; what it was sent is not told', () => {
    const event = one(
      `${OLD} [error] <0.9.1> gen_server <0.9.1> terminated with reason: {timeout,{call,{<<"an-id">>,<<"a-user">>}}}`,
    );
    assert.deepEqual(event.values['mqtt.log.fields'], { pid: '<0.9.1>' });
    assert.ok(!JSON.stringify(event).includes('a-user'));
  });

  it('reports of OTP of all generations', () => {
    const crasher = 'initial call: a:init/1, pid: <0.9.1>, registered_name: []';
    assert.deepEqual(
      [
        `crasher: ${crasher}, exit: {killed,[{gen_event,loop,4,[]}]}, ancestors: [a_sup], links: []; neighbours:`,
        `crasher: ${crasher}, throw: {busy,now}, ancestors: [a_sup], links: []; neighbours:`,
        'crasher:\n    initial call: a:init/1\n    exception error: no match of right hand side value {error,closed}\n      in function  a:init/1 (a.erl, line 15)',
        '** State machine a_tcp terminating\n** When server state  = {undefined,undefined}\n** Reason for termination = exit:badarg\n** Callback modules = [a]',
        '** State machine a_tcp terminating\n** Reason for termination = error:{badmatch,nil}\n** Callback modules = [a]',
        'Generic server a terminating. Reason: no function clause matching a:b([]) (a.erl, line 9). Last message: stop. State: nil.',
        'Generic event handler a crashed. Installed: b. Last event: go. State: nil. Reason: {aborted,{no_exists,[c]}}.',
        'supervisor: {esockd_connection_sup,<0.9.1>}, errorContext: connection_shutdown, reason: #{max => 1000,reason => message_queue_too_long,value => 1796}, offender: []',
        "Error in process <0.9.1> on node 'a@b' with exit value:, {badarg,[{a,b,1,[]}]}",
        "Process:          <0.9.1> on node 'a@b', Context:          maximum heap size reached, Max Heap Size:    10485760, Kill:             true",
        'Process:          <0.9.1> on node a@b\n     Context:          maximum heap size reached\n     Kill:             true',
      ].map((text) => why(one(`${STAMP} [error] ${text}`))),
      [
        ['emqx.crash', 'killed', '{killed,[{gen_event,loop,4,[]}]}'],
        ['emqx.crash', 'busy', '{busy,now}'],
        ['emqx.crash', 'badmatch', 'no match of right hand side value {error,closed}'],
        ['emqx.crash', 'badarg', undefined],
        ['emqx.crash', 'badmatch', '{badmatch,nil}'],
        ['emqx.crash', 'function_clause', 'no function clause matching a:b([]) (a.erl, line 9)'],
        ['emqx.crash', 'aborted', '{aborted,{no_exists,[c]}}'],
        [
          'emqx.crash',
          'message_queue_too_long',
          '#{max => 1000,reason => message_queue_too_long,value => 1796}',
        ],
        ['emqx.crash', 'badarg', '{badarg,[{a,b,1,[]}]}'],
        ['emqx.crash', 'maximum_heap_size_reached', undefined],
        ['emqx.crash', 'maximum_heap_size_reached', undefined],
      ],
    );
  });

  it('the class of an exception is no reason', () => {
    const event = one(
      '=ERROR REPORT==== 2-Oct-2025::18:10:01.610319 ===\n    error: exit\n    reason: calling_self\n    msg: a',
    );
    assert.equal(event.values['event.reason'], 'calling_self');
  });

  it('what the Erlang machine prints before its logger runs', () => {
    const at = '{error_logger,{{2016,10,8},{15,53,24}}';
    assert.deepEqual(
      [
        one(
          `${at},supervisor_report,[{supervisor,{local,a}},{reason,{'EXIT',nodistribution}},{offender,[]}]}`,
        ),
        one(`${at},"Protocol: ~tp: the name a@b seems to be in use by another Erlang node",["inet_tcp"]}`),
      ].map(({ values }) => values['event.reason']),
      ['nodistribution', undefined],
    );
  });

  it('the Erlang machine', () => {
    for (const text of [
      String.raw`{"Kernel pid terminated",application_controller,"{application_start_failure,emqx,{bad_return,{a,\"b\"}}}"}`,
      'Kernel pid terminated (application_controller) ({application_start_failure,emqx,{bad_return,{a,"b"}}})',
    ]) {
      const event = one(text);
      assert.deepEqual(
        [event.code, event.values['event.reason']],
        ['emqx.crash', 'application_start_failure'],
      );
      assert.match(dialect.original?.(text) ?? '', /application_start_failure/);
    }
  });

  it('a process that a supervisor has started has not ended', () => {
    for (const text of [
      'supervisor: {local,a_sup}\n    started: [{pid,<0.9.1>},\n              {id,a}]',
      'supervisor: {local,a_sup}, started: [{pid,<0.9.1>},{id,a}]',
      'Supervisor: {local,a_sup}. Started: id=a,pid=<0.9.1>.',
    ])
      assert.deepEqual(why(one(`${STAMP} [info] ${text}`)), ['emqx.log', undefined, undefined], text);
  });

  it('a report behind the head of a client hides what the process was sent', () => {
    const event = one(
      `${OLD} [error] <<"c7">>@10.0.0.1:5   crasher:`,
      '    initial call: a:init/4',
      '    exception exit: {aborted,{no_exists,[a]}}',
      '    messages: [{tcp,<<16,60,0,4,77,81>>}]',
    );
    assert.deepEqual(why(event), ['emqx.crash', 'aborted', '{aborted,{no_exists,[a]}}']);
    assert.deepEqual([event.values['mqtt.client.id'], event.values['source.port']], ['c7', 5]);
    assert.match(event.message, /\{tcp,\[6 bytes\]\}/);
    assert.ok(event.message.startsWith('<<"c7">>@10.0.0.1:5 '), event.message);
  });

  it('3.x: a process of a session knows its client, but no address', () => {
    const crash = one(
      `${OLD} [error] c7 ** Generic server <0.9.1> terminating `,
      '** Last message in was {publish,<<"secret">>}',
      '** Reason for termination == ',
      '** {error,remote}',
    );
    assert.deepEqual(
      [...why(crash), crash.values['mqtt.client.id']],
      ['emqx.crash', 'remote', undefined, 'c7'],
    );
    assert.ok(!crash.message.includes('secret'));
    const said = one(`${OLD} [warning] c 7 [Session] The PUBREL PacketId 3771 is not found`);
    assert.deepEqual(
      [said.values['mqtt.client.id'], said.values['mqtt.log.tag'], said.marks],
      ['c 7', 'Session', undefined],
    );
  });

  it('an id that imitates the head of a session is not believed', () => {
    for (const text of [
      'admin [Session] x [Session] The PUBREL PacketId 3771 is not found',
      'admin [Session] x ** Generic server <0.9.1> terminating',
      'admin ** Generic server x [Session] The PUBREL PacketId 3771 is not found',
      'admin ** Generic server x ** Generic server <0.9.1> terminating',
    ]) {
      const event = one(`${OLD} [warning] ${text}`);
      assert.deepEqual([event.values['mqtt.client.id'], event.marks], [undefined, 'ambiguous'], text);
    }
    const event = one(`${OLD} [debug] <0.9.1> gen_server x@10.0.0.1:5 [MQTT] RECV PINGREQ(Q0, R0, D0)`);
    assert.deepEqual([event.values['mqtt.client.id'], event.marks], [undefined, 'ambiguous']);
  });

  it('4.3: a trace point of the code behind the head of a client', () => {
    const event = one(
      `${STAMP} [info] c7,a=b|@10.0.0.1:5 file: emqx_connection.erl, line: 520, mfa: {emqx_connection,terminate,2}, msg: terminate, pid: <0.9.1>, reason: {shutdown,takeovered}`,
    );
    assert.deepEqual(
      [event.code, event.values['event.reason'], event.values['log.logger'], event.values['mqtt.client.id']],
      ['emqx.terminate', 'session_taken_over', 'emqx_connection:terminate/2', 'c7,a=b|'],
    );
    assert.equal(event.marks, undefined);
  });

  it('an entry of 6.0 without a name has its fields', () => {
    const event = one(
      `${STAMP} [error] tag: MQTT, clientid: c7, peername: 10.0.0.1:5, stacktrace: [{a,b,2,[]}], exception: {badmatch,undefined}, packets: {mqtt_packet,{mqtt_packet_header,2,false,0,false},<<"secret">>,undefined}`,
    );
    assert.deepEqual(
      [event.action, event.values['mqtt.client.id'], event.values['source.ip'], event.values['mqtt.log.tag']],
      ['broker-log', 'c7', '10.0.0.1', 'MQTT'],
    );
    assert.ok(!JSON.stringify(event).includes('secret'));
  });
});

describe('EMQX: payloads in reasons', () => {
  const REASON =
    '{unrecoverable_error,#{body => <<"secret body">>,headers => [{<<"date">>,<<"now">>}],status_code => 404}}';

  it('what a server has answered is not told, wherever the reason stands', () => {
    for (const text of [
      `${STAMP} [error] msg: unrecoverable_error, id: <<"action:http:x">>, reason: ${REASON}`,
      `${STAMP} [error] msg: unrecoverable_error, id: <<"action:http:x">>, cause: {a,${REASON}}`,
      JSON.stringify({ time: 1, level: 'error', msg: 'unrecoverable_error', reason: REASON, cause: REASON }),
    ]) {
      const event = one(text);
      assert.ok(!JSON.stringify(event).includes('secret'), JSON.stringify(event));
      assert.match(JSON.stringify(event), /status_code => 404/);
      assert.ok(dialect.original?.(text).includes('secret') === false);
    }
  });

  it('4.x: what a hook was given', () => {
    const event = one(
      `${STAMP} [error] c7@10.0.0.1:5 [Hooks] Failed to execute {a_hook,on_message_delivered,[x]}: {shutdown,{post,{"/a",[],<<123,34,117>>}}}`,
    );
    assert.match(event.message, /\[3 bytes\]/);
    assert.equal(event.values['mqtt.client.id'], 'c7');
  });

  it('records of messages of all protocols', () => {
    for (const record of [
      '{mqtt_msg,0,false,false,undefined,<<"a/b">>,#{},<<"secret">>}',
      '{coap_content,undefined,60,<<"text/plain">>,[],<<"secret">>}',
    ])
      for (const text of [
        `${OLD} [error] CoAP-RES: put has error, Content=${record}`,
        `${STAMP} [error] msg: unexpected, pending: [{publish,${record},infinity}]`,
      ])
        assert.ok(!JSON.stringify(one(text)).includes('secret'), text);
  });

  it('what was given to a process that did not answer, and what an action of a rule has failed with', () => {
    for (const text of [
      `${OLD} [error] c7@10.0.0.1:5 Apply rule rule:1 failed: {take_action_failed,\n   {<<"a">>,{noproc,{gen_statem,call,\n [<0.9.1>,{try_batch,{a,[<<"k">>,<<"secret">>]}},infinity]}},[{b,c,2,[]}]}}`,
      `${OLD} [error] Take action <<"a">> failed, skip all actions, reason: {{timeout,{gen_server,call,[<0.9.1>,{q,[<<"secret">>]},5000]}},[]}`,
      `${OLD} [error] Continue next action, reason: {take_action_failed,{a,{error,[<<"secret">>]}}}`,
      `${STAMP} [error] msg: x, reason: {shutdown,{gen_fsm,sync_send_event,[<0.9.1>,{q,[<<"secret">>]}]}}`,
    ]) {
      const event = one(text);
      assert.ok(!JSON.stringify(event).includes('secret'), text);
      assert.ok(dialect.original?.(text).includes('secret') === false, text);
    }
  });

  it('4.x: what a rule has sent to a database', () => {
    const event = one(
      `${OLD} [debug] [RuleEngine MySql] MySQL Pool: 'a', Msg: {<<"insert into t">>,<<" ('secret', 0)">>}`,
    );
    assert.ok(!event.message.includes('secret'), event.message);
  });
});

describe('EMQX: entries that its formatter could not print', () => {
  const CRASH = `${STAMP} debug: FORMATTER CRASH: {report,#{data => <<32,17,115>>,msg => "recv_data",password => <<"secret">>}}`;

  it('are entries in the form of OTP, without what they hold', () => {
    const [before, crash, after] = read(
      `${STAMP} [warning] msg: alarm_is_activated, name: a`,
      CRASH,
      `${STAMP} notice: Shard fully up`,
    );
    assert.equal(before?.action, 'alarm-raised');
    assert.deepEqual([crash?.values['log.level'], crash?.time], ['debug', '2025-05-14T06:40:40.137Z']);
    assert.match(crash?.message ?? '', /^FORMATTER CRASH: .*recv_data/);
    assert.ok(!/secret|115/.test(`${JSON.stringify(crash)} ${dialect.original?.(CRASH)}`));
    assert.deepEqual([after?.message, after?.values['log.level']], ['Shard fully up', 'notice']);
    assert.equal(detectFraming(Buffer.from(`${STAMP} notice: Shard fully up\n`)), 'lines');
  });

  it('a second entry tells which formatter it was, and no more', () => {
    const log = ', log_event: #{msg => {report,#{password => "secret"}}}, reason: {error,badarg,["secret"]}';
    for (const text of [
      `${STAMP} [debug] formatter_crashed: emqx_logger_textfmt, config: #{depth => 100}${log}`,
      `${OLD} [debug] formatter_crashed: emqx_logger_textfmt${`, config: #{depth => 100}${log}`.replaceAll(/, (?=\w+: )/g, '\n    ')}`,
      JSON.stringify({
        time: 1,
        level: 'debug',
        formatter_crashed: 'emqx_logger_textfmt',
        log_event: { msg: { report: { x: 'secret' } } },
        reason: '{error,badarg,["secret"]}',
      }),
    ]) {
      const event = one(text);
      assert.equal(
        (event.values['mqtt.log.fields'] as Record<string, unknown>).formatter_crashed,
        'emqx_logger_textfmt',
        text,
      );
      assert.ok(!`${JSON.stringify(event)} ${dialect.original?.(text)}`.includes('secret'), text);
    }
    const json = one(
      JSON.stringify({
        time: 1,
        level: 'debug',
        msg: 'emqx_logger_jsonfmt_format_error',
        fmt_raw_input: { report: { x: 'secret' } },
        fmt_error: 'error',
        fmt_reason: '{badarg,["secret"]}',
        fmt_stacktrace: '[{a,b,["secret"],[]}]',
      }),
    );
    assert.deepEqual(
      [json.code, json.values['mqtt.log.fields']],
      ['emqx.emqx_logger_jsonfmt_format_error', { fmt_error: 'error' }],
    );
  });
});

describe('EMQX: what stands on the console beside the log', () => {
  it('reports with their time in the title: SASL, and the copy of the console', () => {
    const events = read(
      '===== ALIVE Thu Nov 26 16:55:52 UTC 2015',
      '',
      '(emqx@10.0.0.7)1> ',
      '=ERROR REPORT==== 26-Nov-2015::17:22:46 ===',
      '** Generic server <0.9.1> terminating',
      '** Last message in was {inet_async,',
      '                           {ok,<<16,60,0,4,77,81,84,84,4,194,',
      '                                 52,117,110>>}}',
      '** Reason for termination == ',
      '** {timeout,{gen_server,call,[a]}}',
      '',
      '=INFO REPORT==== 26-Nov-2015::17:22:47.123456 ===',
      '    application: a',
      '    exited: stopped',
    );
    assert.deepEqual(
      events.map(({ time, code, values }) => [time, code, values['log.level'], values['event.reason']]),
      [
        ['2015-11-26T16:55:52.000Z', 'emqx.log', undefined, undefined],
        ['2026-11-21T20:00:00.000Z', 'emqx.log', undefined, undefined],
        ['2015-11-26T17:22:46.000Z', 'emqx.crash', 'error', 'timeout'],
        ['2015-11-26T17:22:47.123Z', 'emqx.log', 'info', 'stopped'],
      ],
    );
    assert.ok(!JSON.stringify(events).includes('194,'));
  });

  it('a prompt before an entry', () => {
    for (const prompt of [
      ...[
        '(emqx@10.0.0.7)1> ',
        'iex(emqx@127.0.0.1)38> ',
        'v5.0.14(emqx@127.0.0.1)1> ',
        '5.8.4(emqx@a.b)2> ',
      ],
      ...['e5.0.14-g1f7d1ed4(emqx@127.0.0.1)1> ', 'v5.0.14 1> ', 'e6.0.0-rc.1-gcc06d53e 12> '],
    ]) {
      const [crash, other] = read(
        `${prompt}2019-03-11 13:40:14.604 [error] c7@10.0.0.1:5 ** Generic server <0.9.1> terminating `,
        '** Last message in was {tcp,<<45,52,',
        '                              49,125>>}',
        '** Reason for termination == ',
        '** {badarg,[{a,b,2,[]}]}',
        `${prompt}${STAMP} [warning] msg: alarm_is_activated, name: a`,
      );
      assert.deepEqual([crash?.values['mqtt.client.id'], crash?.values['event.reason']], ['c7', 'badarg']);
      assert.ok(!JSON.stringify(crash).includes('45,52'));
      assert.ok(!dialect.original?.(`${prompt}${OLD} [error] crasher:\n  a: <<45,52>>`).includes('45,52'));
      assert.deepEqual([other?.action, other?.time], ['alarm-raised', '2025-05-14T06:40:40.137Z']);
    }
  });

  it('listeners, and a node that runs or is told to stop, between entries', () => {
    const events = read(
      `${STAMP} [warning] [Alarm Handler] Alarm a is activated, Too high`,
      'Start mqtt:tcp:internal listener on 127.0.0.1:11883 successfully.',
      'Start exproto gRPC server on 0.0.0.0:9100 successfully.',
      'EMQ X Broker 4.3.14 is running now!',
      `${STAMP} [error] line: 338, mfa: a:b/1, msg: failed_to_load, name: <<"n">>, reason: {late,<<"x">>}`,
      'Listener http:dashboard on :18083 started.',
      'Gateway exproto:tcp:default on :7993 started.',
      'EMQX Enterprise 5.8.4 is running now!',
      'Received terminate signal, shutting down now',
      'Listener tcp:default on 0.0.0.0:1883 stopped.',
    );
    assert.deepEqual(
      events.map(({ action, code }) => [action, code]),
      [
        ['alarm-raised', 'emqx.log'],
        ['broker-listener-opened', 'emqx.log'],
        ['broker-log', 'emqx.log'],
        ['broker-started', 'emqx.log'],
        ['broker-log', 'emqx.failed_to_load'],
        ['broker-listener-opened', 'emqx.log'],
        ['broker-listener-opened', 'emqx.log'],
        ['broker-started', 'emqx.log'],
        ['broker-stopped', 'emqx.log'],
        ['broker-log', 'emqx.log'],
      ],
    );
    assert.deepEqual(events[0]?.values['mqtt.alarm.details'], { message: 'Too high' });
  });

  it('the version of a node that runs', () => {
    const { session } = reader();
    session.line('EMQX 5.8.4 is running now!', EMQX_STREAM.seen, 0);
    assert.equal(session.version, '5.8.4');
    session.line(`${STAMP} [warning] EMQX 9.9.9 is running now!`, EMQX_STREAM.seen, 0);
    session.line('EMQX 9.9.9 is running now!\nx', EMQX_STREAM.seen, 0);
    assert.equal(session.version, '5.8.4');
  });

  it('any other line behind an entry of one line leaves its fields as they are', () => {
    const event = one(
      `${STAMP} [warning] clientid: c7, msg: socket_error, peername: 10.0.0.1:5, reason: enotconn`,
      'Some program says: password=hunter2',
    );
    assert.deepEqual(
      [event.code, event.values['mqtt.client.id'], event.values['event.reason'], event.marks],
      ['emqx.socket_error', 'c7', 'enotconn', undefined],
    );
    assert.ok(event.message.endsWith('\nSome program says: password=******'), event.message);
  });
});

describe('EMQX: audit log', () => {
  it('messages that are published by the REST API are told without their payload', () => {
    for (const body of [{ topic: 'a/b', payload: 'secret' }, [{ topic: 'a/b', payload: 'secret' }]]) {
      const event = one(
        JSON.stringify({
          time: 1,
          level: 'info',
          from: 'rest_api',
          http_method: 'post',
          operation_id: '/publish',
          http_request: { method: 'post', body },
        }),
      );
      assert.ok(!JSON.stringify(event).includes('secret'));
      assert.match(JSON.stringify(event.values['mqtt.audit.request']), /a\/b/);
    }
  });

  it('of 5.3 has the fields of later versions', () => {
    const text = JSON.stringify({
      time: 1_695_865_935_099_311,
      level: 'info',
      msg: 'from_api',
      username: 'admin',
      query_string: {},
      operate_id: '/users/:username',
      node: 'emqx@10.0.0.7',
      method: 'put',
      headers: { host: 'h:18083', authorization: '******' },
      from: 'dashboard',
      duration_ms: 1,
      code: 204,
      body: { password: 'secret', role: 'viewer' },
      bindings: { username: 'bob' },
    });
    const event = one(text);
    assert.deepEqual(
      [
        event.action,
        event.outcome,
        event.code,
        event.values['user.name'],
        event.values['user.target.name'],
        event.values['mqtt.audit.operation'],
        event.values['http.response.status_code'],
        event.values['service.node.name'],
        event.values['mqtt.log.fields'],
      ],
      [
        'audit-changed',
        'success',
        'audit.dashboard',
        'admin',
        'bob',
        '/users/:username',
        204,
        'emqx@10.0.0.7',
        undefined,
      ],
    );
    assert.ok(!JSON.stringify(event).includes('secret'));
    assert.ok(!dialect.original?.(text).includes('secret'));
  });
});
