import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Fields, Player, type SdkName, type Seen } from './player.js';
import { TestServer } from './server.js';

/**
 * What the official packages give and ours does not: inner bookkeeping, raw fields of the reply, the login token, which
 * no application needs, and `muteAllMembers` as `'On'` where their own documentation says boolean.
 */
const LEFT_OUT = new Set([
  'a2Key', 'customStatus', 'purchaseBits', 'protocol', 'senderTinyID', 'isOnline', 'lastSendMsgTime', 'readedSequence',
  'selfInfo.sequence', 'readReceiptInfo.timestamp', 'memberNum', 'errorInfo', 'muteAllMember', 'muteAllMembers',
  'overLimitUserIDList', 'groupProfile.groupType', 'revokerInfo', 'revokeReason', 'pinnerInfo', 'level',
]);

/** Kind of a value; `''` and `0` are both "nothing yet" to the official packages. */
function kind(value: unknown): string {
  return Array.isArray(value) ? 'list' : value === null ? 'null' : value === '' || value === 0 ? 'empty' : typeof value;
}

/** Paths at which `ours` lacks a field of `official`, or has another kind of value there. */
function differences(official: unknown, ours: unknown, path = ''): string[] {
  if (Array.isArray(official)) return official.length === 0 || !Array.isArray(ours) ? [] : differences(official[0], ours[0], `${path}[]`);
  if (typeof official !== 'object' || official === null) return [];
  return Object.entries(official).flatMap(([key, value]) => {
    const here = path === '' ? key : `${path}.${key}`;
    if (key.startsWith('_') || LEFT_OUT.has(key) || LEFT_OUT.has(`${path.replace(/^.*\./, '')}.${key}`)) return [];
    const mine = (ours as Fields | undefined)?.[key];
    if (mine === undefined) return [`${here} is missing`];
    const [theirs, own] = [kind(value), kind(mine)];
    const same = theirs === own || theirs === 'empty' || own === 'empty' || theirs === 'null' || own === 'null';
    return same ? differences(value, mine, here) : [`${here} is ${own}, officially ${theirs}`];
  });
}

interface Shapes {
  results: Record<string, Fields>;
  messages: Record<string, Seen>;
  events: Record<string, unknown>;
}

describe('results and events', () => {
  let server: TestServer;
  before(async () => { server = await TestServer.start(); });
  after(() => server?.stop());

  /** Does the same things with an SDK and keeps what it gave. */
  async function collect(sdk: SdkName, tag: string): Promise<Shapes> {
    const room = await server.room(`shape_${tag}`);
    const userID = `user_${tag}`;
    await server.named(userID);
    const player = await Player.stranger(server, sdk, userID);
    const results: Record<string, Fields> = {};
    const call = async (method: string, ...args: unknown[]): Promise<void> => { results[method] = await player.tim(method, ...args); };
    await call('login', { userID, userSig: server.sign(userID) });
    await player.hear('sdkStateReady');
    await call('joinGroup', { groupID: room, type: 'AVChatRoom' });
    await call('getGroupProfile', { groupID: room });
    await call('searchGroupByID', room);
    await call('getGroupOnlineMemberCount', room);
    await call('getGroupMemberList', { groupID: room });
    await call('updateMyProfile', { nick: 'Mei', gender: 'Gender_Type_Female' });
    await call('getMyProfile');
    await call('getUserProfile', { userIDList: ['host'] });
    await call('getGroupCounters', { groupID: room });
    await call('createGroup', { name: 'Mine', type: 'AVChatRoom', groupID: `made_${tag}` });
    await call('updateGroupProfile', { groupID: `made_${tag}`, notification: 'x' });
    await call('dismissGroup', `made_${tag}`);
    const messages: Record<string, Seen> = { sent: await player.say(room, 'mine') };
    const other = await Player.member(server, '@hawker/tim', `other_${tag}`, room);
    messages.join = await player.see(({ payload }) => payload.operationType === 1, 'the join tip');
    await other.say(room, 'hi');
    messages.text = await player.see(({ type }) => type === 'TIMTextElem', 'the text');
    await other.send('Custom', room, { data: 'mine' });
    messages.custom = await player.see(({ type }) => type === 'TIMCustomElem', 'the custom message');
    await server.rest('group_open_http_svc/modify_group_base_info', { GroupId: room, Notification: 'Soon' });
    messages.profile = await player.see(({ payload }) => payload.operationType === 6, 'the tip of the announcement');
    await server.rest('group_open_http_svc/forbid_send_msg', { GroupId: room, Members_Account: [userID], MuteTime: 60 });
    messages.mute = await player.see(({ payload }) => payload.operationType === 7, 'the mute tip');
    await server.rest('group_open_http_svc/send_group_system_notification', { GroupId: room, Content: 'x' });
    messages.notice = await player.see(({ payload }) => payload.operationType === 255, 'the notice');
    await call('quitGroup', room);
    const events = { profile: await player.hear('onProfileUpdated') };
    await call('logout');
    return { results, messages, events };
  }

  it('have every field of the official packages', async () => {
    const ours = await collect('@hawker/tim', 'ours');
    for (const [sdk, tag] of [['tim-js-sdk', 'old'], ['@tencentcloud/chat', 'new']] as const) {
      const official = await collect(sdk, tag);
      assert.deepEqual(differences(official, ours), [], sdk);
    }
  });
});
