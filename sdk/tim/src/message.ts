import {
  type Body, Code, bad, bodiesOf, bodyOf, groupIdOf, isBody, numberOf, stringOf, textOf,
} from '@hawker/client';
import { objectOf, userIdFrom } from './check.js';
import { TYPES } from './constants.js';
import { type Element, elementOf } from './elements.js';
import { newProfileOf } from './group.js';
import type { GroupNoticePayload, GroupTipPayload, Message, MessageFields, RevokedMessage, TipMember } from './types.js';

const SYSTEM = TYPES.CONV_SYSTEM;
/** Priority words by their number on the wire. */
const PRIORITIES = ['Normal', 'High', 'Normal', 'Low', 'Lowest'];

/** Who a message is made by, and when. */
export interface Origin {
  userID: string;
  tinyID: string;
  nick: string;
  avatar: string;
  /** Seconds, server's clock. */
  now: number;
  random: number;
  clientSequence: number;
}

export function compose(element: Element, fields: Partial<MessageFields>): Message {
  return {
    ID: '', conversationID: '', conversationType: TYPES.CONV_GROUP, to: '', from: '', nick: '', avatar: '', nameCard: '',
    flow: 'in', time: 0, clientTime: 0, sequence: 0, clientSequence: 0, random: 0, status: 'success', priority: 'Normal',
    cloudCustomData: '', atUserList: [], isRevoked: false, isDeleted: false, isModified: false, isRead: false,
    isPeerRead: false, isResend: false, isSystemMessage: false, isBroadcastMessage: false, isPlaceMessage: 0,
    isSupportExtension: false, needReadReceipt: false, hasRiskContent: false, readReceiptInfo: {}, revoker: null, version: 0,
    _elements: [{ type: element.type, content: element.payload }],
    ...fields,
    ...element,
  } as Message;
}

/** The id everybody computes alike from what travels with the message. */
export function idOf(tinyID: string, clientTime: number, random: number): string {
  return `${tinyID}-${clientTime}-${random}`;
}

/** Sender's fields. A message may be made before the login, so they are set again when it is sent. */
export function stamp(message: Message, origin: Origin): void {
  message.from = origin.userID;
  message.nick = origin.nick;
  message.avatar = origin.avatar;
  message.ID = idOf(origin.tinyID, message.clientTime, message.random);
}

/** A message of our own from the options of a `create…Message`. Errors: 2106, 2602, 2002, 2905 with the field's name. */
export function createMessage(options: unknown, method: string, payloadOf: (payload: Body) => Element, origin: Origin): Message {
  const { to, conversationType, priority, payload, cloudCustomData } = objectOf(options, method);
  const direct = conversationType === TYPES.CONV_C2C;
  if (!direct && conversationType !== TYPES.CONV_GROUP) {
    throw bad(Code.badConversationType, 'conversationType', 'must be TYPES.CONV_GROUP or CONV_C2C');
  }
  const target = direct ? userIdFrom(to, 'to') : textOf(to, 'to', Code.badGroupId);
  if (!isBody(payload)) throw bad(Code.badArgument, 'payload', 'must be an object');
  if (priority !== undefined && !PRIORITIES.includes(priority as string)) throw bad(Code.badArgument, 'priority', 'must be TYPES.MSG_PRIORITY_*');
  if (cloudCustomData !== undefined && typeof cloudCustomData !== 'string') throw bad(Code.badArgument, 'cloudCustomData', 'must be a string');
  const message = compose(payloadOf(payload), {
    to: target, conversationType: stringOf(conversationType), conversationID: `${stringOf(conversationType)}${target}`,
    flow: 'out', status: 'unSend', isRead: true,
    priority: stringOf(priority) || 'Normal', cloudCustomData: cloudCustomData ?? '', time: origin.now,
    clientTime: origin.now, random: origin.random, clientSequence: origin.clientSequence,
    sequence: direct ? origin.clientSequence : 0,
  });
  stamp(message, origin);
  return message;
}

/** Whether the value is a message made by this package, a copy of one included. */
export function isMessage(value: unknown): value is Message {
  return isBody(value) && typeof value.ID === 'string' && typeof value.type === 'string' && isBody(value.payload);
}

/** What pushed items have in common. */
export function envelope(item: Body, self: string): Partial<MessageFields> {
  const info = bodyOf(item.GroupInfo);
  const from = stringOf(item.From_Account);
  const time = numberOf(item.MsgTimeStamp);
  const clientTime = numberOf(item.MsgClientTime, time);
  const random = numberOf(item.MsgRandom);
  const priority = item.MsgPriority;
  return {
    ID: idOf(stringOf(item.TinyId) || '0', clientTime, random),
    from, time, clientTime, random,
    nick: stringOf(info.From_AccountNick) || stringOf(item.From_AccountNick),
    avatar: stringOf(info.From_AccountHeadurl) || stringOf(item.From_AccountHeadurl),
    nameCard: stringOf(bodyOf(info.MsgFrom_AccountExtraInfo).NameCard),
    sequence: numberOf(item.MsgSeq),
    clientSequence: numberOf(item.ClientSeq),
    priority: typeof priority === 'number' ? PRIORITIES[priority] ?? 'Normal' : stringOf(priority) || 'Normal',
    cloudCustomData: stringOf(item.CloudCustomData),
    flow: self === '' ? '' : from === self ? 'out' : 'in',
  };
}

/** A message with the elements of its wire form, the first of which names its type. */
export function composed(item: Body, fields: Partial<MessageFields>): Message {
  const elements = bodiesOf(item.MsgBody).map(elementOf);
  const first: Element = elements[0] ?? { type: 'TIMTextElem', payload: { text: '' } };
  return compose(first, { ...fields, _elements: elements.map(({ type, payload }) => ({ type, content: payload })) });
}

/** A chat message from Event 3 (or 17: to all rooms). */
export function groupMessageOf(item: Body, event: number, self: string): Message {
  const groupID = groupIdOf(item);
  return composed(item, {
    ...envelope(item, self), to: groupID, conversationID: `GROUP${groupID}`, isBroadcastMessage: event === 17,
  });
}

function memberInfo(info: Body): TipMember {
  return { userID: stringOf(info.UserId), nick: stringOf(info.NickName), avatar: stringOf(info.ImageUrl) };
}

function profileOf(item: Body): GroupTipPayload['groupProfile'] {
  const name = stringOf(bodyOf(item.GroupInfo).GroupName);
  return { groupID: groupIdOf(item), groupName: name, name };
}

/** A tip from Event 4 or 6. Source: wire protocol, section 10. */
export function tipOf(item: Body, self: string): Message & { type: 'TIMGroupTipElem' } {
  const body = bodyOf(item.MsgBody);
  const operatorID = stringOf(body.Operator_Account);
  const listed = Array.isArray(body.List_Account) ? body.List_Account.map(stringOf) : [];
  const userIDList = listed.length > 0 ? listed : [operatorID];
  const infos = bodiesOf(body.MsgMemberExtraInfo).map(memberInfo);
  const mutes = bodiesOf(body.MsgMemberInfo ?? body.MemberList)
    .map((info) => ({ userID: stringOf(info.User_Account), muteTime: numberOf(info.ShutupTime) }));
  const payload: GroupTipPayload = {
    operationType: numberOf(body.OpType),
    operatorID,
    operatorInfo: { ...memberInfo(bodyOf(body.MsgOperatorMemberExtraInfo)), userID: operatorID },
    userIDList,
    memberList: mutes.length > 0 ? mutes : infos.length > 0 ? infos : userIDList.map((userID) => ({ userID })),
    groupProfile: profileOf(item),
    groupJoinType: numberOf(body.GroupJoinType),
  };
  if (body.MemberNum !== undefined) payload.memberCount = numberOf(body.MemberNum);
  if (isBody(body.MsgGroupNewInfo)) payload.newGroupProfile = newProfileOf(body.MsgGroupNewInfo);
  const groupID = groupIdOf(item);
  return compose({ type: 'TIMGroupTipElem', payload }, {
    ...envelope(item, self), to: groupID, conversationID: `GROUP${groupID}`,
  }) as Message & { type: 'TIMGroupTipElem' };
}

/** A system notice from Event 5. */
export function noticeOf(item: Body, self: string): Message & { type: 'TIMGroupSystemNoticeElem' } {
  const body = bodyOf(item.MsgBody);
  const payload: GroupNoticePayload = {
    operationType: numberOf(body.ReportType),
    operatorID: stringOf(body.Operator_Account),
    groupProfile: profileOf(item),
  };
  if (body.UserDefinedField !== undefined) payload.userDefinedField = stringOf(body.UserDefinedField);
  if (body.BanDuration !== undefined) payload.duration = numberOf(body.BanDuration);
  if (body.BanDescription !== undefined) payload.reason = stringOf(body.BanDescription);
  return compose({ type: 'TIMGroupSystemNoticeElem', payload }, {
    ...envelope(item, self), to: groupIdOf(item), conversationID: SYSTEM, conversationType: SYSTEM, isSystemMessage: true,
  }) as Message & { type: 'TIMGroupSystemNoticeElem' };
}

/** The recalled messages that a notice of type 15 names. */
export function revokedOf(item: Body): RevokedMessage[] {
  return bodiesOf(bodyOf(item.MsgBody).GroupWithdrawInfoArray).map((info) => {
    const revoker = bodyOf(info.RevokerInfo);
    const userID = stringOf(revoker.Revoker_Account);
    return {
      ID: idOf(stringOf(info.TinyId), numberOf(info.MsgClientTime), numberOf(info.MsgRandom)),
      conversationID: `GROUP${stringOf(info.GroupId) || groupIdOf(item)}`,
      sequence: numberOf(info.MsgSeq),
      isRevoked: true,
      revoker: userID,
      revokerInfo: { userID, nick: stringOf(revoker.NickName), avatar: stringOf(revoker.ImageUrl) },
      revokeReason: stringOf(info.Reason),
    };
  });
}
