import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import TIM, {
  type Chat, Code, EVENT, HawkerError, MESSAGE_BYTES_MAX, type Message, type Profile, type RevokedMessage, type RoomGap, type RoomLost, TYPES,
} from '../src/index.js';
import { FakeServer, nextEvent, webSocket } from './fake-server.js';

const server = new FakeServer();
const chats: Chat[] = [];

before(() => server.start());
after(() => server.stop());
beforeEach(() => { server.rooms.clear(); server.refuse.clear(); server.silent.clear(); server.profiles.clear(); server.ringMax = 100; });
afterEach(async () => { for (const chat of chats.splice(0)) await chat.destroy(); });

async function user(name: string, options = {}): Promise<Chat> {
  const chat = await server.user(name, options);
  chats.push(chat);
  return chat;
}

async function member(name: string, room: string): Promise<Chat> {
  const chat = await user(name);
  await chat.joinGroup({ groupID: room, type: TYPES.GRP_AVCHATROOM });
  return chat;
}

function viewer(): Chat {
  const chat = server.chat();
  chats.push(chat);
  return chat;
}

function group(to: string): { to: string; conversationType: string } {
  return { to, conversationType: TYPES.CONV_GROUP };
}

function received(chat: Chat, fits: (message: Message) => boolean = () => true): Promise<Message> {
  return nextEvent<string, Message[]>(chat, EVENT.MESSAGE_RECEIVED, (messages) => messages.some(fits)).then((messages) => messages.find(fits) as Message);
}

async function refusedWith(code: number, field: RegExp, call: () => unknown): Promise<void> {
  await assert.rejects(async () => { await call(); }, (error: unknown) => {
    assert.ok(error instanceof HawkerError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, field);
    return true;
  });
}

describe('instances', () => {
  it('are one per SDKAppID until destroyed', async () => {
    const options = { SDKAppID: 1400000009, proxyServer: server.url, webSocket };
    const first = TIM.create(options);
    assert.equal(TIM.create({ SDKAppID: 1400000009 }), first);
    const destroyed = nextEvent(first, EVENT.SDK_DESTROY);
    await first.destroy();
    assert.deepEqual(await destroyed, { SDKAppID: 1400000009 });
    const second = TIM.create(options);
    assert.notEqual(second, first);
    await first.destroy();
    assert.equal(TIM.create(options), second, 'ending the first again does not touch the second');
    await second.destroy();
  });

  it('are refused without a valid SDKAppID', () => {
    for (const options of [undefined, {}, { SDKAppID: '1' }, { SDKAppID: 0 }, { SDKAppID: 1.5 }, { SDKAppID: NaN }]) {
      assert.throws(() => TIM.create(options as never), HawkerError);
    }
  });
});

describe('bad arguments', () => {
  it('are refused before anything is sent, with the official code and the field\'s name', async () => {
    const chat = await user('bob');
    const sent = server.received.length;
    const any = chat as unknown as Record<string, (...args: unknown[]) => unknown>;
    const long = 'x'.repeat(49);
    const rows: [string, unknown[], number, RegExp][] = [
      ['login', [], Code.noOptions, /options/],
      ['login', [{ userSig: 's' }], Code.noUserId, /userID/],
      ['login', [{ userID: 5, userSig: 's' }], Code.noUserId, /userID/],
      ['login', [{ userID: 'x'.repeat(33), userSig: 's' }], Code.noUserId, /userID/],
      ['login', [{ userID: 'a' }], Code.noUserSig, /userSig/],
      ['setLogLevel', ['x'], Code.badArgument, /level/],
      ['on', [], Code.badArgument, /eventName/],
      ['on', ['x', 5], Code.badArgument, /handler/],
      ['createTextMessage', [], Code.noOptions, /options/],
      ['createTextMessage', [{ conversationType: 'GROUP', payload: { text: 'x' } }], Code.badGroupId, /to/],
      ['createTextMessage', [{ to: 'r', conversationType: 'X', payload: { text: 'x' } }], Code.badConversationType, /conversationType/],
      ['createTextMessage', [group('r')], Code.badArgument, /payload/],
      ['createTextMessage', [{ ...group('r'), payload: { text: 5 } }], Code.badArgument, /payload\.text/],
      ['createTextMessage', [{ ...group('r'), payload: { text: '' } }], Code.badArgument, /payload\.text/],
      ['createTextMessage', [{ ...group('r'), priority: 'Urgent', payload: { text: 'x' } }], Code.badArgument, /priority/],
      ['createTextMessage', [{ ...group('r'), cloudCustomData: 5, payload: { text: 'x' } }], Code.badArgument, /cloudCustomData/],
      ['createCustomMessage', [{ ...group('r'), payload: { data: 5 } }], Code.badArgument, /payload\.data/],
      ['createFaceMessage', [{ ...group('r'), payload: { index: 'a' } }], Code.badArgument, /payload\.index/],
      ['createFaceMessage', [{ ...group('r'), payload: { index: 1, data: 5 } }], Code.badArgument, /payload\.data/],
      ['sendMessage', [], Code.notAMessage, /message/],
      ['sendMessage', [{}], Code.notAMessage, /message/],
      ['revokeMessage', [{}], Code.notAMessage, /message/],
      ['joinGroup', [], Code.noOptions, /options/],
      ['joinGroup', [{ groupID: 5 }], Code.badGroupId, /groupID/],
      ['joinGroup', [{ groupID: long }], Code.badGroupId, /groupID/],
      ['quitGroup', [], Code.badGroupId, /groupID/],
      ['quitGroup', ['never-joined'], Code.notInGroup, /groupID/],
      ['createGroup', [{}], Code.badArgument, /name/],
      ['createGroup', [{ name: 'x', type: 'Castle' }], Code.badGroupType, /type/],
      ['createGroup', [{ name: 'x', groupID: long }], Code.badGroupId, /groupID/],
      ['createGroup', [{ name: 'x', groupCustomField: 'x' }], Code.badArgument, /groupCustomField/],
      ['dismissGroup', [''], Code.badGroupId, /groupID/],
      ['getGroupProfile', [], Code.noOptions, /options/],
      ['searchGroupByID', [5], Code.badGroupId, /groupID/],
      ['updateGroupProfile', [{ groupID: 'r' }], Code.noOptions, /options/],
      ['updateGroupProfile', [{ groupID: 'r', muteAllMembers: 'On' }], Code.badArgument, /muteAllMembers/],
      ['updateGroupProfile', [{ groupID: 'r', notification: 5 }], Code.badArgument, /notification/],
      ['updateGroupProfile', [{ groupID: 'r', groupCustomField: [{ key: 'a', value: 5 }] }], Code.badArgument, /groupCustomField/],
      ['getGroupOnlineMemberCount', [], Code.badGroupId, /groupID/],
      ['getGroupMemberList', [{ groupID: 'r', offset: -1 }], Code.badArgument, /offset/],
      ['getGroupMemberProfile', [{ groupID: 'r', userIDList: [] }], Code.badUserList, /userIDList/],
      ['setGroupMemberMuteTime', [{ groupID: 'r', userID: 'ann', muteTime: 'x' }], Code.badArgument, /muteTime/],
      ['setGroupMemberMuteTime', [{ groupID: 'r', userID: 'ann', muteTime: -1 }], Code.badArgument, /muteTime/],
      ['setGroupMemberMuteTime', [{ groupID: 'r', userID: 'bob', muteTime: 1 }], Code.muteSelf, /userID/],
      ['setGroupMemberRole', [{ groupID: 'r', userID: 'ann', role: 'King' }], Code.badRole, /role/],
      ['setGroupMemberRole', [{ groupID: 'r', userID: 'bob', role: 'Admin' }], Code.ownRole, /userID/],
      ['setGroupMemberCustomField', [{ groupID: 'r' }], Code.badArgument, /memberCustomField/],
      ['deleteGroupMember', [{ groupID: 'r' }], Code.badUserList, /userIDList/],
      ['deleteGroupMember', [{ groupID: 'r', userIDList: ['ann'] }], Code.badDuration, /duration/],
      ['getUserProfile', [{ userIDList: 'ann' }], Code.badUserList, /userIDList/],
      ['getUserProfile', [{ userIDList: Array(101).fill('a') }], Code.badUserList, /userIDList/],
      ['updateMyProfile', [], Code.noOptions, /options/],
      ['updateMyProfile', [{}], Code.badProfile, /options/],
      ['updateMyProfile', [{ nick: 5 }], Code.badProfileKey, /nick/],
      ['updateMyProfile', [{ foo: 'x' }], Code.badProfileKey, /foo/],
      ['setGroupCounters', [{ groupID: 'r' }], Code.badArgument, /counters/],
      ['setGroupCounters', [{ groupID: 'r', counters: { a: 'x' } }], Code.badArgument, /counters/],
      ['increaseGroupCounter', [{ groupID: 'r', key: 'k' }], Code.badArgument, /value/],
      ['decreaseGroupCounter', [{ groupID: 'r', value: 1 }], Code.badArgument, /key/],
      ['getGroupCounters', [{ groupID: 'r', keyList: 'k' }], Code.badArgument, /keyList/],
      ['getRoomStats', [], Code.badGroupId, /groupID/],
    ];
    for (const [method, args, code, field] of rows) {
      await refusedWith(code, field, () => any[method]?.(...args)).catch((error: unknown) => {
        throw new Error(`${method}(${JSON.stringify(args)})`, { cause: error });
      });
    }
    assert.equal(server.received.length, sent);
  });

  it('of a message that is too long are refused before sending, and the message says so', async () => {
    server.room('r');
    const chat = await member('bob', 'r');
    const message = chat.createTextMessage({ ...group('r'), payload: { text: '界'.repeat(MESSAGE_BYTES_MAX / 3) } });
    await refusedWith(80002, /payload/, () => chat.sendMessage(message));
    assert.equal(message.status, 'fail');
  });
});

describe('calls without a login', () => {
  const calls: [string, unknown[]][] = [
    ['logout', []], ['getMyProfile', []], ['updateMyProfile', [{ nick: 'x' }]], ['getUserProfile', [{ userIDList: ['a'] }]],
    ['getGroupProfile', [{ groupID: 'r' }]], ['searchGroupByID', ['r']], ['createGroup', [{ name: 'x' }]], ['dismissGroup', ['r']],
    ['updateGroupProfile', [{ groupID: 'r', name: 'x' }]], ['getGroupMemberList', [{ groupID: 'r' }]],
    ['setGroupMemberMuteTime', [{ groupID: 'r', userID: 'a', muteTime: 1 }]], ['setGroupMemberRole', [{ groupID: 'r', userID: 'a', role: 'Admin' }]],
    ['setGroupMemberCustomField', [{ groupID: 'r', memberCustomField: [] }]],
    ['deleteGroupMember', [{ groupID: 'r', userIDList: ['a'], duration: 1 }]], ['getGroupCounters', [{ groupID: 'r' }]], ['getRoomStats', ['r']],
  ];

  it('are refused with 2024, after a logout with 3005, and reported as ERROR', async () => {
    const chat = viewer();
    const any = chat as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const [method, args] of calls) {
      const reported = nextEvent<string, { code: number }>(chat, EVENT.ERROR);
      await refusedWith(Code.notLoggedIn, new RegExp(method), () => any[method]?.(...args));
      assert.equal((await reported).code, Code.notLoggedIn);
    }
    await refusedWith(Code.notLoggedIn, /login/, () => chat.sendMessage(chat.createTextMessage({ ...group('r'), payload: { text: 'x' } })));
    await chat.login({ userID: 'bob', userSig: 's' });
    await chat.logout();
    await refusedWith(Code.loggedOut, /getMyProfile/, () => chat.getMyProfile());
  });
});

describe('login', () => {
  it('reports ready with the own nick at hand, a repetition as such, and not ready at the end', async () => {
    const chat = await user('bob');
    assert.equal(chat.isReady(), true);
    assert.equal(chat.getLoginUser(), 'bob');
    assert.ok(Math.abs(chat.getServerTime() - 1_700_000_000_000) < 5000);
    assert.equal((await chat.login({ userID: 'bob', userSig: 's' })).data.repeatLogin, true);
    await refusedWith(Code.loginRunning, /login/, () => chat.login({ userID: 'ann', userSig: 's' }));
    const over = nextEvent(chat, EVENT.SDK_NOT_READY);
    assert.deepEqual(await chat.logout(), { code: 0, data: {} });
    await over;
    assert.equal(chat.isReady(), false);
  });

  it('passes the server\'s refusal on and can be tried again', async () => {
    const chat = viewer();
    server.refuse.set('im_open_status.wslogin', 70009);
    await refusedWith(70009, /refused/, () => chat.login({ userID: 'bob', userSig: 's' }));
    server.refuse.clear();
    assert.equal((await chat.login({ userID: 'bob', userSig: 's' })).code, 0);
  });

  it('is ready even when the own profile cannot be read', async () => {
    server.refuse.set('profile.portrait_get_all', 60006);
    assert.equal((await user('bob')).isReady(), true);
  });

  it('ends with each kind of kick', async () => {
    for (const [kick, type, code] of [[1, 'multipleAccount', 3003], [2, 'multipleDevice', 3002], [3, 'REST_API_Kick', 3006]] as const) {
      const chat = await user('bob');
      const kicked = nextEvent(chat, EVENT.KICKED_OUT);
      const over = nextEvent(chat, EVENT.SDK_NOT_READY);
      server.kick('bob', kick);
      assert.deepEqual(await kicked, { type });
      await over;
      await refusedWith(code, /getMyProfile/, () => chat.getMyProfile());
    }
  });
});

describe('rooms', () => {
  it('are joined, joined again, and left for the next one', async () => {
    server.room('one');
    server.room('two');
    const chat = await user('bob');
    const { data } = await chat.joinGroup({ groupID: 'one' });
    assert.equal(data.status, TYPES.JOIN_STATUS_SUCCESS);
    assert.deepEqual([data.group?.groupID, data.group?.ownerID, data.group?.name, data.group?.muteAllMembers], ['one', 'host', 'Room one', false]);
    assert.equal((await chat.joinGroup({ groupID: 'one' })).data.status, TYPES.JOIN_STATUS_ALREADY_IN_GROUP);
    await chat.joinGroup({ groupID: 'two' });
    assert.equal(server.last('group_open_http_svc.quit_group').body.GroupId, 'one');
    await refusedWith(Code.notInGroup, /groupID/, () => chat.quitGroup('one'));
    assert.deepEqual((await chat.quitGroup('two')).data, { groupID: 'two' });
    await refusedWith(10010, /no such/, () => chat.joinGroup({ groupID: 'nowhere' }));
  });

  it('are kept side by side when asked for', async () => {
    server.room('one');
    server.room('two');
    const chat = await user('bob', { unlimitedAVChatRoom: true });
    await chat.joinGroup({ groupID: 'one' });
    await chat.joinGroup({ groupID: 'two' });
    assert.equal(server.rooms.get('one')?.members.has('bob'), true);
  });

  it('carry every kind of message both ways, without an echo', async () => {
    server.room('r');
    const bob = await member('bob', 'r');
    const ann = await member('ann', 'r');
    const own: Message[] = [];
    bob.on(EVENT.MESSAGE_RECEIVED, ({ data }) => { own.push(...data); });
    const made = [
      bob.createTextMessage({ ...group('r'), payload: { text: '<b>hi</b> "界"' }, cloudCustomData: 'mine' }),
      bob.createCustomMessage({ ...group('r'), priority: TYPES.MSG_PRIORITY_HIGH, payload: { data: 'LIKE', extension: 'vip' } }),
      bob.createFaceMessage({ ...group('r'), payload: { index: 3, data: 'smile' } }),
    ];
    for (const message of made) {
      const arrival = received(ann);
      const result = await bob.sendMessage(message);
      assert.equal(result.data.message, message);
      assert.equal(message.status, 'success');
      const copy = await arrival;
      for (const key of ['ID', 'type', 'payload', 'cloudCustomData', 'sequence', 'to', 'from', 'conversationID', 'conversationType'] as const) {
        assert.deepEqual(copy[key], message[key], key);
      }
      assert.deepEqual([copy.flow, copy.nick, copy.avatar], ['in', 'Nick of bob', 'https://img.example/bob']);
    }
    assert.deepEqual(own, []);
    assert.deepEqual(made[1]?.payload, { data: 'LIKE', description: '', extension: 'vip' });
  });

  it('refuse messages to rooms not joined, with the message in the error', async () => {
    const chat = await user('bob');
    const message = chat.createTextMessage({ ...group('r'), payload: { text: 'x' } });
    await assert.rejects(chat.sendMessage(message), (error: HawkerError) => error.code === 2101 && error.data.message === message && message.status === 'fail');
  });

  it('let a message that failed be sent once more', async () => {
    server.room('r');
    const chat = await member('bob', 'r');
    const message = chat.createTextMessage({ ...group('r'), payload: { text: 'x' } });
    server.refuse.set('group_open_http_svc.send_group_msg', 10017);
    await refusedWith(10017, /refused/, () => chat.sendMessage(message));
    server.refuse.clear();
    await chat.resendMessage(message);
    assert.equal(message.status, 'success');
  });

  it('show tips with payloads, and keep the held group true', async () => {
    const room = server.room('r');
    const chat = await member('bob', 'r');
    const tip = async (body: Record<string, unknown>, event: number): Promise<Message> => {
      const arrival = received(chat);
      server.tip(room, body, event);
      return arrival;
    };
    const joined = await tip({
      OpType: 1, Operator_Account: 'ann', List_Account: ['ann'], MemberNum: 2, OnlineMemberInfo: { OnlineMemberNum: 55, ExpireTime: 60 },
      MsgMemberExtraInfo: [{ UserId: 'ann', NickName: 'Ann', ImageUrl: 'https://img.example/a' }],
    }, 4);
    assert.equal(joined.type, TYPES.MSG_GRP_TIP);
    assert.equal(joined.nick, 'Nick of ann');
    assert.deepEqual(joined.payload, {
      operationType: TYPES.GRP_TIP_MBR_JOIN, operatorID: 'ann', operatorInfo: { userID: 'ann', nick: '', avatar: '' }, userIDList: ['ann'],
      memberList: [{ userID: 'ann', nick: 'Ann', avatar: 'https://img.example/a' }],
      groupProfile: { groupID: 'r', groupName: 'Room r', name: 'Room r' }, groupJoinType: 0, memberCount: 2,
    });
    assert.equal((await chat.getGroupOnlineMemberCount('r')).data.memberCount, 55);
    const held = nextEvent<string, { selfInfo: { role: string; muteTime?: number } }[]>(chat, EVENT.GROUP_LIST_UPDATED);
    await tip({ OpType: 4, Operator_Account: 'host', List_Account: ['bob'] }, 4);
    assert.equal((await held)[0]?.selfInfo.role, 'Admin');
    const muted = nextEvent<string, { selfInfo: { muteTime?: number } }[]>(chat, EVENT.GROUP_LIST_UPDATED);
    const mute = await tip({ OpType: 7, Operator_Account: 'host', MsgMemberInfo: [{ User_Account: 'bob', ShutupTime: 60 }] }, 6);
    assert.deepEqual((mute.payload as { memberList: unknown }).memberList, [{ userID: 'bob', muteTime: 60 }]);
    assert.equal((await muted)[0]?.selfInfo.muteTime, 60);
    const changed = await tip({ OpType: 6, Operator_Account: 'host', MsgGroupNewInfo: { GroupName: 'New', ShutupAll: 'On', MsgAppDefinedData: [{ Key: 'add_goods', Value: '{}' }] } }, 6);
    assert.deepEqual((changed.payload as { newGroupProfile: unknown }).newGroupProfile, { groupName: 'New', muteAllMembers: true, groupCustomField: [{ key: 'add_goods', value: '{}' }] });
  });

  it('show notices, and end with those that say so', async () => {
    const room = server.room('r');
    const chat = await member('bob', 'r');
    const arrival = received(chat);
    server.notice(room, { ReportType: 255, Operator_Account: 'admin', UserDefinedField: '{"type":"x"}' });
    const notice = await arrival;
    assert.deepEqual([notice.type, notice.conversationID, notice.to], [TYPES.MSG_GRP_SYS_NOTICE, TYPES.CONV_SYSTEM, 'r']);
    assert.equal((notice.payload as { userDefinedField: string }).userDefinedField, '{"type":"x"}');
    const ban = received(chat);
    server.notice(room, { ReportType: 21, Operator_Account: 'host', BanDuration: 60, BanDescription: 'spam' });
    const { duration, reason } = (await ban).payload as { duration: number; reason: string };
    assert.deepEqual([duration, reason], [60, 'spam']);
    await refusedWith(2101, /room/, () => chat.sendMessage(chat.createTextMessage({ ...group('r'), payload: { text: 'x' } })));
  });

  it('tell of counters and recalled messages', async () => {
    const room = server.room('r');
    const chat = await member('bob', 'r');
    const counted = nextEvent(chat, EVENT.GROUP_COUNTER_UPDATED);
    server.tip(room, { GroupCounterInfo: [{ Type: 2, GroupCounterSeq: 1, GroupCounter: [{ Key: 'likes', Value: 9 }] }] }, 6);
    assert.deepEqual(await counted, { groupID: 'r', key: 'likes', value: 9 });
    const message = chat.createTextMessage({ ...group('r'), payload: { text: 'x' } });
    await chat.sendMessage(message);
    const revoked = nextEvent<string, RevokedMessage[]>(chat, EVENT.MESSAGE_REVOKED);
    assert.equal((await chat.revokeMessage(message)).data.message.isRevoked, true);
    const [tinyID, clientTime] = message.ID.split('-');
    server.notice(room, { ReportType: 15, GroupWithdrawInfoArray: [{ GroupId: 'r', MsgSeq: message.sequence, MsgRandom: message.random, TinyId: tinyID, MsgClientTime: Number(clientTime), RevokerInfo: { Revoker_Account: 'host' } }] });
    const [info] = await revoked;
    assert.deepEqual([info?.ID, info?.sequence, info?.revoker], [message.ID, message.sequence, 'host']);
  });

  it('are made, read, changed, counted and ended', async () => {
    const chat = await user('bob');
    const { group: made } = (await chat.createGroup({ name: 'Mine', type: TYPES.GRP_AVCHATROOM, groupID: 'mine' })).data;
    assert.deepEqual([made.groupID, made.name, made.selfInfo.role], ['mine', 'Mine', 'Owner']);
    await chat.joinGroup({ groupID: 'mine' });
    const changed = await chat.updateGroupProfile({ groupID: 'mine', groupCustomField: [{ key: 'room_status', value: 'live' }] });
    assert.deepEqual(changed.data.group.groupCustomField, [{ key: 'room_status', value: 'live' }]);
    assert.equal((await chat.searchGroupByID('mine')).data.group.name, 'Mine');
    await refusedWith(10010, /no such/, () => chat.searchGroupByID('nowhere'));
    assert.deepEqual((await chat.getGroupMemberList({ groupID: 'mine', count: 10 })).data.memberList.map(({ userID, muteUntil }) => [userID, muteUntil]), [['bob', 7]]);
    assert.equal((await chat.getGroupOnlineMemberCount('mine')).data.memberCount, 1);
    assert.equal((await chat.getGroupOnlineMemberCount('elsewhere')).data.memberCount, 0);
    await chat.setGroupCounters({ groupID: 'mine', counters: { a: 5 } });
    await chat.increaseGroupCounter({ groupID: 'mine', key: 'a', value: 2 });
    assert.deepEqual((await chat.decreaseGroupCounter({ groupID: 'mine', key: 'a', value: 1 })).data.counters, { a: 6 });
    assert.deepEqual((await chat.getGroupCounters({ groupID: 'mine' })).data.counters, { a: 6 });
    const { member: self } = (await chat.setGroupMemberCustomField({ groupID: 'mine', memberCustomField: [{ key: 'attent', value: 'host' }] })).data;
    assert.deepEqual([self.userID, self.memberCustomField], ['bob', [{ key: 'attent', value: 'host' }]]);
    await chat.setGroupMemberMuteTime({ groupID: 'mine', userID: 'ann', muteTime: 60 });
    assert.equal(server.last('group_open_http_svc.modify_group_member_info').body.ShutUpTime, 60);
    await chat.deleteGroupMember({ groupID: 'mine', userIDList: ['ann'], duration: 60, reason: 'spam' });
    assert.deepEqual(server.last('group_open_http_svc.ban_group_member').body, { GroupId: 'mine', Members_Account: ['ann'], Duration: 60, Description: 'spam' });
    const stats = (await chat.getRoomStats('mine')).data;
    assert.deepEqual(stats, { onlineMemberCount: 3, peakMemberCount: 9, likeCount: 40, messageCount: 7, ledger: [{ class: 'chat', received: 9, delivered: 7, dropped: [{ reason: 'budget', count: 2 }] }] });
    assert.deepEqual((await chat.dismissGroup('mine')).data, { groupID: 'mine' });
  });
});

describe('profiles', () => {
  it('are changed, reported and pushed', async () => {
    const chat = await user('bob');
    const updated = nextEvent<string, Profile[]>(chat, EVENT.PROFILE_UPDATED);
    const { data } = await chat.updateMyProfile({ nick: 'Bobby', gender: TYPES.GENDER_MALE, level: 2, profileCustomField: [{ key: 'Tag_Profile_Custom_x', value: '1' }] });
    assert.deepEqual([data.nick, data.gender, data.level, data.profileCustomField], ['Bobby', 'Gender_Type_Male', 2, [{ key: 'Tag_Profile_Custom_x', value: '1' }]]);
    assert.equal((await updated)[0]?.nick, 'Bobby');
    const pushed = nextEvent<string, Profile[]>(chat, EVENT.PROFILE_UPDATED);
    server.send('bob', { Event: 7, ProfileDataMod: [{ Profile_Account: 'ann', ProfileList: [] }, { Profile_Account: 'bob', ProfileList: [{ Tag: 'Tag_Profile_IM_Nick', ValueBytes: 'Rob' }] }] });
    assert.equal((await pushed)[0]?.nick, 'Rob');
    assert.deepEqual((await chat.getUserProfile({ userIDList: [''] })).data, [], 'the owner of a room without one');
    assert.deepEqual((await chat.getUserProfile({ userIDList: ['ann', 'eve'] })).data.map(({ nick }) => nick), ['Nick of ann', 'Nick of eve']);
  });
});

describe('a lost connection', () => {
  it('loses nothing and doubles nothing', async () => {
    const room = server.room('r');
    const chat = await member('bob', 'r');
    const sequences: number[] = [];
    chat.on(EVENT.MESSAGE_RECEIVED, ({ data }) => { sequences.push(...data.map(({ sequence }) => sequence)); });
    const text = [{ MsgType: 'TIMTextElem', MsgContent: { Text: 'x' } }];
    const first = received(chat);
    server.publish(room, 3, text, 'ann');
    await first;
    const states: string[] = [];
    chat.on(EVENT.NET_STATE_CHANGE, ({ data }) => { states.push(data.state); });
    const connecting = nextEvent(chat, EVENT.NET_STATE_CHANGE);
    await server.stop();
    await connecting;
    server.publish(room, 3, text, 'ann');
    const sending = chat.sendMessage(chat.createTextMessage({ ...group('r'), payload: { text: 'kept' } }));
    const last = received(chat, ({ sequence }) => sequence === 3);
    const resumed = server.next('im_open_status.wslogin');
    await server.start();
    assert.deepEqual((await resumed).body.Resume, [{ GroupId: 'r', MsgSeq: 1 }]);
    server.publish(room, 3, text, 'ann');
    await last;
    assert.equal((await sending).data.message.status, 'success');
    assert.deepEqual(sequences, [1, 2, 3]);
    assert.deepEqual([states[0], states[states.length - 1]], ['connecting', 'connected']);
  });

  it('tells of a gap that the server can no longer fill', async () => {
    const room = server.room('r');
    server.ringMax = 1;
    const chat = await member('bob', 'r');
    const text = [{ MsgType: 'TIMTextElem', MsgContent: { Text: 'x' } }];
    const first = received(chat);
    server.publish(room, 3, text, 'ann');
    await first;
    const connecting = nextEvent(chat, EVENT.NET_STATE_CHANGE);
    await server.stop();
    await connecting;
    for (let n = 0; n < 3; n += 1) server.publish(room, 3, text, 'ann');
    const gap = nextEvent<string, RoomGap>(chat, EVENT.ROOM_GAP);
    const rest = received(chat);
    await server.start();
    assert.deepEqual(await gap, { groupID: 'r', rejoined: false });
    assert.equal((await rest).sequence, 4);
  });

  it('joins again, or tells that the room is lost', async () => {
    const room = server.room('r');
    const chat = await member('bob', 'r');
    room.members.clear();
    const gap = nextEvent<string, RoomGap>(chat, EVENT.ROOM_GAP);
    server.cut();
    assert.deepEqual(await gap, { groupID: 'r', rejoined: true });
    assert.equal(room.members.has('bob'), true);
    server.rooms.delete('r');
    const lost = nextEvent<string, RoomLost>(chat, EVENT.ROOM_LOST);
    server.cut();
    assert.deepEqual(await lost, { groupID: 'r', code: 10010, message: 'no such group' });
    await refusedWith(2101, /room/, () => chat.sendMessage(chat.createTextMessage({ ...group('r'), payload: { text: 'x' } })));
  });

  it('does not count twice', async () => {
    server.room('r');
    const chat = await member('bob', 'r');
    server.silent.add('group_open_http_svc.update_group_counter');
    const arrived = server.next('group_open_http_svc.update_group_counter');
    const counting = assert.rejects(chat.increaseGroupCounter({ groupID: 'r', key: 'a', value: 1 }), (error: HawkerError) => error.code === Code.network);
    await arrived;
    server.cut();
    await counting;
  });
});

describe('anonymous viewers', () => {
  it('receive, survive a cut at their place, and cannot speak', async () => {
    const room = server.room('r');
    const chat = viewer();
    const text = [{ MsgType: 'TIMTextElem', MsgContent: { Text: 'x' } }];
    server.publish(room, 3, text, 'ann');
    const history = received(chat);
    assert.deepEqual((await chat.joinGroup({ groupID: 'r' })).data, { status: 'JoinedSuccess' });
    const first = await history;
    assert.deepEqual([first.sequence, first.flow, first.conversationID], [1, '', 'GROUPr']);
    const next = received(chat);
    server.cut();
    await server.next('group_open_http_noauth_svc.apply_join_group');
    server.publish(room, 3, text, 'ann');
    assert.equal((await next).sequence, 2);
    await refusedWith(Code.notLoggedIn, /login/, () => chat.sendMessage(chat.createTextMessage({ ...group('r'), payload: { text: 'x' } })));
    assert.equal((await chat.joinGroup({ groupID: 'r' })).data.status, 'AlreadyInGroup');
    assert.deepEqual((await chat.quitGroup('r')).data, { groupID: 'r' });
  });

  it('become members by logging in and joining', async () => {
    server.room('r');
    const chat = viewer();
    await chat.joinGroup({ groupID: 'r' });
    await chat.login({ userID: 'bob', userSig: 's' });
    assert.equal((await chat.joinGroup({ groupID: 'r' })).data.status, 'JoinedSuccess');
    assert.equal(server.rooms.get('r')?.members.has('bob'), true);
  });
});

describe('handlers', () => {
  it('are called with their context, once or until taken off, and one that throws spares the others', async (context) => {
    const chat = await user('bob');
    const calls: string[] = [];
    const self = { name: 'me' };
    function handler(this: { name: string }): void { calls.push(this.name); }
    chat.on(EVENT.PROFILE_UPDATED, handler, self);
    chat.once(EVENT.PROFILE_UPDATED, () => { calls.push('once'); });
    const later: (() => void)[] = [];
    chat.on(EVENT.PROFILE_UPDATED, () => { throw new Error('mine'); });
    chat.on(EVENT.PROFILE_UPDATED, () => { calls.push('last'); });
    const { setTimeout: original } = globalThis;
    const timeout = context.mock.method(globalThis, 'setTimeout', ((callback: () => void, ms: number) => {
      if (ms !== 0) return original(callback, ms);
      later.push(callback);
      return undefined;
    }) as never);
    await chat.updateMyProfile({ nick: 'x' });
    timeout.mock.restore();
    assert.throws(() => later[0]?.(), /mine/);
    assert.deepEqual(calls, ['me', 'once', 'last']);
    chat.off(EVENT.PROFILE_UPDATED, handler, self);
    chat.off(EVENT.PROFILE_UPDATED);
    await chat.updateMyProfile({ nick: 'y' });
    assert.equal(calls.length, 3);
  });
});
