import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type Fields, Player, SDKS, type SdkName, type Seen, refused } from './player.js';
import { TestServer } from './server.js';

let server: TestServer;
let rooms = 0;

/** A room of this test's own. */
function freshRoom(): Promise<string> {
  rooms += 1;
  return server.room(`room${rooms}`);
}

const text = (wanted: string) => ({ type, payload }: Seen): boolean => type === 'TIMTextElem' && payload.text === wanted;
const tip = (operation: number) => ({ type, payload }: Seen): boolean => type === 'TIMGroupTipElem' && payload.operationType === operation;
const notice = (operation: number) => ({ type, payload }: Seen): boolean => type === 'TIMGroupSystemNoticeElem' && payload.operationType === operation;

describe('rooms over the real server', () => {
  before(async () => { server = await TestServer.start(); });
  after(() => server?.stop());
  afterEach(() => { server.dismiss(); });

  for (const sdk of SDKS) describe(sdk, () => { scenarios(sdk); });

  it('all SDKs in one room see the same messages in the same order', async () => {
    const room = await freshRoom();
    const players = await Promise.all(SDKS.map((sdk, n) => Player.member(server, sdk, `mixed${n}`, room)));
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(players.flatMap((player) => [
        player.say(room, `round ${round}`),
        player.send('Custom', room, { data: 'LIKE', description: 'd', extension: `${round}` }, { priority: 'High' }),
        player.send('Face', room, { index: round, data: 'f' }),
      ]));
    }
    const last = await Player.member(server, '@hawker/tim', 'last', room);
    await last.say(room, 'the end');
    const views = await Promise.all(players.map(async (player) => {
      await player.see(text('the end'), 'the end');
      return player.seen().filter(({ type }) => !type.startsWith('TIMGroup'));
    }));
    const key = ({ ID, from, type, payload, sequence, nick, avatar }: Seen): string => JSON.stringify({ ID, from, type, payload, sequence, nick, avatar });
    const all = new Map(views.flat().map((message) => [key(message), message]));
    const order = [...all.values()].sort((a, b) => a.sequence - b.sequence);
    assert.equal(order.length, 3 * 3 * 3 + 1);
    for (const [n, view] of views.entries()) {
      assert.deepEqual(view.map(key), order.filter(({ from }) => from !== `mixed${n}`).map(key), `view of ${SDKS[n]}`);
    }
  });
});

function scenarios(sdk: SdkName): void {
  const short = sdk.replace(/\W/g, '').slice(0, 6);
  let users = 0;
  const name = (): string => `${short}_${users += 1}`;

  it('logs in with a good signature and is told why with a bad one', async () => {
    const userID = name();
    const player = await Player.stranger(server, sdk, userID);
    await refused([70009, 70003], player.tim('login', { userID, userSig: server.forge(userID) }));
    await refused(70003, player.tim('login', { userID, userSig: 'nonsense' }));
    await refused(70013, player.tim('login', { userID, userSig: server.sign('somebody') }));
    await player.tim('login', { userID, userSig: server.sign(userID) });
    await player.hear('sdkStateReady');
    assert.equal((await player.tim('login', { userID, userSig: server.sign(userID) })).repeatLogin, true);
    await player.tim('logout');
    await player.hear('sdkStateNotReady');
    await player.tim('login', { userID, userSig: server.sign(userID) });
  });

  it('refuses an expired signature', async () => {
    const userID = name();
    const player = await Player.stranger(server, sdk, userID);
    await refused(70001, player.tim('login', { userID, userSig: server.signedAt(Date.now() - 100_000_000, userID) }));
  });

  it('joins, learns about the room, leaves, and cannot join what is not there', async () => {
    const room = await freshRoom();
    const player = await Player.user(server, sdk, name());
    const joined = await player.tim('joinGroup', { groupID: room, type: 'AVChatRoom' });
    assert.equal(joined.status, 'JoinedSuccess');
    const { group } = joined as { group: Fields };
    assert.deepEqual([group.groupID, group.name, group.ownerID, group.type], [room, `Room ${room}`, 'host', 'AVChatRoom']);
    assert.equal((await player.tim('joinGroup', { groupID: room, type: 'AVChatRoom' })).status, 'AlreadyInGroup');
    assert.equal((await player.tim('getGroupOnlineMemberCount', room)).memberCount, 1);
    await player.tim('quitGroup', room);
    await refused([10010, 10015], player.tim('joinGroup', { groupID: 'nowhere', type: 'AVChatRoom' }));
    await refused(10010, player.tim('searchGroupByID', 'nowhere'));
    assert.equal(((await player.tim('searchGroupByID', room)).group as Fields).name, `Room ${room}`);
  });

  for (const other of SDKS) {
    it(`exchanges every kind of message with ${other}`, async () => {
      const room = await freshRoom();
      const [me, you] = [name(), `${name()}_you`];
      await Promise.all([server.named(me), server.named(you)]);
      const [sender, receiver] = await Promise.all([Player.member(server, sdk, me, room), Player.member(server, other, you, room)]);
      const sent = [
        await sender.send('Text', room, { text: '<b>hi</b> "界" 😀' }, { cloudCustomData: 'mine' }),
        await sender.send('Custom', room, { data: 'LIKE', description: 'd', extension: '{"a":1}' }, { priority: 'High' }),
        await sender.send('Face', room, { index: 3, data: 'smile' }),
      ];
      for (const message of sent) {
        const copy = await receiver.see(({ ID }) => ID === message.ID, `the ${message.type}`);
        assert.deepEqual([copy.type, copy.payload, copy.sequence, copy.from, copy.to, copy.flow], [message.type, message.payload, message.sequence, me, room, 'in']);
        assert.deepEqual([copy.nick, copy.avatar], [`Nick of ${me}`, `https://img.example/${me}`]);
      }
      await receiver.say(room, 'answer');
      await sender.see(text('answer'), 'the answer');
      assert.deepEqual(sender.seen().filter(({ from }) => from === me), [], 'no echo');
    });
  }

  it('sees who comes and goes', async () => {
    const room = await freshRoom();
    const guest = name();
    await server.named(guest);
    const player = await Player.member(server, sdk, name(), room);
    const other = await Player.member(server, '@hawker/tim', guest, room);
    const joined = await player.see((message) => tip(1)(message) && message.payload.operatorID === guest, 'the join tip');
    assert.deepEqual([joined.nick, joined.avatar], [`Nick of ${guest}`, `https://img.example/${guest}`]);
    await other.tim('quitGroup', room);
    await player.see((message) => tip(2)(message) && message.payload.operatorID === guest, 'the quit tip');
  });

  it('sees changes of the room made by its owner and over REST', async () => {
    const room = await freshRoom();
    const player = await Player.member(server, sdk, name(), room);
    await server.rest('group_open_http_svc/modify_group_base_info', { GroupId: room, Notification: 'Soon', AppDefinedData: [{ Key: 'add_goods', Value: '{"id":"1"}' }] });
    const goods = ({ type, payload }: Seen): boolean => type === 'TIMGroupTipElem' && (payload.newGroupProfile as Fields | undefined)?.groupCustomField !== undefined;
    const changed = await player.see(goods, 'the tip of the goods');
    assert.deepEqual((changed.payload.newGroupProfile as Fields).groupCustomField, [{ key: 'add_goods', value: '{"id":"1"}' }]);
    await player.see(({ payload }) => (payload.newGroupProfile as Fields | undefined)?.notification === 'Soon', 'the tip of the announcement');
    const owner = await Player.member(server, sdk, 'host', room);
    await owner.tim('updateGroupProfile', { groupID: room, groupCustomField: [{ key: 'room_status', value: 'live' }] });
    await player.see(({ payload }) => JSON.stringify(payload.newGroupProfile ?? '').includes('room_status'), 'the tip of the status');
    const { group } = await player.tim('getGroupProfile', { groupID: room }) as { group: Fields };
    const fields = new Map((group.groupCustomField as { key: string; value: string }[]).map(({ key, value }) => [key, value]));
    assert.deepEqual([fields.get('add_goods'), fields.get('room_status'), group.notification], ['{"id":"1"}', 'live', 'Soon']);
  });

  it('hears of its own silence and of becoming an admin', async () => {
    const room = await freshRoom();
    const userID = name();
    const player = await Player.member(server, sdk, userID, room);
    await server.rest('group_open_http_svc/forbid_send_msg', { GroupId: room, Members_Account: [userID], MuteTime: 600 });
    const muted = await player.see(tip(7), 'the mute tip');
    assert.deepEqual((muted.payload.memberList as Fields[]).map((member) => [member.userID, member.muteTime]), [[userID, 600]]);
    await refused(10017, player.say(room, 'x'));
    await server.rest('group_open_http_svc/forbid_send_msg', { GroupId: room, Members_Account: [userID], MuteTime: 0 });
    await player.see((message) => tip(7)(message) && (message.payload.memberList as Fields[])[0]?.muteTime === 0, 'the end of it');
    await player.say(room, 'again');
    await server.rest('group_open_http_svc/modify_group_member_info', { GroupId: room, Member_Account: userID, Role: 'Admin' });
    await player.see(tip(4), 'the admin tip');
    await server.rest('group_open_http_svc/modify_group_member_info', { GroupId: room, Member_Account: userID, Role: 'Member' });
    await player.see(tip(5), 'the tip of the end of it');
  });

  it('silences others as the owner', async () => {
    const room = await freshRoom();
    const [owner, talker] = await Promise.all([Player.member(server, sdk, 'host', room), Player.member(server, '@hawker/tim', name(), room)]);
    await owner.tim('setGroupMemberMuteTime', { groupID: room, userID: talker.userID, muteTime: 60 });
    await talker.see(tip(7), 'the mute tip');
    await refused(10017, talker.say(room, 'x'));
    await refused(10007, talker.tim('setGroupMemberMuteTime', { groupID: room, userID: 'host', muteTime: 60 }));
  });

  it('receives notices, and is out after a ban and a dismissal', async () => {
    const room = await freshRoom();
    const player = await Player.member(server, sdk, name(), room);
    await server.rest('group_open_http_svc/send_group_system_notification', { GroupId: room, Content: '{"type":"BIT_BEGIN","msg":1}' });
    assert.equal((await player.see(notice(255), 'the notice')).payload.userDefinedField, '{"type":"BIT_BEGIN","msg":1}');
    await server.rest('group_open_http_svc/ban_group_member', { GroupId: room, Members_Account: [player.userID], Duration: 600, Description: 'spam' });
    await player.see(notice(21), 'the notice of the ban');
    await assert.rejects(player.say(room, 'x'));
    await assert.rejects(player.tim('joinGroup', { groupID: room, type: 'AVChatRoom' }));
    const next = await freshRoom();
    await player.tim('joinGroup', { groupID: next, type: 'AVChatRoom' });
    await server.rest('group_open_http_svc/destroy_group', { GroupId: next });
    await player.see(notice(5), 'the notice of the dismissal');
    await assert.rejects(player.say(next, 'x'));
  });

  it('bans as the owner', async () => {
    const room = await freshRoom();
    const [owner, spammer] = await Promise.all([Player.member(server, sdk, 'host', room), Player.member(server, '@hawker/tim', name(), room)]);
    await owner.tim('deleteGroupMember', { groupID: room, userIDList: [spammer.userID], duration: 60, reason: 'spam' });
    await spammer.see(notice(21), 'the notice of the ban');
  });

  it('changes its profile, and others see the new name', async () => {
    const room = await freshRoom();
    const [player, other] = await Promise.all([Player.member(server, sdk, name(), room), Player.member(server, '@hawker/tim', name(), room)]);
    await player.tim('updateMyProfile', { nick: 'Mei', avatar: 'https://img.example/mei' });
    await player.hear<Fields[]>('onProfileUpdated', ([profile]) => profile?.nick === 'Mei');
    assert.equal((await player.tim('getMyProfile')).nick, 'Mei');
    await player.say(room, 'hi');
    const { nick, avatar } = await other.see(text('hi'), 'the message');
    assert.deepEqual([nick, avatar], ['Mei', 'https://img.example/mei']);
    const profiles = await other.tim('getUserProfile', { userIDList: [player.userID] }) as unknown as Fields[];
    assert.equal(profiles[0]?.nick, 'Mei');
  });

  it('is put out by a second login and by REST', async () => {
    const userID = name();
    const first = await Player.user(server, sdk, userID);
    await Player.user(server, sdk, userID);
    assert.equal((await first.hear('kickedOut')).type, 'multipleAccount');
    await first.hear('sdkStateNotReady');
    const other = await Player.user(server, sdk, name());
    await server.rest('im_open_login_svc/kick', { UserID: other.userID });
    assert.equal((await other.hear('kickedOut')).type, 'REST_API_Kick');
  });

  it('hears of likes, counted exactly', async () => {
    const room = await freshRoom();
    const [player, other] = await Promise.all([Player.member(server, sdk, name(), room), Player.member(server, '@hawker/tim', name(), room)]);
    for (let n = 0; n < 3; n += 1) await other.send('Custom', room, { data: 'LIKE', description: '', extension: '' }, { priority: 'Lowest' });
    await player.hear('onGroupCounterUpdated', ({ groupID, key, value }: Fields) => groupID === room && key === 'likes' && value === 3);
    assert.equal(((await player.tim('getGroupCounters', { groupID: room })).counters as Fields).likes, 3);
  });

  it('counts what its owner counts', async () => {
    const room = await freshRoom();
    const [player, owner] = await Promise.all([Player.member(server, sdk, name(), room), Player.member(server, sdk, 'host', room)]);
    assert.deepEqual((await owner.tim('setGroupCounters', { groupID: room, counters: { seats: 5 } })).counters, { seats: 5 });
    assert.deepEqual((await owner.tim('increaseGroupCounter', { groupID: room, key: 'seats', value: 2 })).counters, { seats: 7 });
    await player.hear('onGroupCounterUpdated', ({ groupID, key, value }: Fields) => groupID === room && key === 'seats' && value === 7);
  });

  it('lists who is there', async () => {
    const room = await freshRoom();
    const [player, other] = await Promise.all([Player.member(server, sdk, name(), room), Player.member(server, '@hawker/tim', name(), room)]);
    const { memberList } = await player.tim('getGroupMemberList', { groupID: room, count: 100, offset: 0 }) as { memberList: Fields[] };
    assert.deepEqual(memberList.map(({ userID }) => userID).sort(), [player.userID, other.userID].sort());
  });

  it('makes a room, and ends it', async () => {
    const player = await Player.user(server, sdk, name());
    const { group } = await player.tim('createGroup', { name: 'Mine', type: 'AVChatRoom', groupID: `made_${player.userID}` }) as { group: Fields };
    assert.deepEqual([group.groupID, group.name, group.ownerID], [`made_${player.userID}`, 'Mine', player.userID]);
    await player.tim('joinGroup', { groupID: group.groupID, type: 'AVChatRoom' });
    await player.say(String(group.groupID), 'mine');
    await player.tim('dismissGroup', group.groupID);
  });

  it('recalls a message for the room', async () => {
    const room = await freshRoom();
    const [player, other] = await Promise.all([Player.member(server, sdk, name(), room), Player.member(server, '@hawker/tim', name(), room)]);
    await player.sendAndRevoke(room, 'oops');
    const { ID } = await other.see(text('oops'), 'the message');
    await other.hear<Fields[]>('onMessageRevoked', ([revoked]) => revoked?.ID === ID);
  });

  it('watches without a login, and cannot speak', async () => {
    const room = await freshRoom();
    const speaker = await Player.member(server, '@hawker/tim', name(), room);
    const viewer = await Player.stranger(server, sdk);
    assert.equal((await viewer.tim('joinGroup', { groupID: room })).status, 'JoinedSuccess');
    await speaker.say(room, 'hello viewers');
    await viewer.see(text('hello viewers'), 'the message');
    await refused(2024, viewer.say(room, 'x'));
    assert.equal(typeof (await viewer.tim('getGroupOnlineMemberCount', room)).memberCount, 'number');
    await server.rest('group_open_http_svc/send_group_system_notification', { GroupId: room, Content: 'to all' });
    await viewer.see(notice(255), 'the notice');
    await viewer.tim('quitGroup', room);
  });
}

describe('what only @hawker/tim has', () => {
  before(async () => { server = await TestServer.start(); });
  after(() => server?.stop());
  afterEach(() => { server.dismiss(); });

  it('member fields in rooms', async () => {
    const room = await freshRoom();
    const player = await Player.member(server, '@hawker/tim', 'fan', room);
    await player.tim('setGroupMemberCustomField', { groupID: room, memberCustomField: [{ key: 'attent', value: 'host' }] });
    const { memberList } = await player.tim('getGroupMemberProfile', { groupID: room, userIDList: ['fan'] }) as { memberList: Fields[] };
    assert.deepEqual(memberList[0]?.memberCustomField, [{ key: 'attent', value: 'host' }]);
  });

  it('statistics, with the ledger for the owner', async () => {
    const room = await freshRoom();
    const [owner, viewer] = await Promise.all([Player.member(server, '@hawker/tim', 'host', room), Player.member(server, '@hawker/tim', 'fan', room)]);
    await viewer.say(room, 'one');
    await viewer.send('Custom', room, { data: 'LIKE' });
    const stats = await owner.tim('getRoomStats', room) as { likeCount: number; onlineMemberCount: number; ledger: { received: number; delivered: number; dropped: { count: number }[] }[] };
    assert.deepEqual([stats.likeCount, stats.onlineMemberCount], [1, 2]);
    assert.ok(stats.ledger.length > 0);
    for (const { received, delivered, dropped } of stats.ledger) assert.equal(received, delivered + dropped.reduce((sum, { count }) => sum + count, 0));
    assert.deepEqual((await viewer.tim('getRoomStats', room)).ledger, []);
  });
});
