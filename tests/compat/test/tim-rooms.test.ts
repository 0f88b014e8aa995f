// Every call of @hawker/tim that concerns rooms, for real: what it gives, and what it refuses.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type Fields, Player, type Seen, refused } from './player.js';
import { TestServer } from './server.js';

const OURS = '@hawker/tim';
const NEW = '@tencentcloud/chat';
let server: TestServer;
let rooms = 0;

/** A room with its host and a viewer of ours, and one with the official package of today. */
async function show(): Promise<{ room: string; host: Player; viewer: Player; other: Player }> {
  rooms += 1;
  const room = await server.room(`rooms${rooms}`, `chief${rooms}`);
  const names = [`chief${rooms}`, `ours${rooms}`, `theirs${rooms}`] as const;
  await Promise.all(names.map((name) => server.named(name)));
  const [host, viewer, other] = await Promise.all([
    Player.member(server, OURS, names[0], room), Player.member(server, OURS, names[1], room), Player.member(server, NEW, names[2], room),
  ]);
  return { room, host, viewer, other };
}

const member = (player: Player): Fields => ({ userID: player.userID });

describe('rooms with @hawker/tim', () => {
  before(async () => { server = await TestServer.start(); });
  after(() => server?.stop());
  afterEach(() => { server.dismiss(); });

  it('carry every kind of message to the official package and back', async () => {
    const { room, viewer, other } = await show();
    const kinds: [kind: 'Text' | 'Custom' | 'Face' | 'Location' | 'TextAt', type: string, payload: Fields][] = [
      ['Text', 'TIMTextElem', { text: '你好 <i>' }],
      ['Custom', 'TIMCustomElem', { data: 'a', description: 'b', extension: 'c' }],
      ['Face', 'TIMFaceElem', { index: 2, data: 'smile' }],
      ['Location', 'TIMLocationElem', { description: 'shop', longitude: 121.5, latitude: 31.2 }],
    ];
    for (const [from, to] of [[viewer, other], [other, viewer]] as const) {
      for (const [kind, type, payload] of kinds) {
        const sent = await from.send(kind, room, payload, { cloudCustomData: 'c', priority: 'High' });
        const seen = await to.see(({ ID }) => ID === sent.ID, `the ${kind} message`);
        assert.equal(seen.type, type);
        for (const [key, value] of Object.entries(payload)) assert.deepEqual(seen.payload[key], value, `${kind} ${key}`);
      }
    }
    const at = await viewer.send('TextAt', room, { text: '@all', atUserList: ['__kImSDK_MesssageAtALL__', other.userID] }) as Seen & Fields;
    assert.deepEqual(at.atUserList, ['__kImSDK_MesssageAtALL__', other.userID]);
    await other.see(({ ID }) => ID === at.ID, 'the text for some');
  });

  it('forward, find, send again, take back', async () => {
    const { room, viewer, other } = await show();
    const sent = await other.say(room, 'pass it on');
    const seen = await viewer.see(({ ID }) => ID === sent.ID, 'the text');
    const copy = await viewer.forward(room, seen);
    assert.notEqual(copy.ID, seen.ID);
    await other.see(({ ID, payload }) => ID === copy.ID && payload.text === 'pass it on', 'the copy');
    assert.equal((await viewer.value('findMessage', seen.ID) as Seen).ID, seen.ID);
    assert.deepEqual(await viewer.value('findMessage', 'never'), {});
    const again = await viewer.tim('resendMessage', copy) as { message: Seen };
    assert.equal(again.message.ID, copy.ID, 'the same message');
    await viewer.tim('revokeMessage', copy);
    const [revoked] = await other.hear<Fields[]>('onMessageRevoked');
    assert.equal(revoked?.ID, copy.ID);
    await refused(10032, viewer.tim('revokeMessage', seen));
    await refused(10035, viewer.tim('deleteMessage', [seen]));
  });

  it('have no history to be read, as with the official packages', async () => {
    const { room, viewer, other } = await show();
    await other.say(room, 'x');
    const wanted = { messageList: [], nextReqMessageID: '', isCompleted: true };
    assert.deepEqual(await viewer.tim('getMessageList', { conversationID: `GROUP${room}` }), wanted);
    assert.deepEqual(await other.tim('getMessageList', { conversationID: `GROUP${room}` }), wanted);
    assert.deepEqual(await viewer.tim('setMessageRead', { conversationID: `GROUP${room}` }), {});
  });

  it('are made, listed, found, changed, kept by their owner and ended', async () => {
    const host = await Player.user(server, OURS, 'maker');
    const { group } = await host.tim('createGroup', {
      name: 'Tea', type: 'AVChatRoom', groupID: 'made', introduction: 'i', notification: 'n', avatar: 'a', groupCustomField: [{ key: 'k', value: 'v' }],
    }) as { group: Fields };
    assert.deepEqual([group.groupID, group.name, group.introduction, group.notification, group.avatar, group.ownerID, group.groupCustomField],
      ['made', 'Tea', 'i', 'n', 'a', 'maker', [{ key: 'k', value: 'v' }]]);
    await host.tim('joinGroup', { groupID: 'made', type: 'AVChatRoom' });
    assert.deepEqual((await host.tim('getGroupList')).groupList, [(await host.tim('getGroupProfile', { groupID: 'made' })).group]);
    assert.equal(((await host.tim('searchGroupByID', 'made')).group as Fields).name, 'Tea');
    const changed = await host.tim('updateGroupProfile', { groupID: 'made', name: 'Green tea', notification: '', muteAllMembers: true }) as { group: Fields };
    assert.deepEqual([changed.group.name, changed.group.notification, changed.group.muteAllMembers], ['Green tea', '', true]);
    await refused(2620, host.tim('changeGroupOwner', { groupID: 'made', newOwnerID: 'x' }));
    await refused(2661, host.tim('addGroupMember', { groupID: 'made', userIDList: ['x'] }));
    assert.equal((await host.tim('dismissGroup', 'made')).groupID, 'made');
    await refused(10010, host.tim('searchGroupByID', 'made'));
    await refused(10010, host.tim('joinGroup', { groupID: 'made' }));
  });

  it('let their host run the members', async () => {
    const { room, host, viewer, other } = await show();
    const { memberList } = await host.tim('getGroupMemberList', { groupID: room, count: 15, offset: 0 }) as { memberList: Fields[] };
    assert.ok([viewer, other].every(({ userID }) => memberList.some((one) => one.userID === userID)));
    assert.equal((await host.tim('getGroupOnlineMemberCount', room)).memberCount, 3);
    await host.tim('setGroupMemberMuteTime', { groupID: room, ...member(viewer), muteTime: 600 });
    await refused(10017, viewer.say(room, 'x'));
    await host.tim('setGroupMemberMuteTime', { groupID: room, ...member(viewer), muteTime: 0 });
    await viewer.say(room, 'may speak');
    await refused(10007, viewer.tim('getRoomBans', { groupID: room }));
    await refused(10007, viewer.tim('liftRoomBans', { groupID: room, userIDList: [other.userID] }));
    const { member: admin } = await host.tim('setGroupMemberRole', { groupID: room, ...member(viewer), role: 'Admin' }) as { member: Fields };
    assert.equal(admin.role, 'Admin');
    await other.see(({ payload }) => payload.operationType === 4, 'the tip about the admin');
    await viewer.tim('setGroupMemberCustomField', { groupID: room, memberCustomField: [{ key: 'attent', value: 'host' }] });
    const profiles = await host.tim('getGroupMemberProfile', { groupID: room, userIDList: [viewer.userID], memberCustomFieldFilter: ['attent'] }) as { memberList: Fields[] };
    assert.deepEqual([profiles.memberList[0]?.nick, profiles.memberList[0]?.memberCustomField], [`Nick of ${viewer.userID}`, [{ key: 'attent', value: 'host' }]]);
    await refused(10007, other.tim('updateGroupProfile', { groupID: room, notification: 'mine' }));
    const banned = await host.tim('deleteGroupMember', { groupID: room, userIDList: [other.userID], duration: 60, reason: 'spam' });
    assert.deepEqual(banned.userIDList, [other.userID]);
    await other.see(({ payload }) => payload.operationType === 21, 'the notice of the ban');
    const [ban] = (await host.tim('getRoomBans', { groupID: room })).banList as { userID: string; bannedUntil: number }[];
    assert.deepEqual([ban?.userID, (ban?.bannedUntil ?? 0) > Date.now() / 1000], [other.userID, true]);
    await host.tim('liftRoomBans', { groupID: room, userIDList: [other.userID, 'nobody'] });
    assert.deepEqual(await host.tim('getRoomBans', { groupID: room }), { banList: [], offset: 0 });
    await other.tim('joinGroup', { groupID: room });
  });

  it('keep counters and numbers', async () => {
    const { room, host, other } = await show();
    assert.deepEqual((await host.tim('setGroupCounters', { groupID: room, counters: { sold: 3 } })).counters, { sold: 3 });
    assert.deepEqual((await host.tim('increaseGroupCounter', { groupID: room, key: 'sold', value: 4 })).counters, { sold: 7 });
    assert.deepEqual((await host.tim('decreaseGroupCounter', { groupID: room, key: 'sold', value: 2 })).counters, { sold: 5 });
    await other.hear('onGroupCounterUpdated', ({ key, value }: Fields) => key === 'sold' && value === 5);
    assert.equal(((await host.tim('getGroupCounters', { groupID: room, keyList: ['sold'] })).counters as Fields).sold, 5);
    const stats = await host.tim('getRoomStats', room);
    assert.deepEqual([stats.onlineMemberCount, Array.isArray(stats.ledger)], [3, true]);
  });

  it('refuse and mask words, and slow down', async () => {
    const { room, host, viewer, other } = await show();
    assert.deepEqual(await host.tim('getRoomWords', room), { reject: [], mask: [] });
    const words = { reject: ['加微信'], mask: ['笨蛋'] };
    assert.deepEqual(await host.tim('setRoomWords', { groupID: room, ...words }), words);
    assert.deepEqual(await host.tim('getRoomWords', room), words);
    await refused(80001, viewer.say(room, '加 微信'));
    await viewer.say(room, '笨蛋!');
    await other.see(({ payload }) => payload.text === '**!', 'the masked text');
    await refused(10007, viewer.tim('setRoomWords', { groupID: room, reject: ['x'] }));
    await host.tim('setRoomWords', { groupID: room });
    await viewer.say(room, '加微信');
    await host.tim('updateGroupProfile', { groupID: room, groupCustomField: [{ key: 'slow_mode', value: '60' }] });
    await other.see(({ payload }) => JSON.stringify(payload).includes('slow_mode'), 'the tip');
    await viewer.say(room, 'one');
    await refused(10023, viewer.say(room, 'too soon'));
  });

  it('pin messages, for everybody to see', async () => {
    const { room, host, viewer, other } = await show();
    const message = await other.say(room, 'where is it from?');
    const seen = await host.see(({ ID }) => ID === message.ID, 'the question');
    await refused(10007, viewer.tim('pinGroupMessage', { groupID: room, message: seen, isPinned: true }));
    await host.tim('pinGroupMessage', { groupID: room, message: seen, isPinned: true });
    interface Pinned { groupID: string; isPinned: boolean; message: Seen; operatorInfo: Fields }
    for (const player of [host, viewer, other]) {
      const told = await player.hear<Pinned>('onPinnedGroupMessageUpdated', ({ isPinned }) => isPinned);
      assert.deepEqual([told.groupID, told.message.ID, told.message.payload.text, told.operatorInfo.userID, told.operatorInfo.nick],
        [room, message.ID, 'where is it from?', host.userID, `Nick of ${host.userID}`]);
    }
    const { messageList } = await viewer.tim('getPinnedGroupMessageList', room) as { messageList: (Seen & { pinnerInfo: Fields })[] };
    assert.deepEqual(messageList.map(({ ID, payload, pinnerInfo }) => [ID, payload.text, pinnerInfo.userID, pinnerInfo.nick]),
      [[message.ID, 'where is it from?', host.userID, `Nick of ${host.userID}`]]);
    await refused(10071, host.tim('pinGroupMessage', { groupID: room, message: seen, isPinned: true }));
    await host.tim('pinGroupMessage', { groupID: room, message: seen, isPinned: false });
    const off = await viewer.hear<Pinned>('onPinnedGroupMessageUpdated', ({ isPinned }) => !isPinned);
    assert.deepEqual([off.message.ID, off.message.sequence], [message.ID, message.sequence]);
    assert.deepEqual((await viewer.tim('getPinnedGroupMessageList', room)).messageList, []);
    assert.ok(viewer.seen().every(({ payload }) => ![16, 17].includes(payload.operationType as number)), 'it is no tip to show');
  });

  it('change profiles', async () => {
    const { viewer, other } = await show();
    const profile = await viewer.tim('updateMyProfile', { nick: 'Mei', gender: 'Gender_Type_Female', birthday: 19_900_101, messageSettings: 0 });
    assert.deepEqual([profile.nick, profile.gender, profile.birthday], ['Mei', 'Gender_Type_Female', 19_900_101]);
    assert.equal((await viewer.tim('getMyProfile')).nick, 'Mei');
    const [seen] = await other.tim('getUserProfile', { userIDList: [viewer.userID] }) as unknown as Fields[];
    assert.deepEqual([seen?.nick, seen?.birthday], ['Mei', 19_900_101]);
    assert.deepEqual(await viewer.tim('getUserProfile', { userIDList: [''] }), [], 'the owner of a room without one');
  });

  it('refuse wrong arguments before anything is sent, with the official code and the field', async () => {
    const { room, viewer } = await show();
    const stats = await server.rest('hawker_room/stats', { GroupId: room });
    const long = (bytes: number): string => 'x'.repeat(bytes + 1);
    const rows: [method: string, args: unknown[], code: number, field: RegExp][] = [
      ['login', [], 3153, /options/],
      ['login', [{ userID: viewer.userID }], 2003, /userSig/],
      ['login', [{ userID: 'another', userSig: 'x' }], 2025, /login/],
      ['joinGroup', [], 3153, /options/],
      ['joinGroup', [{}], 2602, /groupID/],
      ['joinGroup', [{ groupID: long(48) }], 2602, /groupID/],
      ['quitGroup', [{}], 2602, /groupID/],
      ['quitGroup', ['elsewhere'], 2623, /groupID/],
      ['createGroup', [], 3153, /options/],
      ['createGroup', [{ name: 'x', type: 'Castle' }], 2600, /type/],
      ['createGroup', [{ name: '' }], 2905, /name/],
      ['createGroup', [{ name: long(30) }], 2905, /name/],
      ['createGroup', [{ name: 'x', introduction: long(240) }], 2905, /introduction/],
      ['createGroup', [{ name: 'x', notification: long(300) }], 2905, /notification/],
      ['createGroup', [{ name: 'x', avatar: long(100) }], 2905, /avatar/],
      ['createGroup', [{ name: 'x', groupCustomField: [{ key: 5, value: 'x' }] }], 2905, /groupCustomField/],
      ['createGroup', [{ name: 'x', groupID: 5 }], 2602, /groupID/],
      ['dismissGroup', [], 2602, /groupID/],
      ['getGroupProfile', ['x'], 3153, /options/],
      ['searchGroupByID', [], 2602, /groupID/],
      ['updateGroupProfile', [{ groupID: room }], 3153, /options/],
      ['updateGroupProfile', [{ groupID: room, muteAllMembers: 1 }], 2905, /muteAllMembers/],
      ['updateGroupProfile', [{ groupID: room, notification: '界'.repeat(101) }], 2905, /notification/],
      ['changeGroupOwner', [{ groupID: room }], 2002, /newOwnerID/],
      ['getGroupOnlineMemberCount', [5], 2602, /groupID/],
      ['getGroupMemberList', [{ groupID: room, offset: 'x' }], 2905, /offset/],
      ['getGroupMemberProfile', [{ groupID: room }], 2716, /userIDList/],
      ['getGroupMemberProfile', [{ groupID: room, userIDList: Array(51).fill('a') }], 2716, /userIDList/],
      ['addGroupMember', [{ groupID: room }], 2716, /userIDList/],
      ['deleteGroupMember', [{ groupID: room, userIDList: ['a'] }], 2686, /duration/],
      ['deleteGroupMember', [{ groupID: room, userIDList: ['a'], duration: 5, reason: long(1000) }], 2905, /reason/],
      ['setGroupMemberMuteTime', [{ groupID: room, userID: 'a', muteTime: -1 }], 2905, /muteTime/],
      ['setGroupMemberMuteTime', [{ groupID: room, userID: viewer.userID, muteTime: 1 }], 2685, /userID/],
      ['setGroupMemberRole', [{ groupID: room, userID: 'a', role: 'Owner' }], 2683, /role/],
      ['setGroupMemberRole', [{ groupID: room, userID: viewer.userID, role: 'Admin' }], 2684, /userID/],
      ['setGroupMemberCustomField', [{ groupID: room, memberCustomField: {} }], 2905, /memberCustomField/],
      ['setGroupCounters', [{ groupID: room, counters: {} }], 2905, /counters/],
      ['increaseGroupCounter', [{ groupID: room, key: 'x', value: 0.5 }], 2905, /value/],
      ['decreaseGroupCounter', [{ groupID: room, value: 1 }], 2905, /key/],
      ['getGroupCounters', [{ groupID: room, keyList: [5] }], 2905, /keyList/],
      ['pinGroupMessage', [{ groupID: room, isPinned: true }], 2105, /message/],
      ['getPinnedGroupMessageList', [], 2602, /groupID/],
      ['getRoomStats', [{}], 2602, /groupID/],
      ['getRoomWords', [], 2602, /groupID/],
      ['setRoomWords', [{ groupID: room, reject: 'x' }], 2905, /reject/],
      ['setRoomWords', [{ groupID: room, mask: [long(64)] }], 2905, /mask/],
      ['getRoomBans', [{ groupID: room, offset: -1 }], 2905, /offset/],
      ['liftRoomBans', [{ groupID: room, userIDList: [] }], 2716, /userIDList/],
      ['updateMyProfile', [{}], 2722, /options/],
      ['updateMyProfile', [{ userID: 'x' }], 2721, /userID/],
      ['updateMyProfile', [{ birthday: 'x' }], 2721, /birthday/],
      ['getUserProfile', [{ userIDList: [long(32)] }], 2002, /userIDList/],
      ['sendMessage', [{}], 2105, /message/],
      ['resendMessage', [5], 2105, /message/],
      ['revokeMessage', [], 2105, /message/],
      ['setLogLevel', [7], 2905, /level/],
    ];
    for (const [method, args, code, field] of rows) {
      await refused(code, viewer.value(method, ...args)).catch((error: unknown) => { throw new Error(`${method}(${JSON.stringify(args)})`, { cause: error }); });
      await assert.rejects(viewer.value(method, ...args), field, method);
    }
    const group = { to: room, conversationType: 'GROUP' };
    const created: [kind: string, options: unknown, code: number, field: RegExp][] = [
      ['Text', undefined, 3153, /options/],
      ['Text', { ...group, payload: { text: '' } }, 2905, /payload\.text/],
      ['Text', { ...group, conversationType: 'TOPIC', payload: { text: 'x' } }, 2106, /conversationType/],
      ['Text', { ...group, to: '', payload: { text: 'x' } }, 2602, /to/],
      ['Text', { ...group, payload: 'x' }, 2905, /payload/],
      ['Text', { ...group, priority: 5, payload: { text: 'x' } }, 2905, /priority/],
      ['TextAt', { ...group, payload: { text: 'x' } }, 2716, /userIDList/],
      ['Custom', { ...group, payload: { data: {} } }, 2905, /payload\.data/],
      ['Face', { ...group, payload: {} }, 2905, /payload\.index/],
      ['Location', { ...group, payload: { description: 'x', longitude: 'e', latitude: 1 } }, 2905, /payload\.longitude/],
      ['Location', { ...group, payload: { description: 5, longitude: 1, latitude: 1 } }, 2905, /payload\.description/],
      ['Image', { ...group, payload: {} }, 2251, /payload\.file/],
      ['Image', { ...group, payload: { file: { files: [] } } }, 2251, /payload\.file/],
      ['Audio', { ...group, payload: { file: 5 } }, 2401, /payload\.file/],
      ['Video', { ...group, payload: { file: null } }, 2401, /payload\.file/],
      ['File', { ...group, payload: { file: 'name' } }, 2401, /payload\.file/],
      ['Forward', { ...group, payload: { type: 'TIMGroupTipElem', payload: {} } }, 2453, /payload/],
    ];
    for (const [kind, options, code, field] of created) {
      await refused(code, viewer.value(`create${kind}Message`, options)).catch((error: unknown) => { throw new Error(`create${kind}Message(${JSON.stringify(options)})`, { cause: error }); });
      await assert.rejects(viewer.value(`create${kind}Message`, options), field, kind);
    }
    await refused(80002, viewer.say(room, '界'.repeat(4200)));
    await refused(2101, viewer.say('elsewhere', 'x'));
    assert.deepEqual((await server.rest('hawker_room/stats', { GroupId: room })).MsgCount, stats.MsgCount, 'nothing was sent');
  });

  it('refuse calls before the login, after the logout and after a kick', async () => {
    const stranger = await Player.stranger(server, OURS);
    const calls: [string, unknown[]][] = [
      ['getMyProfile', []], ['createGroup', [{ name: 'x' }]], ['getConversationList', []], ['getUserStatus', [{ userIDList: ['a'] }]],
      ['pinGroupMessage', [{ groupID: 'r' }]], ['revokeMessage', [{}]], ['logout', []], ['getGroupList', []], ['addToBlacklist', [{ userIDList: ['a'] }]],
    ];
    for (const [method, args] of calls) await refused(2024, stranger.tim(method, ...args));
    await stranger.hear('error', ({ code }: Fields) => code === 2024);
    await stranger.tim('login', { userID: 'comes', userSig: server.sign('comes') });
    await stranger.hear('sdkStateReady');
    assert.equal((await stranger.tim('login', { userID: 'comes', userSig: server.sign('comes') })).repeatLogin, true);
    await stranger.tim('logout');
    for (const [method, args] of calls) await refused(3005, stranger.tim(method, ...args));
    await stranger.tim('login', { userID: 'comes', userSig: server.sign('comes') });
    await Player.user(server, OURS, 'comes');
    await stranger.hear('kickedOut');
    for (const [method, args] of calls) await refused(3003, stranger.tim(method, ...args));
  });
});
