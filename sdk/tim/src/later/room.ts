import { type Body, Code, bad, bodiesOf, bodyOf, isBody, numberOf, stringOf } from '@hawker/client';
import { groupIdFrom, objectOf } from '../check.js';
import { EVENT } from '../constants.js';
import { type Core, GROUP, ok } from '../core.js';
import { groupMessageOf, idOf, isMessage } from '../message.js';
import type { Message, PinnedMessage } from '../types.js';
import type { BoundHandlers } from './calls.js';
import { textsFrom } from './groups.js';

/** The attributes of one group as the server last told them. */
interface Attributes {
  /** Grows by one with each change; -1 before anything was told. */
  main: number;
  readonly values: Map<string, { value: string; seq: number }>;
}

/** Number of a change of attributes in its tip. */
const CLEARED = 3;
const DELETED = 4;
const SET = 1;
const ATTRIBUTES = 'group_open_attr_http_svc.get_group_attr';
/** Number of the tip about a message that was pinned. */
const PINNED = 16;

type RoomCalls = BoundHandlers<
  'initGroupAttributes' | 'setGroupAttributes' | 'deleteGroupAttributes' | 'getGroupAttributes' | 'pinGroupMessage' | 'getPinnedGroupMessageList'
>;

/** Attributes and pinned messages of rooms. Source: wire protocol, section 11; wire extensions. */
export class RoomBoard {
  private readonly attributes = new Map<string, Attributes>();

  constructor(private readonly core: Core) {}

  reset(): void {
    this.attributes.clear();
  }

  readonly calls: RoomCalls = {
    initGroupAttributes: async (options) => {
      const { groupID, entries } = this.given(options, 'initGroupAttributes');
      const { main } = await this.held(groupID);
      const GroupAttr = entries.map(([key, value]) => ({ key, value }));
      const reply = await this.change('initGroupAttributes', 'set_group_attr', { GroupId: groupID, GroupAttr, AttrMainSeq: main });
      return this.changed(groupID, reply, SET, entries);
    },
    setGroupAttributes: async (options) => {
      const { groupID, entries } = this.given(options, 'setGroupAttributes');
      const { values, main } = await this.held(groupID);
      const GroupAttr = entries.map(([key, value]) => ({ key, value, seq: values.get(key)?.seq ?? 0 }));
      const reply = await this.change('setGroupAttributes', 'modify_group_attr', { GroupId: groupID, GroupAttr, AttrMainSeq: main });
      return this.changed(groupID, reply, 0, entries);
    },
    deleteGroupAttributes: async (options) => {
      const given = objectOf(options, 'deleteGroupAttributes');
      const groupID = groupIdFrom(given.groupID);
      if (given.keyList === undefined) throw bad(Code.badArgument, 'keyList', 'must be a list of strings');
      const keyList = textsFrom(given.keyList, 'keyList');
      const { values, main } = await this.held(groupID);
      const gone = keyList.length > 0 ? keyList : [...values.keys()];
      const list = { GroupAttr: keyList.map((key) => ({ key, seq: values.get(key)?.seq ?? 0 })) };
      const reply = await this.change('deleteGroupAttributes', keyList.length > 0 ? 'delete_group_attr' : 'clear_group_attr', {
        GroupId: groupID, AttrMainSeq: main, ...(keyList.length > 0 ? list : {}),
      });
      this.changed(groupID, reply, keyList.length > 0 ? DELETED : CLEARED, keyList.map((key) => [key, '']));
      return ok({ keyList: gone });
    },
    getGroupAttributes: async (options) => {
      const given = objectOf(options, 'getGroupAttributes');
      const keyList = textsFrom(given.keyList, 'keyList');
      const groupID = groupIdFrom(given.groupID);
      await this.fetch(groupID);
      return ok({ groupAttributes: this.all(groupID, keyList) });
    },
    pinGroupMessage: async (options) => {
      const { groupID, message, isPinned } = objectOf(options, 'pinGroupMessage');
      const GroupId = groupIdFrom(groupID);
      if (!isMessage(message)) throw bad(Code.notAMessage, 'message', 'must be a message');
      if (typeof isPinned !== 'boolean') throw bad(Code.badArgument, 'isPinned', 'must be true or false');
      await this.core.ask('pinGroupMessage', `${GROUP}${isPinned ? 'pin' : 'unpin'}_message`, { GroupId, MsgSeq: message.sequence });
      return ok({});
    },
    getPinnedGroupMessageList: async (groupID) => {
      const reply = await this.core.ask('getPinnedGroupMessageList', `${GROUP}get_pinned_messages`, { GroupId: groupIdFrom(groupID) });
      const items = bodiesOf(reply.PinnedMsgList);
      const pinners = [...new Set(items.map((item) => stringOf(item.Pinner_Account)))];
      const profiles = pinners.length > 0 ? await this.core.fetchProfiles(pinners) : [];
      return ok({
        messageList: items.map((item) => {
          const userID = stringOf(item.Pinner_Account);
          const { nick = '', avatar = '' } = profiles.find((profile) => profile.userID === userID) ?? {};
          return this.pinned(item, { userID, nick, avatar });
        }),
      });
    },
  };

  // Attributes

  private given(options: unknown, method: string): { groupID: string; entries: [string, string][] } {
    const { groupID, groupAttributes } = objectOf(options, method);
    const id = groupIdFrom(groupID);
    if (!isBody(groupAttributes) || Object.keys(groupAttributes).length === 0) {
      throw bad(Code.badArgument, 'groupAttributes', 'must be an object of strings');
    }
    const entries = Object.entries(groupAttributes).map(([key, value]): [string, string] => {
      if (typeof value !== 'string') throw bad(Code.badArgument, `groupAttributes.${key}`, 'must be a string');
      return [key, value];
    });
    return { groupID: id, entries };
  }

  private async held(groupID: string): Promise<Attributes> {
    return this.attributes.get(groupID) ?? this.fetch(groupID);
  }

  private async fetch(groupID: string): Promise<Attributes> {
    const reply = await this.core.ask('getGroupAttributes', ATTRIBUTES, { GroupId: groupID, GroupType: 1 });
    const values = bodiesOf(reply.GroupAttrAry).map((entry): [string, { value: string; seq: number }] =>
      [stringOf(entry.key), { value: stringOf(entry.value), seq: numberOf(entry.seq) }]);
    const attributes = { main: numberOf(reply.AttrMainSeq), values: new Map(values) };
    this.attributes.set(groupID, attributes);
    return attributes;
  }

  /** Somebody else may have been faster: what is held is then forgotten, and the next call sees the new state. */
  private async change(method: string, command: string, body: Body): Promise<Body> {
    try {
      return await this.core.ask(method, `${GROUP}${command}`, { ...body, AttrControl: ['RaceConflict'] }, false);
    } catch (error) {
      this.attributes.delete(stringOf(body.GroupId));
      throw error;
    }
  }

  private changed(groupID: string, reply: Body, how: number, entries: readonly [string, string][]): Awaited<ReturnType<RoomCalls['initGroupAttributes']>> {
    const main = numberOf(reply.AttrMainSeq);
    this.apply(groupID, main, how, entries.map(([key, value]) => ({ Key: key, Val: value, SubKeySeq: main })));
    return ok({ groupAttributes: Object.fromEntries(entries) });
  }

  /** Lays a change over what is held, unless it is known already; true when it could be. */
  private apply(groupID: string, main: number, how: number, infos: readonly Body[]): boolean {
    const held = this.attributes.get(groupID);
    if (!held) return false;
    if (main <= held.main) return true;
    if (main !== held.main + 1) return false;
    held.main = main;
    if (how === SET || how === CLEARED) held.values.clear();
    for (const { Key, Val, SubKeySeq } of infos) {
      if (how === DELETED) held.values.delete(stringOf(Key));
      else if (how !== CLEARED) held.values.set(stringOf(Key), { value: stringOf(Val), seq: numberOf(SubKeySeq) });
    }
    this.tell(groupID);
    return true;
  }

  private async onAttributes(groupID: string, change: Body): Promise<void> {
    if (this.apply(groupID, numberOf(change.GroupAttrSeq), numberOf(change.OpType), bodiesOf(change.GroupAttrInfo))) return;
    await this.fetch(groupID);
    this.tell(groupID);
  }

  private all(groupID: string, keys: readonly string[] = []): Record<string, string> {
    const values = [...this.attributes.get(groupID)?.values ?? []];
    return Object.fromEntries(values.filter(([key]) => keys.length === 0 || keys.includes(key)).map(([key, { value }]) => [key, value]));
  }

  private tell(groupID: string): void {
    this.core.emit(EVENT.GROUP_ATTRIBUTES_UPDATED, { groupID, groupAttributes: this.all(groupID) });
  }

  // Pinned messages

  /** A tip about attributes or pinned messages. */
  onTip(groupID: string, item: Body): void {
    const body = bodyOf(item.MsgBody);
    const change = bodyOf(body.MsgGroupNewInfo).GroupAttrOption;
    if (change !== undefined) void this.onAttributes(groupID, bodyOf(change)).catch(() => undefined);
    else this.onPin(groupID, body);
  }

  private onPin(groupID: string, body: Body): void {
    const who = bodyOf(body.MsgOperatorMemberExtraInfo);
    const operatorInfo = { userID: stringOf(body.Operator_Account), nick: stringOf(who.NickName), avatar: stringOf(who.ImageUrl) };
    const isPinned = numberOf(body.OpType) === PINNED;
    const named = bodyOf(body.SdkGroupMessageId);
    const [random, time, clientTime] = [numberOf(named.MsgRandom), numberOf(named.ServerTime), numberOf(named.MsgClientTime)];
    const message = isPinned ? this.pinned(bodyOf(body.PinnedMsg), operatorInfo) : {
      ID: idOf(stringOf(named.SenderTinyId), clientTime, random), sequence: numberOf(named.MsgSeq), random, time, clientTime,
    };
    this.core.emit(EVENT.PINNED_GROUP_MESSAGE_UPDATED, { groupID, isPinned, message, operatorInfo });
  }

  private pinned(item: Body, pinnerInfo: PinnedMessage['pinnerInfo']): PinnedMessage {
    const message: Message = groupMessageOf(item, 3, this.core.userID);
    return Object.assign(message, { pinnerInfo });
  }
}

