import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Code, HEARTBEAT_AFTER_MS, PENDING_MAX, RESUME_MAX, defaultReconnectPolicy } from '../src/index.js';
import { Bench, message, notice, pushed } from './bench.js';

const JOIN = 'group_open_http_svc.apply_join_group';
const JOIN_ANONYMOUS = 'group_open_http_noauth_svc.apply_join_group';
const LOGIN = 'im_open_status.wslogin';
const LOGOUT = 'im_open_status.wslogout';
const POLL = 'group_open_long_polling_http_noauth_svc.get_msg';
const SEND = 'group_open_http_svc.send_group_msg';

describe('connection', () => {
  it('asks for life at once and after silence, and drops a socket that does not answer', () => {
    const bench = new Bench();
    bench.open();
    assert.equal(bench.timers.get('heartbeat'), HEARTBEAT_AFTER_MS);
    bench.fire('heartbeat');
    assert.equal(bench.count('heartbeat.alive'), 2);
    bench.fire('ask:heartbeat');
    assert.equal(bench.closes, 1);
    assert.deepEqual(bench.of('net').map(({ state }) => state), ['connecting']);
    assert.ok(bench.timers.has('reconnect'));
  });

  it('reports neither its first success nor the same state twice', () => {
    const bench = new Bench();
    bench.open();
    assert.deepEqual(bench.events, []);
    bench.do({ kind: 'closed' });
    bench.do({ kind: 'closed' });
    bench.fire('reconnect');
    bench.do({ kind: 'closed' });
    bench.fire('reconnect');
    bench.do({ kind: 'opened' });
    assert.deepEqual(bench.of('net').map(({ state }) => state), ['connecting', 'disconnected', 'connecting', 'connected']);
  });

  it('counts attempts until a frame arrives, and asks the policy each time', () => {
    const asked: number[] = [];
    const bench = new Bench({ delayMs: (attempt) => { asked.push(attempt); return 100; } });
    for (let round = 0; round < 3; round += 1) {
      bench.do({ kind: 'closed' });
      bench.fire('reconnect');
    }
    bench.open();
    bench.do({ kind: 'closed' });
    assert.deepEqual(asked, [0, 1, 2, 0]);
  });

  it('waits for the application when the policy gives up', () => {
    const bench = new Bench({ delayMs: () => null });
    bench.open();
    bench.do({ kind: 'closed' });
    assert.equal(bench.timers.has('reconnect'), false);
    assert.deepEqual(bench.of('net').map(({ state }) => state), ['disconnected']);
    bench.do({ kind: 'wake' });
    assert.equal(bench.opens, 2);
  });

  it('gives up an attempt that neither opens nor closes', () => {
    const bench = new Bench();
    bench.fire('open');
    assert.equal(bench.closes, 1);
    bench.fire('reconnect');
    assert.equal(bench.opens, 2);
  });

  it('reconnects at once, or checks the socket, when woken', () => {
    const bench = new Bench();
    bench.open();
    bench.do({ kind: 'wake' });
    assert.equal(bench.count('heartbeat.alive'), 2);
    bench.do({ kind: 'closed' });
    bench.do({ kind: 'wake' });
    assert.equal(bench.opens, 2);
    assert.equal(bench.timers.has('reconnect'), false);
  });

  it('spreads the first attempt and doubles the others up to the ceiling', () => {
    for (const [attempt, random, want] of [[0, 0, 0], [0, 0.5, 500], [1, 0, 500], [1, 0.999, 999.5], [2, 0, 1000], [9, 0, 10_000], [99, 1, 20_000]] as const) {
      assert.equal(defaultReconnectPolicy.delayMs(attempt, random), want, `attempt ${attempt}, random ${random}`);
    }
  });

  it('ignores what is not a frame', () => {
    const bench = new Bench();
    bench.open();
    for (const text of ['', '{', 'null', '[]', '{"head":{}}', '{"head":{"servcmd":5}}', '{"head":{"servcmd":"x"},"body":[]}', `"${'x'.repeat(5_000_000)}"`]) {
      bench.do({ kind: 'frame', text });
    }
    bench.push({ Event: 3, GroupMsgArray: 'no list' }, { Event: 4, GroupTips: null }, {});
    assert.equal(bench.of('items').length, 0);
  });
});

describe('requests', () => {
  it('match their reply by command and number', () => {
    const bench = new Bench();
    bench.open();
    const first = bench.request('a.b', { n: 1 });
    const second = bench.request('a.b', { n: 2 });
    const [one, two] = bench.sent.slice(-2);
    bench.frame({ head: { servcmd: 'a.b', seq: two?.seq }, body: { ErrorCode: 0, of: 2 } });
    bench.frame({ head: { servcmd: 'a.c', seq: one?.seq }, body: { ErrorCode: 0, of: 'nobody' } });
    assert.equal(bench.answers.get(second)?.of, 2);
    assert.equal(bench.answers.has(first), false);
    bench.frame({ head: { servcmd: 'a.b', seq: one?.seq }, body: { ErrorCode: 10010, ErrorInfo: 'no such group' } });
    assert.equal(bench.refusals.get(first)?.code, 10010);
    assert.equal(bench.refusals.get(first)?.message, 'no such group');
  });

  it('time out with or without a socket', () => {
    const bench = new Bench();
    const id = bench.request('a.b');
    bench.fire(`request:${id}`);
    assert.equal(bench.refusals.get(id)?.code, Code.timeout);
  });

  it('wait for the socket, and go out again on the next one', () => {
    const bench = new Bench();
    const id = bench.request('a.b');
    assert.equal(bench.count('a.b'), 0);
    bench.open();
    assert.equal(bench.count('a.b'), 1);
    bench.cut();
    assert.equal(bench.count('a.b'), 2);
    bench.reply('a.b');
    assert.ok(bench.answers.has(id));
  });

  it('are refused instead when they must not happen twice', () => {
    const bench = new Bench();
    const unsent = bench.request('a.b', {}, { resend: false });
    bench.open();
    bench.do({ kind: 'closed' });
    assert.equal(bench.refusals.get(unsent)?.code, Code.network);
  });

  it('are bounded in number', () => {
    const bench = new Bench();
    for (let n = 0; n < PENDING_MAX; n += 1) bench.request('a.b');
    assert.equal(bench.refusals.size, 0);
    const id = bench.request('a.b');
    assert.equal(bench.refusals.get(id)?.code, Code.tooOften);
  });

  it('are held back on a command that the server asked to pause', () => {
    const bench = new Bench();
    bench.open();
    bench.frame({ head: { servcmd: 'OverLoadPush.notify2' }, body: { OverLoadServCmd: SEND, DelaySecs: 5 } });
    assert.equal(bench.refusals.get(bench.request(SEND))?.code, Code.overloaded);
    assert.equal(bench.timers.get(`overload:${SEND}`), 5000);
    bench.fire(`overload:${SEND}`);
    bench.request(SEND);
    assert.equal(bench.count(SEND), 1);
  });

  it('are refused when the client is destroyed, and nothing happens after it', () => {
    const bench = new Bench();
    const id = bench.request('a.b');
    bench.do({ kind: 'stop' });
    assert.equal(bench.refusals.get(id)?.code, Code.network);
    assert.deepEqual(bench.session.handle({ kind: 'opened' }, 0), []);
  });
});

describe('login', () => {
  it('sends the signature once and the token ever after', () => {
    const bench = new Bench();
    bench.login();
    const { head } = bench.last(LOGIN);
    assert.equal(head.identifier, 'bob');
    assert.equal(head.usersig, 'signature');
    bench.request('a.b');
    const after = bench.last('a.b').head;
    assert.deepEqual([after.a2, after.tinyid, after.status_instid, after.usersig], ['token', '144115200000000001', 7, undefined]);
    assert.equal(bench.session.userID, 'bob');
  });

  it('survives a refusal: the next login can succeed', () => {
    const bench = new Bench();
    bench.open();
    bench.do({ kind: 'login', id: 90, userID: 'bob', userSig: 'old' });
    bench.reply(LOGIN, { ErrorCode: 70001, ErrorInfo: 'expired' });
    assert.equal(bench.refusals.get(90)?.code, 70001);
    assert.deepEqual(bench.of('kicked'), []);
    bench.do({ kind: 'login', id: 91, userID: 'bob', userSig: 'new' });
    assert.equal(bench.last(LOGIN).head.usersig, 'new');
  });

  it('is refused while another runs or was made', () => {
    const bench = new Bench();
    bench.open();
    bench.do({ kind: 'login', id: 90, userID: 'bob', userSig: 's' });
    bench.do({ kind: 'login', id: 91, userID: 'ann', userSig: 's' });
    assert.equal(bench.refusals.get(91)?.code, Code.loginRunning);
  });

  it('refuses a reply without token or number', () => {
    for (const [body, code] of [[{ TinyId: '1' }, Code.noToken], [{ A2Key: 'x' }, Code.noTinyId]] as const) {
      const bench = new Bench();
      bench.open();
      bench.do({ kind: 'login', id: 90, userID: 'bob', userSig: 's' });
      bench.reply(LOGIN, body);
      assert.equal(bench.refusals.get(90)?.code, code);
      assert.equal(bench.session.userID, '');
    }
  });

  it('says hello at the interval the server names', () => {
    const bench = new Bench();
    bench.login();
    assert.equal(bench.timers.get('hello'), 30_000);
    bench.fire('hello');
    assert.equal(bench.count('im_open_status.wshello'), 1);
    assert.equal(bench.timers.get('hello'), 30_000);
  });

  it('ends by kick types, by codes and by a kick inside a reply', () => {
    const kicks = [
      [1, 'multipleAccount', Code.kickedByAccount], [2, 'multipleDevice', Code.kickedByDevice], [3, 'REST_API_Kick', Code.kickedByServer],
    ] as const;
    for (const [KickType, reason, code] of kicks) {
      const bench = new Bench();
      bench.login();
      bench.join('room');
      const id = bench.request('a.b');
      bench.push({ Event: 10, C2cNotifyMsgArray: [{ KickoutMsgNotify: { KickType, NewInstInfo: {} } }] });
      assert.deepEqual(bench.of('kicked'), [{ type: 'kicked', reason, code }]);
      assert.equal(bench.refusals.get(id)?.code, code);
      assert.equal(bench.session.membership('room'), null);
      assert.equal(bench.count(LOGOUT), reason === 'REST_API_Kick' ? 0 : 1);
    }
    for (const ErrorCode of [70001, 20002]) {
      const bench = new Bench();
      bench.login();
      bench.request('a.b');
      bench.reply('a.b', { ErrorCode });
      assert.equal(bench.of('kicked')[0]?.reason, 'userSigExpired');
    }
    const bench = new Bench();
    bench.login();
    bench.fire('hello');
    bench.reply('im_open_status.wshello', { ErrorCode: 1002, KickType: 2 });
    assert.equal(bench.of('kicked')[0]?.reason, 'multipleDevice');
  });

  it('logs out on the wire, or alone without a socket', () => {
    const bench = new Bench();
    bench.login();
    bench.join('room');
    bench.do({ kind: 'logout', id: 80, timeoutMs: 1000 });
    bench.reply(LOGOUT);
    assert.ok(bench.answers.has(80));
    assert.equal(bench.session.userID, '');
    const cut = new Bench();
    cut.login();
    cut.do({ kind: 'closed' });
    cut.do({ kind: 'logout', id: 81, timeoutMs: 1000 });
    assert.ok(cut.answers.has(81));
    assert.equal(cut.session.userID, '');
  });
});

describe('rooms', () => {
  it('deliver each number once, in order within an item', () => {
    const bench = new Bench();
    bench.login();
    bench.join('room');
    bench.push(pushed(3, 2));
    bench.push(pushed(3), pushed(4));
    bench.push(pushed(2, 5));
    assert.deepEqual(bench.delivered(), [2, 3, 4, 5]);
  });

  it('deliver nothing for a room that is not joined, except notices', () => {
    const bench = new Bench();
    bench.login();
    bench.push(pushed(1), notice(2, 255));
    assert.deepEqual(bench.delivered(), [2]);
  });

  it('drop the echo of an own message, not the same user\'s message from elsewhere', () => {
    const bench = new Bench();
    bench.login();
    bench.join('room');
    bench.request(SEND, { GroupId: 'room', Random: 77 });
    bench.push({ Event: 3, GroupMsgArray: [message(1, { From_Account: 'bob', MsgRandom: 77 }), message(2, { From_Account: 'bob', MsgRandom: 78 })] });
    assert.deepEqual(bench.delivered(), [2]);
    bench.cut();
    assert.deepEqual(bench.last(LOGIN).body.Resume, [{ GroupId: 'room', MsgSeq: 2 }]);
  });

  it('end with the notices that say so', () => {
    for (const type of [4, 5, 21]) {
      const bench = new Bench();
      bench.login();
      bench.join('room');
      bench.push(notice(1, type));
      assert.deepEqual(bench.delivered(), [1]);
      assert.equal(bench.session.membership('room'), null, `notice ${type}`);
    }
  });

  it('show the history of a join after its answer', () => {
    const bench = new Bench();
    bench.login();
    bench.join('room', { RspMsgList: [message(1), { ...message(2), Event: 4 }, message(3)] });
    assert.deepEqual(bench.of('items').map(({ event }) => event), [3, 4, 3]);
    assert.deepEqual(bench.delivered(), [1, 2, 3]);
  });

  it('are not entered when the reply is no success', () => {
    const bench = new Bench();
    bench.login();
    const id = bench.request(JOIN, { GroupId: 'room' });
    bench.reply(JOIN, { JoinedStatus: 'Nonsense' });
    assert.equal(bench.refusals.get(id)?.code, Code.joinFailed);
    assert.equal(bench.session.membership('room'), null);
  });

  it('acknowledge a push that asks for it', () => {
    const bench = new Bench();
    bench.login();
    bench.frame({ head: { servcmd: 'x' }, body: { EventArray: [], NeedAck: 1, SessionData: 's1' } });
    assert.deepEqual(bench.last('openim.ws_msg_push_ack').body, { SessionData: 's1' });
  });
});

describe('resume', () => {
  it('names the place in every room before anything else is sent', () => {
    const bench = new Bench();
    bench.login();
    bench.join('room');
    bench.push(pushed(1, 2, 3));
    bench.do({ kind: 'closed' });
    const id = bench.request(SEND, { GroupId: 'room', Random: 5 });
    bench.fire('reconnect');
    bench.do({ kind: 'opened' });
    const { body, head } = bench.last(LOGIN);
    assert.deepEqual(body.Resume, [{ GroupId: 'room', MsgSeq: 3 }]);
    assert.deepEqual([head.a2, head.usersig], ['token', undefined]);
    assert.equal(bench.count(SEND), 0, 'held back until the server knows who we are');
    bench.resume({ room: 'Resumed' });
    assert.equal(bench.count(SEND), 1);
    bench.reply(SEND, { MsgTime: 1, MsgSeq: 6 });
    assert.ok(bench.answers.has(id));
    bench.push(pushed(3, 4, 5));
    assert.deepEqual(bench.delivered(), [1, 2, 3, 4, 5]);
    assert.deepEqual(bench.of('gap'), []);
  });

  it('starts a silent room at the number its profile named', () => {
    const bench = new Bench();
    bench.login();
    bench.join('room');
    bench.request('group_open_http_svc.get_group_self_member_info', { GroupIdList: ['room'] });
    bench.reply('group_open_http_svc.get_group_self_member_info', { GroupInfo: [{ GroupId: 'room', NextMsgSeq: 41 }] });
    bench.cut();
    assert.deepEqual(bench.last(LOGIN).body.Resume, [{ GroupId: 'room', MsgSeq: 40 }]);
  });

  it('reports a gap that is too large', () => {
    const bench = new Bench();
    bench.login();
    bench.join('room');
    bench.cut();
    bench.resume({ room: 'GapTooLarge' });
    assert.deepEqual(bench.of('gap'), [{ type: 'gap', groupId: 'room', rejoined: false }]);
  });

  it('joins again when the membership is over, and reports what that lost', () => {
    const bench = new Bench();
    bench.login();
    bench.join('room');
    bench.push(pushed(1, 2));
    bench.cut();
    bench.resume({ room: 'NotMember' });
    assert.equal(bench.count(JOIN), 2);
    bench.reply(JOIN, { JoinedStatus: 'JoinedSuccess', RspMsgList: [message(2), message(9)] });
    assert.deepEqual(bench.delivered(), [1, 2, 9]);
    assert.deepEqual(bench.of('gap'), [{ type: 'gap', groupId: 'room', rejoined: true }]);
  });

  it('reports a room that cannot be joined again', () => {
    const bench = new Bench();
    bench.login();
    bench.join('room');
    bench.cut();
    bench.resume({ room: 'NotMember' });
    bench.reply(JOIN, { ErrorCode: 10010, ErrorInfo: 'no such group' });
    assert.deepEqual(bench.of('roomLost'), [{ type: 'roomLost', groupId: 'room', code: 10010, message: 'no such group' }]);
    assert.equal(bench.session.membership('room'), null);
  });

  it('ends the login when the token is refused', () => {
    const bench = new Bench();
    bench.login();
    bench.cut();
    bench.reply(LOGIN, { ErrorCode: 70001 });
    assert.equal(bench.of('kicked')[0]?.reason, 'userSigExpired');
    assert.equal(bench.session.userID, '');
  });

  it('tries again, ever later, when the server refuses for another reason or is silent', () => {
    const asked: number[] = [];
    const bench = new Bench({ delayMs: (attempt) => { asked.push(attempt); return 1; } });
    bench.login();
    bench.cut();
    bench.reply(LOGIN, { ErrorCode: 60006 });
    bench.fire('reconnect');
    bench.do({ kind: 'opened' });
    bench.fire('ask:resume');
    assert.deepEqual(asked, [0, 1, 2]);
    assert.equal(bench.session.userID, 'bob');
  });

  it('joins again what does not fit into one resume', () => {
    const bench = new Bench();
    bench.login();
    for (let n = 0; n <= RESUME_MAX; n += 1) bench.join(`room${n}`);
    bench.cut();
    assert.equal((bench.last(LOGIN).body.Resume as unknown[]).length, RESUME_MAX);
    bench.resume({});
    assert.equal(bench.last(JOIN).body.GroupId, `room${RESUME_MAX}`);
  });
});

describe('anonymous viewers', () => {
  function viewer(): Bench {
    const bench = new Bench();
    bench.open();
    bench.request(JOIN_ANONYMOUS, { GroupId: 'room' });
    bench.reply(JOIN_ANONYMOUS, { JoinedStatus: 'JoinedSuccess', LongPollingKey: 'key' });
    return bench;
  }

  it('poll from the recent history on, at the server\'s cursor', () => {
    const bench = viewer();
    assert.equal(bench.session.membership('room'), 'anonymous');
    assert.deepEqual([bench.last(POLL).body.StartSeq, bench.last(POLL).body.Key], [0, 'key']);
    bench.reply(POLL, { NextSeq: 12, RspMsgList: [{ ...message(10), Event: 3 }, { ...message(11), Event: 3 }] });
    assert.deepEqual(bench.delivered(), [10, 11]);
    bench.fire('poll:room');
    assert.equal(bench.last(POLL).body.StartSeq, 12);
  });

  it('keep their cursor over a cut and join again first', () => {
    const bench = viewer();
    bench.reply(POLL, { NextSeq: 12, RspMsgList: [] });
    bench.cut();
    assert.equal(bench.count(JOIN_ANONYMOUS), 2);
    bench.reply(JOIN_ANONYMOUS, { JoinedStatus: 'JoinedSuccess', LongPollingKey: 'key2' });
    assert.deepEqual([bench.last(POLL).body.StartSeq, bench.last(POLL).body.Key], [12, 'key2']);
    assert.deepEqual(bench.of('gap'), []);
    bench.reply(POLL, { NextSeq: 90, Gap: 1, RspMsgList: [] });
    assert.deepEqual(bench.of('gap'), [{ type: 'gap', groupId: 'room', rejoined: false }]);
  });

  it('poll again after an answer, a timeout or an error, and stop when the room is gone', () => {
    const bench = viewer();
    bench.fire('ask:poll:room');
    bench.fire('poll:room');
    bench.reply(POLL, { ErrorCode: 60006 });
    assert.equal(bench.timers.get('poll:room'), 2000);
    bench.fire('poll:room');
    bench.reply(POLL, { ErrorCode: 10010, ErrorInfo: 'gone' });
    assert.equal(bench.timers.has('poll:room'), false);
    assert.equal(bench.of('roomLost')[0]?.code, 10010);
  });

  it('are refused by a room without a polling key', () => {
    const bench = new Bench();
    bench.open();
    const id = bench.request(JOIN_ANONYMOUS, { GroupId: 'room' });
    bench.reply(JOIN_ANONYMOUS, { JoinedStatus: 'JoinedSuccess' });
    assert.equal(bench.refusals.get(id)?.code, Code.anonymousJoinRefused);
  });

  it('stop when they leave or log in', () => {
    const bench = viewer();
    bench.do({ kind: 'leave', groupId: 'room' });
    assert.equal(bench.session.membership('room'), null);
    assert.equal(bench.timers.has('ask:poll:room'), false);
    const later = viewer();
    later.login();
    assert.equal(later.session.membership('room'), null);
  });

  it('may look at a room with any name', () => {
    const bench = new Bench();
    bench.open();
    bench.request(JOIN_ANONYMOUS, { GroupId: 'a:b:c' });
    bench.reply(JOIN_ANONYMOUS, { JoinedStatus: 'JoinedSuccess', LongPollingKey: 'key' });
    bench.reply(POLL, { NextSeq: 3, RspMsgList: [] });
    bench.fire('poll:a:b:c');
    assert.equal(bench.last(POLL).body.StartSeq, 3);
  });

  it('deliver broadcasts of the first room\'s poll', () => {
    const bench = viewer();
    bench.reply(POLL, { NextSeq: 1, NextBroadcastSeq: 5, RspMsgList: [], RspBroadcastMsgList: [{ ...message(1), Event: 17 }] });
    assert.equal(bench.of('items')[0]?.event, 17);
    bench.fire('poll:room');
    assert.equal(bench.last(POLL).body.StartBroadcastSeq, 5);
  });
});
