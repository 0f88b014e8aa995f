import { type Body, bodiesOf, bodyOf, numberOf, stringOf } from '@hawker/client';
import type { CustomField, Group, GroupMember, NewGroupProfile } from './types.js';

/** The fields asked for with a group's profile. */
export const GROUP_FIELDS = [
  'Type', 'Name', 'Introduction', 'Notification', 'FaceUrl', 'Owner_Account', 'CreateTime', 'InfoSeq', 'LastInfoTime',
  'LastMsgTime', 'NextMsgSeq', 'MemberNum', 'MaxMemberNum', 'ApplyJoinOption', 'InviteJoinOption', 'ShutUpAllMember',
];

export const MEMBER_FIELDS = ['Role', 'JoinTime', 'MsgFlag', 'MsgSeq', 'NameCard', 'ShutUpUntil'];

export function customFieldsOf(value: unknown): CustomField[] {
  return bodiesOf(value).map(({ Key, Value }) => ({ key: stringOf(Key), value: stringOf(Value) }));
}

/** The fields with changes laid over them. */
export function changedFields(fields: readonly CustomField[], changes: readonly CustomField[]): CustomField[] {
  const values = new Map([...fields, ...changes].map(({ key, value }) => [key, value]));
  return [...values].map(([key, value]) => ({ key, value }));
}

function isOn(value: unknown): boolean {
  return value === 'On' || value === true || value === 1;
}

/** A group from one entry of `GroupInfo`. */
export function groupOf(info: Body, userID: string): Group {
  const self = bodyOf(info.SelfInfo);
  return {
    groupID: stringOf(info.GroupId),
    name: stringOf(info.Name),
    avatar: stringOf(info.FaceUrl),
    type: stringOf(info.Type),
    introduction: stringOf(info.Introduction),
    notification: stringOf(info.Notification),
    ownerID: stringOf(info.Owner_Account),
    createTime: numberOf(info.CreateTime),
    infoSequence: numberOf(info.InfoSeq),
    lastInfoTime: numberOf(info.LastInfoTime),
    nextMessageSeq: numberOf(info.NextMsgSeq),
    memberCount: numberOf(info.MemberNum),
    maxMemberCount: numberOf(info.MaxMemberNum),
    muteAllMembers: isOn(info.ShutUpAllMember),
    joinOption: stringOf(info.ApplyJoinOption),
    inviteOption: stringOf(info.InviteJoinOption),
    groupCustomField: customFieldsOf(info.AppDefinedData),
    isSupportTopic: false,
    selfInfo: {
      userID,
      role: stringOf(self.Role),
      joinTime: numberOf(self.JoinTime),
      messageRemindType: stringOf(self.MsgFlag),
      nameCard: stringOf(self.NameCard),
    },
    lastMessage: { lastTime: numberOf(info.LastMsgTime), lastSequence: 0, fromAccount: '', messageForShow: '' },
  };
}

/** A member from an entry of a member list. */
export function memberOf(entry: Body): GroupMember {
  return {
    userID: stringOf(entry.Member_Account),
    nick: stringOf(entry.NickName),
    avatar: stringOf(entry.FaceUrl) || stringOf(entry.Avatar),
    role: stringOf(entry.Role),
    joinTime: numberOf(entry.JoinTime),
    nameCard: stringOf(entry.NameCard),
    muteUntil: numberOf(entry.MuteUntil),
    memberCustomField: customFieldsOf(entry.AppMemberDefinedData),
  };
}

const CHANGED_TEXTS = {
  groupName: 'GroupName', introduction: 'GroupIntroduction', notification: 'GroupNotification', avatar: 'GroupFaceUrl', ownerID: 'Owner_Account',
} as const;

/** The changed fields that a profile tip carries. */
export function newProfileOf(info: Body): NewGroupProfile {
  const changed: NewGroupProfile = {};
  for (const key of Object.keys(CHANGED_TEXTS) as (keyof typeof CHANGED_TEXTS)[]) {
    const value = info[CHANGED_TEXTS[key]];
    if (value !== undefined) changed[key] = stringOf(value);
  }
  if (info.ShutupAll !== undefined) changed.muteAllMembers = isOn(info.ShutupAll);
  if (info.MsgAppDefinedData !== undefined) changed.groupCustomField = customFieldsOf(info.MsgAppDefinedData);
  return changed;
}

/** The group with the change laid over it. */
export function withChange(group: Group, { groupName, groupCustomField, ...plain }: NewGroupProfile): Group {
  return {
    ...group, ...plain, name: groupName ?? group.name, groupCustomField: changedFields(group.groupCustomField, groupCustomField ?? []),
  };
}

/** The group with a change of what it knows about ourselves. */
export function withSelf(group: Group, self: Partial<Group['selfInfo']>): Group {
  return { ...group, selfInfo: { ...group.selfInfo, ...self } };
}
