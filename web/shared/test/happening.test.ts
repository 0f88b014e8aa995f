import { test } from 'node:test';
import assert from 'node:assert/strict';
import { fitWithin, happeningsOf, roomStatus, type ChatMessage } from '../src/index';

function message(type: string, payload: unknown): ChatMessage {
  return { ID: 'm1', type, payload, from: 'viewer', nick: 'Viewer', avatar: '', time: 1700000000 };
}
const deed = { id: 'm1', who: { userID: 'viewer', nick: 'Viewer', avatar: '' }, time: 1700000000 };
const custom = (data: string, extension = '') => message('TIMCustomElem', { data, description: '', extension });
const tip = (payload: object) => message('TIMGroupTipElem', payload);

test('a text is a comment', () => {
  const said = message('TIMTextElem', { text: '<b>hi</b>' });
  assert.deepEqual(happeningsOf(said), [{ kind: 'comment', ...deed, text: '<b>hi</b>', picture: null, message: said }]);
});

test('a picture is a comment, if a page may load it', () => {
  const size = (url: string, width = 0, sizeType = 1) => ({ url, width, height: width / 2, sizeType });
  const shown = (...sizes: object[]) => {
    const [happening] = happeningsOf(message('TIMImageElem', { imageInfoArray: sizes }));
    return happening?.kind === 'comment' ? happening.picture : null;
  };
  assert.deepEqual(shown(size('http://h/a.png', 400), size('http://h/a-198.jpg', 198, 3), size('http://h/a-720.jpg', 720, 2)),
    { thumb: 'http://h/a-198.jpg', full: 'http://h/a-720.jpg', width: 400, height: 200 });
  assert.deepEqual(shown(size('https://h/only.png')), { thumb: 'https://h/only.png', full: 'https://h/only.png', width: 0, height: 0 });
  for (const url of ['javascript:alert(1)', 'data:text/html,x', '//h/a.png', '', 'file:///etc/passwd']) assert.equal(shown(size(url)), null, url);
  assert.equal(shown(), null);
});

test('a picture has its size before it is there', () => {
  const within = (width: number, height: number) => fitWithin({ thumb: '', full: '', width, height }, 180);
  assert.deepEqual(within(400, 200), { width: 180, height: 90 });
  assert.deepEqual(within(90, 60), { width: 90, height: 60 });
  assert.deepEqual(within(0, 0), { width: 180, height: 180 });
  assert.deepEqual(within(10_000, 10), { width: 180, height: 48 });
});

test('slow mode is a field of the room', () => {
  const field = (value: string) => happeningsOf(message('TIMGroupTipElem',
    { operationType: 6, newGroupProfile: { groupCustomField: [{ key: 'slow_mode', value }] } }));
  for (const [value, seconds] of [['30', 30], ['', 0], ['x', 0], ['-5', 0]] as const) {
    assert.deepEqual(field(value), [{ kind: 'slow', seconds }]);
  }
});

test('custom messages are what their name says, in both spellings', () => {
  assert.deepEqual(happeningsOf(custom('LIKE')), [{ kind: 'like', ...deed }]);
  assert.deepEqual(happeningsOf(custom('SEND_GIFT', 'rose')),
    [{ kind: 'gift', ...deed, gift: { id: 'rose', name: 'rose', count: 1 } }]);
  for (const name of ['ATTENT', 'ATTENTION']) {
    assert.deepEqual(happeningsOf(custom(name)), [{ kind: 'follow', ...deed, following: true }]);
  }
  for (const name of ['CANCELATTENT', 'CANCELATTENTION']) {
    assert.deepEqual(happeningsOf(custom(name)), [{ kind: 'follow', ...deed, following: false }]);
  }
  assert.deepEqual(happeningsOf(custom('SOMETHING_ELSE', 'x')), []);
});

test('a changed profile says what changed, an emptied card is taken away', () => {
  const changed = tip({ operationType: 6, newGroupProfile: {
    groupCustomField: [{ key: 'room_status', value: 'paused' }, { key: 'add_goods', value: '' }],
    notification: 'hello',
    muteAllMembers: true,
  } });
  assert.deepEqual(happeningsOf(changed), [
    { kind: 'status', status: 'paused' },
    { kind: 'goods', goods: null },
    { kind: 'announcement', text: 'hello' },
    { kind: 'mute_all', on: true },
  ]);
});

test('a mute names the member and the seconds', () => {
  assert.deepEqual(happeningsOf(tip({ operationType: 7, memberList: [{ userID: 'viewer', muteTime: 60 }] })),
    [{ kind: 'mute', userID: 'viewer', seconds: 60 }]);
});

test('notices that end a visit say why', () => {
  const why = (operationType: number) => happeningsOf(message('TIMGroupSystemNoticeElem', { operationType }));
  assert.deepEqual(why(4), [{ kind: 'left', why: 'kicked' }]);
  assert.deepEqual(why(5), [{ kind: 'left', why: 'dismissed' }]);
  assert.deepEqual(why(21), [{ kind: 'left', why: 'banned' }]);
  assert.deepEqual(why(255), []);
});

test('a message of an unknown shape means nothing and breaks nothing', () => {
  for (const payload of [null, undefined, 'x', 7, {}, { operationType: 6 }, { operationType: 6, newGroupProfile: 'x' },
    { operationType: 7, memberList: 'x' }]) {
    for (const type of ['TIMGroupTipElem', 'TIMGroupSystemNoticeElem', 'TIMImageElem']) {
      assert.deepEqual(happeningsOf(message(type, payload)), []);
    }
  }
});

test('a status nobody knows is a room that waits', () => {
  assert.equal(roomStatus('live'), 'live');
  assert.equal(roomStatus('party'), 'waiting');
  assert.equal(roomStatus(undefined), 'waiting');
});
