import { type Body, Code, bad, bodiesOf, byteLength, isBody, numberOf, stringOf, textOf } from '@hawker/client';
import type { Changed } from '../calls.js';
import { MEMBER_LIST_MAX, fieldsFrom, groupIdFrom, objectOf, userIdFrom, userIdsFrom, wholeFrom } from '../check.js';
import { TYPES } from '../constants.js';
import { type Core, GROUP, ok } from '../core.js';
import { GROUP_FIELDS, MEMBER_FIELDS, memberOf } from '../group.js';
import { type Field, emptyProfile, tagOf } from '../profile.js';
import type { Handlers } from './calls.js';

/** Texts of a group in the wire's spelling, and how long they may be, in bytes. Source: limits, section 6. */
const TEXTS = {
  name: ['Name', 30], introduction: ['Introduction', 240], notification: ['Notification', 300], avatar: ['FaceUrl', 100],
} as const;
/** A reason for a ban is at most this long, in bytes. */
const REASON_BYTES_MAX = 1000;

/** The optional fields that `createGroup` and `updateGroupProfile` share, in the wire's spelling. */
function profileFields(given: Body): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [key, [wire, bytesMax]] of Object.entries(TEXTS)) {
    const value = given[key];
    if (value === undefined) continue;
    // A name is a name; the others may be emptied.
    fields[wire] = key === 'name' ? textOf(value, key, Code.badArgument, bytesMax) : shortText(value, key, bytesMax);
  }
  if (given.groupCustomField !== undefined) fields.AppDefinedData = fieldsFrom(given.groupCustomField, 'groupCustomField');
  return fields;
}

function shortText(value: unknown, field: string, bytesMax: number): string {
  if (typeof value !== 'string' || byteLength(value) > bytesMax) throw bad(Code.badArgument, field, `must be a string of at most ${bytesMax} bytes`);
  return value;
}

async function changeMember(core: Core, method: string, given: Body, change: Body): Changed {
  const groupID = groupIdFrom(given.groupID);
  const userID = userIdFrom(given.userID);
  await core.ask(method, `${GROUP}modify_group_member_info`, { GroupId: groupID, Member_Account: userID, ...change });
  const [group, members] = await Promise.all([
    core.groups.get(groupID) ?? core.fetchGroup(groupID),
    memberProfiles(core, groupID, [userID]).catch(() => []),
  ]);
  return ok({ group, member: members[0] ?? memberOf({ Member_Account: userID, ...change }) });
}

async function memberProfiles(core: Core, groupID: string, ids: string[], filter?: unknown): Promise<ReturnType<typeof memberOf>[]> {
  const custom = Array.isArray(filter) ? { AppDefinedDataFilter_GroupMember: filter.map(stringOf) } : {};
  const [reply, profiles] = await Promise.all([
    core.ask('getGroupMemberProfile', `${GROUP}get_specified_group_member_info`, {
      GroupId: groupID, Member_List_Account: ids, MemberInfoFilter: MEMBER_FIELDS, ...custom,
    }),
    core.fetchProfiles(ids),
  ]);
  return bodiesOf(reply.MemberList).map(memberOf).map((member) => {
    const profile = profiles.find(({ userID }) => userID === member.userID);
    return { ...member, nick: profile?.nick ?? member.nick, avatar: profile?.avatar ?? member.avatar };
  });
}

/** Fields of a profile that nobody sets. */
const UNCHANGING: readonly string[] = ['userID', 'lastUpdatedTime'];

/** The items of a change. Refuses unknown fields and wrong types (2721), and an empty change (2722). */
function itemsOf(change: Readonly<Record<string, unknown>>): Body[] {
  const sample = emptyProfile('');
  const items: Body[] = [];
  for (const [key, value] of Object.entries(change)) {
    if (key === 'profileCustomField') {
      items.push(...fieldsFrom(value, key).map(({ Key, Value }) => ({ Tag: Key, Value })));
    } else if (!UNCHANGING.includes(key) && key in sample && typeof value === typeof sample[key as Field]) {
      items.push({ Tag: tagOf(key), Value: value });
    } else {
      throw bad(Code.badProfileKey, key, 'is not a field of a profile or has the wrong type');
    }
  }
  if (items.length === 0) throw bad(Code.badProfile, 'options', 'must name at least one field of the profile');
  return items;
}

/** Groups, their members, and the own profile. */
export const groupCalls: Handlers<
  'createGroup' | 'dismissGroup' | 'updateGroupProfile' | 'searchGroupByID' | 'getGroupList' | 'changeGroupOwner'
  | 'getGroupMemberList' | 'getGroupMemberProfile' | 'addGroupMember' | 'deleteGroupMember' | 'setGroupMemberMuteTime'
  | 'setGroupMemberRole' | 'setGroupMemberCustomField' | 'updateMyProfile'
> = {
  async createGroup(core, options) {
    const given = objectOf(options, 'createGroup');
    const type = given.type ?? TYPES.GRP_AVCHATROOM;
    const types: readonly unknown[] = [TYPES.GRP_AVCHATROOM, TYPES.GRP_PUBLIC, TYPES.GRP_MEETING, TYPES.GRP_WORK];
    if (!types.includes(type)) throw bad(Code.badGroupType, 'type', 'must be one of TYPES.GRP_*');
    const body: Record<string, unknown> = { Type: type, Owner_Account: core.userID, WebPushFlag: 1, ...profileFields({ ...given, name: given.name ?? '' }) };
    if (given.groupID !== undefined && given.groupID !== '') body.GroupId = groupIdFrom(given.groupID);
    // Not sent twice: the second would meet the first one's id and be refused.
    const reply = await core.ask('createGroup', `${GROUP}create_group`, body, false);
    return ok({ group: await core.fetchGroup(stringOf(reply.GroupId)), overLimitUserIDList: [] });
  },

  async dismissGroup(core, groupID) {
    const id = groupIdFrom(groupID);
    await core.ask('dismissGroup', `${GROUP}destroy_group`, { GroupId: id });
    core.drop(id);
    return ok({ groupID: id });
  },

  async updateGroupProfile(core, options) {
    const given = objectOf(options, 'updateGroupProfile');
    const groupID = groupIdFrom(given.groupID);
    const change = profileFields(given);
    if (given.muteAllMembers !== undefined) {
      if (typeof given.muteAllMembers !== 'boolean') throw bad(Code.badArgument, 'muteAllMembers', 'must be true or false');
      change.ShutUpAllMember = given.muteAllMembers ? 'On' : 'Off';
    }
    if (Object.keys(change).length === 0) throw bad(Code.noOptions, 'options', 'must name at least one field to change');
    await core.ask('updateGroupProfile', `${GROUP}modify_group_base_info`, { GroupId: groupID, ...change });
    return ok({ group: await core.fetchGroup(groupID) });
  },

  async searchGroupByID(core, groupID) {
    const id = groupIdFrom(groupID);
    const reply = await core.ask('searchGroupByID', `${GROUP}get_group_public_info`, {
      GroupIdList: [id], ResponseFilter: { GroupBasePublicInfoFilter: GROUP_FIELDS },
    });
    return ok({ group: core.groupFrom(reply, id) });
  },

  // The rooms that are joined are the only groups there are.
  getGroupList: (core) => Promise.resolve(ok({ groupList: [...core.groups.values()] })),

  changeGroupOwner(_core, options) {
    const given = objectOf(options, 'changeGroupOwner');
    groupIdFrom(given.groupID);
    userIdFrom(given.newOwnerID, 'newOwnerID');
    throw bad(Code.noOwnerTransfer, 'groupID', 'names a room, and rooms keep their owner');
  },

  async getGroupMemberList(core, options) {
    const given = objectOf(options, 'getGroupMemberList');
    const groupID = groupIdFrom(given.groupID);
    const offset = wholeFrom(given.offset ?? 0, 'offset', 0);
    const reply = await core.ask('getGroupMemberList', 'group_open_avchatroom_http_svc.get_members', { GroupId: groupID, Timestamp: offset });
    return ok({ memberList: bodiesOf(reply.MemberList).map(memberOf), offset: numberOf(reply.NextTimestamp) });
  },

  async getGroupMemberProfile(core, options) {
    const given = objectOf(options, 'getGroupMemberProfile');
    const groupID = groupIdFrom(given.groupID);
    const ids = userIdsFrom(given.userIDList, MEMBER_LIST_MAX);
    return ok({ memberList: await memberProfiles(core, groupID, ids, given.memberCustomFieldFilter) });
  },

  addGroupMember(_core, options) {
    const given = objectOf(options, 'addGroupMember');
    groupIdFrom(given.groupID);
    userIdsFrom(given.userIDList);
    throw bad(Code.noMembersAdded, 'groupID', 'names a room, and nobody is added to rooms');
  },

  async deleteGroupMember(core, options) {
    const given = objectOf(options, 'deleteGroupMember');
    const groupID = groupIdFrom(given.groupID);
    const ids = userIdsFrom(given.userIDList);
    const duration = wholeFrom(given.duration, 'duration', 1, Code.badDuration);
    await core.ask('deleteGroupMember', `${GROUP}ban_group_member`, {
      GroupId: groupID, Members_Account: ids, Duration: duration, Description: shortText(given.reason ?? '', 'reason', REASON_BYTES_MAX),
    });
    return ok({ group: core.groups.get(groupID) ?? await core.fetchGroup(groupID), userIDList: ids });
  },

  async setGroupMemberMuteTime(core, options) {
    const given = objectOf(options, 'setGroupMemberMuteTime');
    const muteTime = wholeFrom(given.muteTime, 'muteTime', 0);
    if (given.userID === core.userID) throw bad(Code.muteSelf, 'userID', 'must not be oneself');
    return changeMember(core, 'setGroupMemberMuteTime', given, { ShutUpTime: muteTime });
  },

  async setGroupMemberRole(core, options) {
    const given = objectOf(options, 'setGroupMemberRole');
    if (given.role !== TYPES.GRP_MBR_ROLE_ADMIN && given.role !== TYPES.GRP_MBR_ROLE_MEMBER) {
      throw bad(Code.badRole, 'role', 'must be TYPES.GRP_MBR_ROLE_ADMIN or TYPES.GRP_MBR_ROLE_MEMBER');
    }
    if (given.userID === core.userID) throw bad(Code.ownRole, 'userID', 'must not be oneself');
    return changeMember(core, 'setGroupMemberRole', given, { Role: given.role });
  },

  async setGroupMemberCustomField(core, options) {
    const given = objectOf(options, 'setGroupMemberCustomField');
    const change = { AppMemberDefinedData: fieldsFrom(given.memberCustomField, 'memberCustomField') };
    return changeMember(core, 'setGroupMemberCustomField', { ...given, userID: given.userID ?? core.userID }, change);
  },

  async updateMyProfile(core, options) {
    const items = itemsOf(objectOf(options, 'updateMyProfile'));
    await core.ask('updateMyProfile', 'profile.portrait_set', { From_Account: core.userID, ProfileItem: items });
    core.changeProfile(items);
    return ok(core.profile);
  },
};

// A group's numbers and words

function oneCounter(given: Body): Body[] {
  return [{ Key: textOf(given.key, 'key'), Value: wholeFrom(given.value, 'value', 1) }];
}

function allCounters({ counters }: Body): Body[] {
  if (!isBody(counters) || Object.keys(counters).length === 0) throw bad(Code.badArgument, 'counters', 'must be an object of whole numbers');
  return Object.entries(counters).map(([Key, value]) => ({ Key, Value: wholeFrom(value, 'counters', -Infinity) }));
}

function countersOf(reply: Body): Record<string, number> {
  return Object.fromEntries(bodiesOf(reply.GroupCounter).map(({ Key, Value }) => [stringOf(Key), numberOf(Value)]));
}

async function changeCounters(core: Core, method: string, options: unknown, Mode: string, read: (given: Body) => Body[]): ReturnType<Handlers<'setGroupCounters'>['setGroupCounters']> {
  const given = objectOf(options, method);
  const body = { GroupId: groupIdFrom(given.groupID), GroupCounter: read(given), Mode };
  return ok({ counters: countersOf(await core.ask(method, `${GROUP}update_group_counter`, body, Mode === 'Set')) });
}

/** A list of texts; what is left out is an empty list. */
export function textsFrom(value: unknown, field: string, bytesMax = Infinity): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw bad(Code.badArgument, field, 'must be a list of strings');
  return value.map((text) => textOf(text, field, Code.badArgument, bytesMax));
}

function wordsOf(reply: Body): { reject: string[]; mask: string[] } {
  const list = (value: unknown): string[] => Array.isArray(value) ? value.map(stringOf) : [];
  return { reject: list(reply.Reject), mask: list(reply.Mask) };
}

/** A word is at most this long, in bytes. Source: wire extensions. */
const WORD_BYTES_MAX = 64;

/** As many as profiles can be asked for at once. */
const BANS_PER_PAGE = 100;

/** Counters, statistics, words and bans. */
export const ledgerCalls: Handlers<
  'setGroupCounters' | 'increaseGroupCounter' | 'decreaseGroupCounter' | 'getGroupCounters' | 'getRoomStats' | 'getRoomWords' | 'setRoomWords'
  | 'getRoomBans' | 'liftRoomBans'
> = {
  setGroupCounters: (core, options) => changeCounters(core, 'setGroupCounters', options, 'Set', allCounters),
  increaseGroupCounter: (core, options) => changeCounters(core, 'increaseGroupCounter', options, 'Increase', oneCounter),
  decreaseGroupCounter: (core, options) => changeCounters(core, 'decreaseGroupCounter', options, 'Decrease', oneCounter),

  async getGroupCounters(core, options) {
    const given = objectOf(options, 'getGroupCounters');
    const body = { GroupId: groupIdFrom(given.groupID), GroupCounterKeys: textsFrom(given.keyList, 'keyList') };
    return ok({ counters: countersOf(await core.ask('getGroupCounters', `${GROUP}get_group_counter`, body)) });
  },

  async getRoomStats(core, groupID) {
    const body = await core.ask('getRoomStats', 'hawker_room.stats', { GroupId: groupIdFrom(groupID) });
    return ok({
      onlineMemberCount: numberOf(body.OnlineMemberNum),
      peakMemberCount: numberOf(body.PeakMemberNum),
      likeCount: numberOf(body.LikeCount),
      messageCount: numberOf(body.MsgCount),
      ledger: bodiesOf(body.Ledger).map((row) => ({
        class: stringOf(row.Class), received: numberOf(row.Received), delivered: numberOf(row.Delivered),
        dropped: bodiesOf(row.Dropped).map(({ Reason, Count }) => ({ reason: stringOf(Reason), count: numberOf(Count) })),
      })),
    });
  },

  async getRoomWords(core, groupID) {
    return ok(wordsOf(await core.ask('getRoomWords', 'hawker_room.get_words', { GroupId: groupIdFrom(groupID) })));
  },

  async setRoomWords(core, options) {
    const given = objectOf(options, 'setRoomWords');
    const words = { Reject: textsFrom(given.reject, 'reject', WORD_BYTES_MAX), Mask: textsFrom(given.mask, 'mask', WORD_BYTES_MAX) };
    await core.ask('setRoomWords', 'hawker_room.set_words', { GroupId: groupIdFrom(given.groupID), ...words });
    return ok(wordsOf(words));
  },

  async getRoomBans(core, options) {
    const { groupID, offset = 0 } = objectOf(options, 'getRoomBans');
    const body = { GroupId: groupIdFrom(groupID), Offset: wholeFrom(offset, 'offset', 0), Limit: BANS_PER_PAGE };
    const reply = await core.ask('getRoomBans', `${GROUP}get_group_ban_member`, body);
    const banList = bodiesOf(reply.BannedAccountList)
      .map(({ Member_Account, BannedUntil }) => ({ userID: stringOf(Member_Account), bannedUntil: numberOf(BannedUntil) }));
    return ok({ banList, offset: numberOf(reply.NextOffset) });
  },

  async liftRoomBans(core, options) {
    const { groupID, userIDList } = objectOf(options, 'liftRoomBans');
    await core.ask('liftRoomBans', `${GROUP}unban_group_member`, { GroupId: groupIdFrom(groupID), Members_Account: userIdsFrom(userIDList) });
    return ok({});
  },
};
