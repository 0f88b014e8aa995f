import { type Body, Code, HawkerError, bad, bodiesOf, bodyOf, isBody, numberOf, stringOf } from '@hawker/client';
import { checkMessageSize, objectOf, textFrom, userIdsFrom } from '../check.js';
import { EVENT, TYPES } from '../constants.js';
import { type Core, GROUP, ok } from '../core.js';
import { wireBody } from '../elements.js';
import { composed, envelope, idOf, isMessage } from '../message.js';
import { emptyProfile } from '../profile.js';
import type { Conversation, Message, RevokedMessage, SendOptions } from '../types.js';
import type { BoundHandlers } from './calls.js';

const C2C = TYPES.CONV_C2C;
/** Messages in one answer of `getMessageList`, as the official packages have it. */
const PAGE_MAX = 15;
/** Places in histories that are kept for the next page; the oldest are forgotten. */
const PLACES_MAX = 200;
/** Pages of the conversation list that are read; a server that has more is not believed. */
const LIST_PAGES_MAX = 50;
/** The message was taken back, in lists and histories. */
const REVOKED = 8;
/** The codes of the server for a message that a live room does not delete. */
const NOT_DELETED = 10035;
/** How messages of a user are announced, by the wire's number. */
const REMIND_TYPES: readonly string[] = [TYPES.MSG_REMIND_ACPT_AND_NOTE, TYPES.MSG_REMIND_DISCARD, TYPES.MSG_REMIND_ACPT_NOT_NOTE];

/** Where a page of a history ends. */
interface Place {
  readonly key: string;
  readonly time: number;
}

type DirectCalls = BoundHandlers<
  'revokeMessage' | 'deleteMessage' | 'getMessageList' | 'setMessageRead' | 'setAllMessageRead' | 'getConversationList' | 'getConversationProfile'
  | 'deleteConversation' | 'clearHistoryMessage' | 'pinConversation' | 'setMessageRemindType'
>;

/**
 * Messages between two users and the list of their conversations. Source: docs/direct-messages.md.
 *
 * The list is read when somebody asks for it or listens to it, and kept from then on; unread counts are kept always.
 */
export class Direct {
  private readonly list = new Map<string, Conversation>();
  private readonly unread = new Map<string, number>();
  /** Time of the newest message of each conversation, seconds. */
  private readonly newest = new Map<string, number>();
  private readonly places = new Map<string, Place>();
  private syncing: Promise<void> | null = null;

  constructor(private readonly core: Core) {}

  reset(): void {
    for (const map of [this.list, this.unread, this.newest, this.places]) map.clear();
    this.syncing = null;
  }

  // The list

  /** Reads the list once per login. */
  sync(): Promise<void> {
    this.syncing ??= this.readList().catch((error: unknown) => {
      this.syncing = null;
      throw error;
    });
    return this.syncing;
  }

  private async readList(): Promise<void> {
    let cursor: Body = { TimeStamp: 0, StartIndex: 0, TopTimeStamp: 0, TopStartIndex: 0 };
    for (let page = 0; page < LIST_PAGES_MAX; page += 1) {
      const reply = await this.core.ask('getConversationList', 'recentcontact.page_get', {
        From_Account: this.core.userID, OrderType: 1, MsgAssistFlags: 4, AssistFlags: 15, ...cursor,
      });
      for (const item of bodiesOf(reply.SessionItem)) this.enlist(item);
      if (numberOf(reply.CompleteFlag, 1) === 1) break;
      cursor = {
        TimeStamp: numberOf(reply.TimeStamp), StartIndex: numberOf(reply.StartIndex),
        TopTimeStamp: numberOf(reply.TopTimeStamp), TopStartIndex: numberOf(reply.TopStartIndex),
      };
    }
    this.listChanged();
  }

  private enlist(item: Body): void {
    const userID = stringOf(item.To_Account);
    if (numberOf(item.Type) !== 1 || userID === '') return;
    const conversation = emptyConversation(userID, stringOf(item.PeerNick), stringOf(item.PeerAvatar));
    const { MsgBody, CloudCustomData } = bodyOf(item.LastMsg);
    const { type, payload } = composed({ MsgBody }, {});
    const isRevoked = numberOf(item.LastMsgFlags) === REVOKED;
    const lastTime = numberOf(item.MsgTimeStamp);
    const fromAccount = stringOf(item.LastC2CMsgFrom_Account);
    conversation.peerReadTime = numberOf(item.C2cPeerReadTime);
    conversation.isPinned = numberOf(item.TopFlags) === 1;
    conversation.lastMessage = {
      ...conversation.lastMessage, lastTime, lastSequence: numberOf(item.MsgSeq), fromAccount, type, payload,
      messageForShow: stringOf(item.MsgShow), isRevoked, cloudCustomData: stringOf(CloudCustomData),
      isPeerRead: fromAccount === this.core.userID && lastTime <= conversation.peerReadTime,
    };
    if (item.UnreadMsgCount !== undefined) this.unread.set(userID, numberOf(item.UnreadMsgCount));
    this.newest.set(userID, Math.max(lastTime, this.newest.get(userID) ?? 0));
    this.list.set(userID, conversation);
  }

  private sorted(): Conversation[] {
    const conversations = [...this.list.entries()].map(([userID, conversation]) => {
      conversation.unreadCount = this.unread.get(userID) ?? 0;
      return conversation;
    });
    return conversations.sort((a, b) => Number(b.isPinned) - Number(a.isPinned) || b.lastMessage.lastTime - a.lastMessage.lastTime);
  }

  /** Tells of the list, if it is kept, and of the total. */
  private listChanged(): void {
    let total = 0;
    for (const count of this.unread.values()) total += count;
    if (this.syncing) this.core.emit(EVENT.CONVERSATION_LIST_UPDATED, this.sorted());
    if (total === this.core.unread) return;
    this.core.unread = total;
    this.core.emit(EVENT.TOTAL_UNREAD_MESSAGE_COUNT_UPDATED, total);
  }

  // What comes in

  onPush(item: Body): void {
    this.take(bodiesOf(item.C2cMsgArray), true);
    for (const notice of bodiesOf(item.C2cNotifyMsgArray)) this.onNotice(notice);
    if (numberOf(item.C2CReadAllMsg) !== 1) return;
    this.unread.clear();
    this.listChanged();
  }

  /** What was missed and the counts, after a login (`first`) or a reconnect. */
  onSync(reply: Body, first: boolean): void {
    if (!first) this.take(bodiesOf(reply.MsgList), false);
    for (const { From_Account, UnreadCount } of bodiesOf(reply.C2CPairUnreadCount)) this.unread.set(stringOf(From_Account), numberOf(UnreadCount));
    this.listChanged();
  }

  /** New messages; those that are known are dropped. */
  private take(items: readonly Body[], counts: boolean): void {
    const messages = items.map((item) => this.messageOf(item)).filter(({ ID }) => this.core.find(ID) === null);
    if (messages.length === 0) return;
    for (const [index, message] of messages.entries()) {
      const online = items[index]?.MsgLifeTime === 0;
      if (counts && !online && message.flow === 'in') this.unread.set(message.from, (this.unread.get(message.from) ?? 0) + 1);
      if (!online) this.touch(message);
    }
    this.core.received(messages);
    this.listChanged();
  }

  private messageOf(item: Body): Message {
    const self = this.core.userID;
    const fields = envelope(item, self);
    const to = stringOf(item.To_Account);
    const peer = fields.from === self ? to : fields.from ?? '';
    const revoker = stringOf(bodyOf(item.RevokerInfo).Revoker_Account) || peer;
    return composed(item, {
      ...fields, to, conversationType: C2C, conversationID: `${C2C}${peer}`,
      ...(numberOf(item.MsgFlagBits) === REVOKED ? { isRevoked: true, revoker } : {}),
    });
  }

  /** The message is the newest of its conversation. */
  private touch(message: Message): void {
    const peer = message.conversationID.slice(C2C.length);
    this.newest.set(peer, Math.max(message.time, this.newest.get(peer) ?? 0));
    if (!this.syncing) return;
    const out = message.flow === 'out';
    const conversation = this.list.get(peer) ?? emptyConversation(peer, out ? '' : message.nick, out ? '' : message.avatar);
    if (!out) Object.assign(conversation.userProfile, { nick: message.nick, avatar: message.avatar });
    conversation.lastMessage = {
      ...conversation.lastMessage, lastTime: message.time, lastSequence: message.sequence, fromAccount: message.from, type: message.type,
      payload: message.payload, messageForShow: shown(message), isRevoked: message.isRevoked, revoker: message.revoker, isPeerRead: false,
      nick: message.nick, cloudCustomData: message.cloudCustomData,
    };
    this.list.set(peer, conversation);
  }

  private onNotice(notice: Body): void {
    const receipt = bodyOf(notice.C2cReadedReceipt);
    for (const { LastReadTime } of bodiesOf(receipt.UinPairReadArray)) this.readByPeer(stringOf(receipt.To_Account), numberOf(LastReadTime));
    for (const { From_Account, LastReadTime } of bodiesOf(bodyOf(notice.ReadC2cMsgNotify).UinPairReadArray)) {
      const peer = stringOf(From_Account);
      if (numberOf(LastReadTime) >= (this.newest.get(peer) ?? 0)) this.setUnread(peer, 0);
    }
    const taken = bodiesOf(bodyOf(notice.WithdrawC2cMsgNotify).C2cWithdrawInfoArray);
    if (taken.length > 0) this.onRevoked(taken);
  }

  private setUnread(peer: string, count: number): void {
    this.unread.set(peer, count);
    this.listChanged();
  }

  private readByPeer(peer: string, time: number): void {
    const read = this.kept(peer).filter((message) => message.flow === 'out' && !message.isPeerRead && message.time <= time);
    for (const message of read) message.isPeerRead = true;
    const conversation = this.list.get(peer);
    if (conversation) {
      conversation.peerReadTime = time;
      const { fromAccount, lastTime } = conversation.lastMessage;
      if (fromAccount === this.core.userID && lastTime <= time) conversation.lastMessage.isPeerRead = true;
    }
    if (read.length > 0) this.core.emit(EVENT.MESSAGE_READ_BY_PEER, read);
    this.listChanged();
  }

  private onRevoked(infos: readonly Body[]): void {
    const self = this.core.userID;
    const revoked = infos.map((info): RevokedMessage => {
      const from = stringOf(info.From_Account);
      const peer = from === self ? stringOf(info.To_Account) : from;
      const sequence = numberOf(info.MsgSeq);
      const random = numberOf(info.MsgRandom);
      const revoker = stringOf(bodyOf(info.RevokerInfo).Revoker_Account) || from;
      const kept = this.kept(peer).find((message) => message.sequence === sequence && message.random === random);
      if (kept) Object.assign(kept, { isRevoked: true, revoker });
      const counted = from !== self && (this.unread.get(peer) ?? 0) > 0 && !(kept?.isRead ?? false);
      if (counted) this.unread.set(peer, (this.unread.get(peer) ?? 1) - 1);
      const last = this.list.get(peer)?.lastMessage;
      if (last?.lastSequence === sequence) Object.assign(last, { isRevoked: true, revoker });
      const { nick = '', avatar = '' } = kept ?? {};
      return {
        ID: kept?.ID ?? idOf(stringOf(info.TinyId), numberOf(info.MsgClientTime), random), conversationID: `${C2C}${peer}`, sequence,
        isRevoked: true, revoker, revokerInfo: { userID: revoker, nick, avatar }, revokeReason: stringOf(info.Reason),
      };
    });
    this.core.emit(EVENT.MESSAGE_REVOKED, revoked);
    this.listChanged();
  }

  /** The messages with a user that are remembered. */
  private kept(peer: string): Message[] {
    return [...this.core.recent.values()].filter((message) => message.conversationID === `${C2C}${peer}`);
  }

  // Calls

  /** Sends a message to a user. */
  async send(message: Message, options: SendOptions): Promise<void> {
    const MsgBody = wireBody(message);
    checkMessageSize(MsgBody, message.cloudCustomData);
    const reply = await this.core.client.request('openim.sendmsg', {
      From_Account: message.from, To_Account: message.to, MsgSeq: message.sequence, MsgRandom: message.random, MsgBody,
      CloudCustomData: message.cloudCustomData, MsgClientTime: message.clientTime, From_AccountNick: message.nick, From_AccountHeadurl: message.avatar,
      ...(options.onlineUserOnly ? { MsgLifeTime: 0 } : {}),
    });
    message.time = numberOf(reply.MsgTime, message.time);
    message.sequence = numberOf(reply.MsgSeq, message.sequence);
    if (options.onlineUserOnly) return;
    this.touch(message);
    this.listChanged();
  }

  readonly calls: DirectCalls = {
    revokeMessage: async (message) => {
      if (!isMessage(message)) throw bad(Code.notAMessage, 'message', 'must be a message');
      await (message.conversationType === C2C ? this.withdraw(message) : this.recall(message));
      message.isRevoked = true;
      message.revoker = this.core.userID;
      return ok({ message });
    },

    deleteMessage: async (messageList) => {
      if (!Array.isArray(messageList) || messageList.length === 0) throw bad(Code.badArgument, 'messageList', 'must be a list of messages');
      const messages = messageList.map((message: unknown) => {
        if (!isMessage(message)) throw bad(Code.notAMessage, 'messageList', 'must be a list of messages');
        if (message.conversationType !== C2C) throw bad(NOT_DELETED, 'messageList', 'names messages of a room, which are not deleted');
        return message;
      });
      const [{ conversationID } = { conversationID: '' }] = messages;
      if (messages.some((message) => message.conversationID !== conversationID)) {
        throw bad(Code.badArgument, 'messageList', 'must be of one conversation');
      }
      await this.core.ask('deleteMessage', 'openim.delete_c2c_msg_ramble', {
        From_Account: this.core.userID, To_Account: conversationID.slice(C2C.length), MsgKeyList: messages.map(keyOf),
      });
      for (const message of messages) message.isDeleted = true;
      return ok({ messageList: messages });
    },

    getMessageList: async (options) => {
      const { conversationID, nextReqMessageID, count } = objectOf(options, 'getMessageList');
      const peer = peerFrom(conversationID);
      // Rooms have no history to be read; the official packages answer the same.
      if (peer === null) return ok({ messageList: [], nextReqMessageID: '', isCompleted: true });
      const next = textFrom(nextReqMessageID ?? '', 'nextReqMessageID');
      const wanted = count ?? PAGE_MAX;
      if (typeof wanted !== 'number' || !(wanted >= 1)) throw bad(Code.badArgument, 'count', 'must be a whole number of at least 1');
      return this.history(peer, next, Math.min(Math.floor(wanted), PAGE_MAX));
    },

    setMessageRead: async (options) => {
      const peer = peerFrom(objectOf(options, 'setMessageRead').conversationID);
      if (peer === null) return ok({});
      const LastedMsgTime = this.newest.get(peer) ?? Math.floor(this.core.now() / 1000);
      await this.core.ask('setMessageRead', 'openim.msgreaded', {
        C2CMsgReaded: { Cookie: '', C2CMsgReadedItem: [{ To_Account: peer, LastedMsgTime, Receipt: 1 }] },
      });
      for (const message of this.kept(peer)) message.isRead = true;
      this.setUnread(peer, 0);
      return ok({});
    },

    setAllMessageRead: async (options) => {
      const scope = isBody(options) ? options.scope ?? TYPES.READ_ALL_MSG : TYPES.READ_ALL_MSG;
      const scopes: readonly unknown[] = [TYPES.READ_ALL_MSG, TYPES.READ_ALL_C2C_MSG, TYPES.READ_ALL_GROUP_MSG];
      if (!scopes.includes(scope)) throw bad(Code.badArgument, 'scope', 'must be one of TYPES.READ_ALL_*');
      if (scope === TYPES.READ_ALL_GROUP_MSG) return ok({});
      await this.core.ask('setAllMessageRead', 'openim.read_all_unread_msg', { C2CReadAllMsg: 1, GroupReadInfo: [] });
      this.unread.clear();
      this.listChanged();
      return ok({});
    },

    getConversationList: async (options) => {
      if (options !== undefined && !isBody(options) && !Array.isArray(options)) throw bad(Code.badArgument, 'options', 'must be a list of ids or an object');
      const wanted: unknown[] | null = Array.isArray(options) ? options : null;
      wanted?.forEach((id) => peerFrom(id));
      await this.sync();
      const all = this.sorted();
      const type = isBody(options) ? options.type : undefined;
      const conversationList = all.filter((conversation) =>
        (wanted?.includes(conversation.conversationID) ?? true) && (type === undefined || type === conversation.type));
      return ok({ conversationList, isSyncCompleted: true });
    },

    getConversationProfile: async (conversationID) => {
      const peer = userPeerFrom(conversationID);
      await this.sync();
      const known = this.list.get(peer);
      const [profile] = await this.core.fetchProfiles([peer]);
      if (!known && !profile) throw bad(Code.noConversation, 'conversationID', 'names a user that does not exist');
      const conversation = known ?? emptyConversation(peer, '', '');
      if (profile) conversation.userProfile = profile;
      return ok({ conversation });
    },

    deleteConversation: async (options) => {
      const { conversationIDList, clearHistoryMessage = true } = isBody(options) ? options : { conversationIDList: [options] };
      if (!Array.isArray(conversationIDList) || conversationIDList.length === 0) {
        throw bad(Code.badArgument, 'conversationIDList', 'must be a list of conversation ids');
      }
      if (typeof clearHistoryMessage !== 'boolean') throw bad(Code.badArgument, 'clearHistoryMessage', 'must be true or false');
      const peers = conversationIDList.map(userPeerFrom);
      await this.core.ask('deleteConversation', 'recentcontact.batch_delete', {
        From_Account: this.core.userID, ContactItem: peers.map((peer) => ({ To_Account: peer, Type: 1 })), ClearRamble: clearHistoryMessage ? 1 : 0,
      });
      for (const peer of peers) {
        this.list.delete(peer);
        this.unread.delete(peer);
      }
      this.listChanged();
      const ids = peers.map((peer) => `${C2C}${peer}`);
      return ok(isBody(options) ? { conversationIDList: ids } : { conversationID: ids[0] ?? '' });
    },

    clearHistoryMessage: async (conversationID) => {
      const peer = userPeerFrom(conversationID);
      await this.core.ask('clearHistoryMessage', 'recentcontact.clear_msg', { From_Account: this.core.userID, To_Account: peer, Type: 1 });
      return ok({ conversationID: `${C2C}${peer}` });
    },

    pinConversation: async (options) => {
      const { conversationID, isPinned } = objectOf(options, 'pinConversation');
      const peer = userPeerFrom(conversationID);
      if (typeof isPinned !== 'boolean') throw bad(Code.badArgument, 'isPinned', 'must be true or false');
      await this.core.ask('pinConversation', 'recentcontact.top', {
        From_Account: this.core.userID, OperationType: isPinned ? 1 : 2, RecentContactItem: [{ Type: 1, To_Account: peer }],
      });
      const conversation = this.list.get(peer);
      if (conversation) conversation.isPinned = isPinned;
      this.listChanged();
      return ok({ conversationID: `${C2C}${peer}` });
    },

    setMessageRemindType: async (options) => {
      const { userIDList, messageRemindType } = objectOf(options, 'setMessageRemindType');
      const ids = userIdsFrom(userIDList);
      const number = REMIND_TYPES.indexOf(stringOf(messageRemindType));
      if (number < 0) throw bad(Code.badArgument, 'messageRemindType', 'must be one of TYPES.MSG_REMIND_*');
      const reply = await this.core.ask('setMessageRemindType', 'openim.set_c2c_peer_mute_notifications', { Peer_Account: ids, Mute_Notifications: number });
      const failureUserIDList = bodiesOf(reply.ErrorList).map((entry) => ({
        userID: stringOf(entry.To_Account), code: numberOf(entry.ErrorCode), message: stringOf(entry.ErrorInfo),
      }));
      const successUserIDList = ids.filter((id) => !failureUserIDList.some(({ userID }) => userID === id));
      for (const id of successUserIDList) {
        const conversation = this.list.get(id);
        if (conversation) conversation.messageRemindType = stringOf(messageRemindType);
      }
      this.listChanged();
      return ok({ successUserIDList, failureUserIDList });
    },
  };

  private async withdraw({ from, to, sequence, random, time, conversationID }: Message): Promise<void> {
    await this.core.ask('revokeMessage', 'openim.msgwithdraw', {
      MsgInfo: { From_Account: from, To_Account: to, MsgSeq: sequence, MsgRandom: random, MsgTimeStamp: time },
    });
    const last = this.list.get(conversationID.slice(C2C.length))?.lastMessage;
    if (last?.lastSequence !== sequence) return;
    Object.assign(last, { isRevoked: true, revoker: this.core.userID });
    this.listChanged();
  }

  private async recall(message: Message): Promise<void> {
    const body = { GroupId: message.to, MsgSeqList: [{ MsgSeq: message.sequence }], TopicId: '' };
    const reply = await this.core.ask('revokeMessage', `${GROUP}group_msg_recall`, body);
    const code = numberOf(bodiesOf(reply.RecallRetList)[0]?.RetCode);
    if (code !== 0) throw new HawkerError(code, 'the message was not recalled');
  }

  private async history(peer: string, next: string, MaxCnt: number): ReturnType<DirectCalls['getMessageList']> {
    const place = next === '' ? { key: '', time: 0 } : this.places.get(`${peer} ${next}`);
    if (!place) throw bad(Code.badArgument, 'nextReqMessageID', 'must be from the answer before');
    const [reply, read] = await Promise.all([
      this.core.ask('getMessageList', 'openim.getroammsg', {
        Peer_Account: peer, MaxCnt, LastMsgTime: place.time, MsgKey: place.key, WithRecalledMsg: 1, GetDirection: 0,
      }),
      this.core.ask('getMessageList', 'openim.get_peer_read_time', { To_Account: [peer] }),
    ]);
    const readTime = Array.isArray(read.ReadTime) ? numberOf(read.ReadTime[0]) : 0;
    const messageList = bodiesOf(reply.MsgList).map((item) => {
      const message = this.messageOf(item);
      // The message that the application holds already is the one it gets again.
      const kept = this.core.find(message.ID) ?? message;
      if (kept.flow === 'out') kept.isPeerRead = kept.time <= readTime;
      return kept;
    });
    this.core.remember(...messageList);
    const isCompleted = numberOf(reply.Complete) === 1;
    const nextReqMessageID = isCompleted ? '' : messageList[0]?.ID ?? '';
    if (nextReqMessageID !== '') this.keepPlace(`${peer} ${nextReqMessageID}`, { key: stringOf(reply.MsgKey), time: numberOf(reply.LastMsgTime) });
    return ok({ messageList, nextReqMessageID, isCompleted });
  }

  private keepPlace(name: string, place: Place): void {
    this.places.set(name, place);
    for (const oldest of this.places.keys()) {
      if (this.places.size <= PLACES_MAX) break;
      this.places.delete(oldest);
    }
  }
}

function keyOf({ sequence, random, time }: Message): string {
  return `${sequence}_${random}_${time}`;
}

/** The user of a conversation, `null` for a group's or the system's. Errors: 2503. */
function peerFrom(conversationID: unknown): string | null {
  const id = typeof conversationID === 'string' ? conversationID : '';
  if (id.startsWith(C2C) && id.length > C2C.length) return id.slice(C2C.length);
  if (id === TYPES.CONV_SYSTEM || (id.startsWith(TYPES.CONV_GROUP) && id.length > TYPES.CONV_GROUP.length)) return null;
  throw bad(Code.badConversationId, 'conversationID', 'must be C2C or GROUP with an id behind it');
}

/** Groups have no conversation that is kept. Errors: 2503, 2500. */
function userPeerFrom(conversationID: unknown): string {
  const peer = peerFrom(conversationID);
  if (peer === null) throw bad(Code.noConversation, 'conversationID', 'must be of a user: rooms have no conversation');
  return peer;
}

function emptyConversation(userID: string, nick: string, avatar: string): Conversation {
  return {
    conversationID: `${C2C}${userID}`, type: C2C, subType: '', unreadCount: 0,
    lastMessage: {
      lastTime: 0, lastSequence: 0, fromAccount: '', type: '', payload: null, messageForShow: '', isRevoked: false, revoker: null,
      isPeerRead: false, nick: '', nameCard: '', cloudCustomData: '',
    },
    userProfile: { ...emptyProfile(userID), nick, avatar },
    peerReadTime: 0, isPinned: false, messageRemindType: TYPES.MSG_REMIND_ACPT_AND_NOTE, draftText: '', customData: '', markList: [],
    conversationGroupList: [], groupAtInfoList: [], remark: '',
  };
}

/** One line for the list: the official packages' words for what is no text. */
function shown(message: Message): string {
  switch (message.type) {
    case 'TIMTextElem': return message.payload.text;
    case 'TIMImageElem': return '[图片]';
    case 'TIMSoundElem': return '[语音]';
    case 'TIMVideoFileElem': return '[视频]';
    case 'TIMFileElem': return '[文件]';
    case 'TIMFaceElem': return '[表情]';
    case 'TIMLocationElem': return '[地理位置]';
    default: return '[自定义消息]';
  }
}
