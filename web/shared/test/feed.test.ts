import { afterEach, mock, test } from 'node:test';
import assert from 'node:assert/strict';
import { emptyView, RoomFeed, type Happening, type RoomView } from '../src/index';

type Listener = (event: { data: unknown }) => void;

const group = {
  groupID: 'r', name: 'Teaware', avatar: '', notification: 'hello', ownerID: 'host', muteAllMembers: false,
  groupCustomField: [{ key: 'room_status', value: 'live' }, { key: 'add_goods', value: '{"id":"1","title":"Cup","price":100,"currency":"CNY"}' }],
};

/** A chat that answers what it is told to, and a page that keeps the picture. */
function room(answers: Record<string, unknown> = {}, userID = 'viewer') {
  const listeners = new Map<string, Listener>();
  const asked: string[] = [];
  const ok = (data: unknown) => Promise.resolve({ code: 0, data });
  const defaults: Record<string, () => Promise<unknown>> = {
    joinGroup: () => ok({ status: 'JoinedSuccess', ...(userID && { group }) }),
    getGroupProfile: () => ok({ group }),
    getUserProfile: () => ok([{ userID: 'host', nick: 'Host', avatar: '' }]),
    getGroupMemberProfile: () => ok({ memberList: [{ userID, muteUntil: 0 }] }),
    getRoomStats: () => ok({ onlineMemberCount: 7, peakMemberCount: 9, likeCount: 3, messageCount: 1, ledger: [] }),
  };
  const chat = new Proxy({}, {
    get: (_, name: string) => {
      if (name === 'on') return (event: string, listener: Listener) => listeners.set(event, listener);
      if (name === 'off') return (event: string) => listeners.delete(event);
      return () => { asked.push(name); return ((answers[name] as () => Promise<unknown>) ?? defaults[name])(); };
    },
  });
  const view: RoomView = { ...emptyView };
  const happened: Happening[] = [];
  const past: boolean[] = [];
  const feed = new RoomFeed({
    chat: chat as never, groupID: 'r', userID,
    change: (patch) => Object.assign(view, patch),
    happen: (happening, isPast) => { happened.push(happening); past.push(isPast); },
  });
  open.push(feed);
  const emit = (name: string, data: unknown) => listeners.get(name)?.({ data });
  const tip = (payload: object, to = 'r') =>
    emit('onMessageReceived', [{ ID: 'm', type: 'TIMGroupTipElem', payload, from: '@TIM#SYSTEM', to, time: 1 }]);
  return { feed, view, happened, past, emit, tip, asked, listeners };
}

const open: RoomFeed[] = [];
afterEach(() => {
  open.splice(0).forEach((feed) => feed.stop());
  mock.restoreAll();
});

test('a member sees the room as its profile says', async () => {
  const { feed, view } = room();
  await feed.start();
  await new Promise(setImmediate);
  assert.equal(view.presence, 'in');
  assert.equal(view.status, 'live');
  assert.equal(view.announcement, 'hello');
  assert.equal(view.goods?.title, 'Cup');
  assert.deepEqual(view.host, { userID: 'host', nick: 'Host', avatar: '' });
  assert.deepEqual([view.viewers, view.peak, view.likes], [7, 9, 3]);
});

test('an anonymous viewer asks nothing that needs a login', async () => {
  const snapshot = {
    name: 'Teaware', picture: '', announcement: 'hello', host: { userID: 'host', nick: 'Host', avatar: '' },
    fields: { room_status: 'paused', slow_mode: '10' }, pinned: [{ seq: 4, time: 1, userID: 'u', nick: 'U', avatar: '', text: 'look' }],
    muteAll: false, viewers: 5, peak: 6, likes: 2,
  };
  mock.method(globalThis, 'fetch', async () => Response.json(snapshot));
  const { feed, view, asked } = room({}, '');
  await feed.start();
  assert.deepEqual(asked, ['joinGroup']);
  assert.equal(view.status, 'paused');
  assert.equal(view.viewers, 5);
  assert.equal(view.goods, null);
  assert.equal(view.slowSecs, 10);
  assert.deepEqual(view.pins, [{ seq: 4, who: { userID: 'u', nick: 'U', avatar: '' }, text: 'look', time: 1 }]);
});

test('what is pinned and taken off changes the picture', async () => {
  mock.method(globalThis, 'fetch', async () => new Response(null, { status: 404 }));
  const { feed, view, emit } = room();
  await feed.start();
  const pinned = (sequence: number, isPinned: boolean, groupID = 'r') => emit('onPinnedGroupMessageUpdated', {
    groupID, isPinned, operatorInfo: {}, message: isPinned
      ? { ID: `m${sequence}`, sequence, from: 'u', nick: 'U', avatar: '', time: 1, payload: { text: `text ${sequence}` } }
      : { ID: `m${sequence}`, sequence, random: 1, time: 1, clientTime: 1 },
  });
  pinned(3, true);
  pinned(5, true);
  pinned(9, true, 'elsewhere');
  assert.deepEqual(view.pins.map(({ seq, text }) => [seq, text]), [[3, 'text 3'], [5, 'text 5']]);
  pinned(3, false);
  assert.deepEqual(view.pins.map(({ seq }) => seq), [5]);
});

test('changes of the room change the picture and are told', async () => {
  const { feed, view, happened, tip } = room();
  await feed.start();
  tip({ operationType: 6, newGroupProfile: { groupCustomField: [{ key: 'room_status', value: 'ended' }], muteAllMembers: true } });
  assert.equal(view.status, 'ended');
  assert.equal(view.muteAll, true);
  assert.deepEqual(happened.map(({ kind }) => kind), ['status', 'mute_all']);
});

test('the recent history is told as past, and does not undo what the profile of a member says', async () => {
  const ended = { operationType: 6, newGroupProfile: { groupCustomField: [{ key: 'room_status', value: 'ended' }] } };
  const member = room();
  const joining = member.feed.start();
  member.tip(ended);
  await joining;
  member.tip({ operationType: 1, operatorID: 'x' });
  assert.equal(member.view.status, 'live');
  assert.deepEqual(member.past, [true, false]);

  mock.method(globalThis, 'fetch', async () => new Response(null, { status: 404 }));
  const anonymous = room({}, '');
  await anonymous.feed.start();
  anonymous.tip(ended);
  assert.equal(anonymous.view.status, 'ended', 'may be news: an empty room has no history');
  anonymous.tip({ operationType: 1, operatorID: 'x' });
  await new Promise((resolve) => setTimeout(resolve, 5));
  anonymous.tip(ended);
  assert.deepEqual(anonymous.past, [true, true, false]);
});

test('another room of the same connection is not ours', async () => {
  const { feed, view, happened, tip } = room();
  await feed.start();
  tip({ operationType: 6, newGroupProfile: { groupCustomField: [{ key: 'room_status', value: 'ended' }] } }, 'other');
  assert.equal(view.status, 'live');
  assert.deepEqual(happened, []);
});

test('only our own mute silences us, and unmuting ends it', async () => {
  const { feed, view, tip } = room();
  await feed.start();
  tip({ operationType: 7, memberList: [{ userID: 'other', muteTime: 60 }] });
  assert.equal(view.mutedUntil, 0);
  tip({ operationType: 7, memberList: [{ userID: 'viewer', muteTime: 60 }] });
  assert.ok(view.mutedUntil > Date.now() + 50_000);
  tip({ operationType: 7, memberList: [{ userID: 'viewer', muteTime: 0 }] });
  assert.equal(view.mutedUntil, 0);
});

test('a room that is not there, or not for us, is said so and not asked again', async () => {
  for (const [code, presence] of [[10010, 'missing'], [10015, 'missing'], [10007, 'banned']] as const) {
    const { feed, view, asked } = room({ joinGroup: () => Promise.reject(Object.assign(new Error('no'), { code })) });
    await feed.start();
    assert.equal(view.presence, presence);
    assert.deepEqual(asked, ['joinGroup']);
  }
});

test('a join that failed for want of a network is tried again', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  let attempts = 0;
  const joinGroup = () => {
    attempts += 1;
    if (attempts === 1) return Promise.reject(Object.assign(new Error('no network'), { code: 2800 }));
    return Promise.resolve({ code: 0, data: { status: 'JoinedSuccess', group } });
  };
  const { feed, view } = room({ joinGroup });
  await feed.start();
  assert.equal(view.presence, 'failed');
  mock.timers.tick(3000);
  await new Promise(setImmediate);
  assert.equal(view.presence, 'in');
  mock.timers.reset();
});

test('after a cut the profile is asked again, because a change may have been missed', async () => {
  const { feed, view, emit, asked } = room();
  await feed.start();
  emit('netStateChange', { state: 'connecting' });
  assert.equal(view.net, 'connecting');
  asked.length = 0;
  emit('netStateChange', { state: 'connected' });
  assert.equal(view.net, 'connected');
  assert.equal(asked[0], 'getGroupProfile');
});

test('a room that vanishes while we are in it has been closed, and a reason given before stays', async () => {
  const { feed, view, emit } = room();
  await feed.start();
  emit('hawkerRoomLost', { groupID: 'other', code: 10010 });
  assert.equal(view.presence, 'in');
  emit('hawkerRoomLost', { groupID: 'r', code: 10010 });
  assert.equal(view.presence, 'dismissed');

  const banned = room();
  await banned.feed.start();
  banned.emit('onMessageReceived', [{ ID: 'n', type: 'TIMGroupSystemNoticeElem', payload: { operationType: 21 }, from: '', to: 'r', time: 1 }]);
  banned.emit('hawkerRoomLost', { groupID: 'r', code: 10010 });
  assert.equal(banned.view.presence, 'banned');
});

test('a stopped feed hears nothing more', async () => {
  const { feed, listeners } = room();
  await feed.start();
  feed.stop();
  assert.equal(listeners.size, 0);
});

test('being signed out elsewhere or running out is told apart', async () => {
  const { feed, view, emit } = room();
  await feed.start();
  emit('kickedOut', { type: 'multipleDevice' });
  assert.equal(view.presence, 'elsewhere');
  emit('kickedOut', { type: 'userSigExpired' });
  assert.equal(view.presence, 'expired');
});
