import { test } from 'node:test';
import assert from 'node:assert/strict';
import { happeningsOf, roomStatus, type ChatMessage } from '../src/index';

function message(type: string, payload: unknown): ChatMessage {
  return { ID: 'm1', type, payload, from: 'viewer', nick: 'Viewer', avatar: '', time: 1700000000 };
}
const deed = { id: 'm1', who: { userID: 'viewer', nick: 'Viewer', avatar: '' }, time: 1700000000 };
const custom = (data: string, extension = '') => message('TIMCustomElem', { data, description: '', extension });
const tip = (payload: object) => message('TIMGroupTipElem', payload);

test('a text is a comment', () => {
  assert.deepEqual(happeningsOf(message('TIMTextElem', { text: '<b>hi</b>' })),
    [{ kind: 'comment', ...deed, text: '<b>hi</b>' }]);
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
