import { type Body, Code, Emitter, HawkerError, bad, bodiesOf, bodyOf, isBody, stringOf, textOf } from '@hawker/client';
import {
  type DataOf, EVENT, FIELD_EVENTS, type Happening, type Person, type RoomMessage, type SdkEvent, canonical, isOwners, isReserved,
} from './events.js';
import type { GroupInfo, SdkResult, TimInstance, TimSdk, UserInfo } from './sdk.js';

/** What the component is made from. Options that are not listed (`proxyServer`, …) are passed on to `TIM.create`. */
export interface TlsConfig<Instance extends TimInstance = TimInstance> {
  /** Id of the app, a positive integer. */
  SDKAppID: number;
  /** Signature of `userName`, made by the application's server. */
  userSig: string;
  /** Who logs in; the name `userSig` was made for. */
  userName: string;
  /** The room; may be left out and given to `joinRoom`. */
  roomID?: string;
  /** The TIM SDK: `@hawker/tim`, `tim-js-sdk`, `tim-wx-sdk` or `@tencentcloud/chat`. */
  TIM: TimSdk<Instance>;
  /** Custom fields of the group to read with its profile; default all. */
  groupCustomFieldFilter?: string[];
  [option: string]: unknown;
}

/** What the sender of a like, a gift and so on gets back, for his own screen. */
export interface Sent extends Person {
  /** What was passed as `extension`. */
  value: string;
}

/** Settings of {@link TIMLiveSell.joinRoom}. */
export interface JoinSetting {
  /** The room; default the one given to the constructor. */
  roomID?: string;
  /** Read the host's profile as well; default true. */
  getOwnerInfo?: boolean;
}

/**
 * The live-selling component: one room, one user.
 *
 * ```ts
 * const tls = new TIMLiveSell({ SDKAppID, roomID, userSig, userName, TIM });
 * tls.on(TIMLiveSell.EVENT.SDK_READY, async () => {
 *   const { groupInfo } = await tls.joinRoom();
 *   await tls.like();
 * });
 * ```
 *
 * The constructor logs in. Methods reject with the SDK's error (`code`, `message`); wrong arguments reject before
 * anything is sent, with the parameter's name in the message. Texts are passed on as data and never interpreted.
 *
 * Source: seeds 000 and 001; names of the published package are marked so.
 */
export class TIMLiveSell<Instance extends TimInstance = TimInstance> {
  /** Event names, see {@link EVENT}. */
  static readonly EVENT = EVENT;

  /** The SDK's instance; all its methods can be used. */
  readonly tim: Instance;
  /** The SDK that was passed in. */
  readonly TIM: TimSdk<Instance>;
  readonly SDKAppID: number;
  readonly userName: string;
  roomID: string;
  /** The own profile, empty before `SDK_READY`. */
  userInfo: UserInfo = { userID: '', nick: '', avatar: '' };
  /** The room's profile as last read, empty before. */
  groupInfo: GroupInfo = { groupID: '', name: '', avatar: '', ownerID: '' };
  /** True from `SDK_READY` to `SDK_NOT_READY`. */
  isSdkReady = false;
  private readonly filter: string[] | undefined;
  private readonly emitter = new Emitter();
  private readonly subscriptions: [string, (event: { name: string; data: unknown }) => void][];

  /** Errors (thrown): 2905 when `TIM`, `userName` or `userSig` is missing, and those of `TIM.create`. */
  constructor(config: TlsConfig<Instance>) {
    if (!isBody(config)) throw bad(Code.badArgument, 'config', 'must be an object');
    const { SDKAppID, userSig, userName, roomID, TIM, groupCustomFieldFilter, ...options } = config;
    if (typeof TIM?.create !== 'function') throw bad(Code.badArgument, 'TIM', 'must be a TIM SDK');
    this.TIM = TIM;
    this.SDKAppID = SDKAppID;
    this.userName = textOf(userName, 'userName');
    const signature = textOf(userSig, 'userSig');
    this.roomID = roomID ?? '';
    this.filter = groupCustomFieldFilter;
    this.tim = TIM.create({ ...options, SDKAppID, scene: 'tls' });
    // The official packages write every frame to the console at level 0; errors and warnings are enough here.
    this.tim.setLogLevel(2);
    this.subscriptions = this.sdkHandlers();
    for (const [name, handler] of this.subscriptions) this.tim.on(name, handler);
    void this.login(userName, signature);
  }

  // Events

  /** Calls `handler` with the data of each event `name`: one of `TLS.EVENT`, or a custom event. */
  on<E extends string>(name: E, handler: (data: DataOf<E>) => void): void {
    this.add(name, handler, false);
  }

  /** Like {@link on}, for the next event only. */
  once<E extends string>(name: E, handler: (data: DataOf<E>) => void): void {
    this.add(name, handler, true);
  }

  /** Ends {@link on}; without `handler` all handlers of the event. */
  off<E extends string>(name: E, handler?: (data: DataOf<E>) => void): void {
    this.emitter.remove(canonical(name), handler);
  }

  private add<E extends string>(name: E, handler: (data: DataOf<E>) => void, once: boolean): void {
    if (typeof handler !== 'function') throw bad(Code.badArgument, 'handler', 'must be a function');
    this.emitter.add(canonical(textOf(name, 'eventName')), handler, once);
  }

  private emit<E extends string>(name: E, data: DataOf<E>): void {
    this.emitter.emit(canonical(name), data);
  }

  // Life

  private sdkHandlers(): [string, (event: { name: string; data: unknown }) => void][] {
    const names = this.TIM.EVENT;
    return [
      [names.SDK_READY, () => { void this.onReady(); }],
      [names.SDK_NOT_READY, (event) => { this.isSdkReady = false; this.emit(EVENT.SDK_NOT_READY, event); }],
      [names.MESSAGE_RECEIVED, (event) => { for (const message of bodiesOf(event.data)) this.onMessage(message); }],
      [names.PROFILE_UPDATED, (event) => { this.onProfile(event); }],
      [names.ERROR, (event) => this.emit(EVENT.ERROR, event as SdkEvent<{ code: number; message: string }>)],
      [names.KICKED_OUT, (event) => this.emit(EVENT.KICKED, event as SdkEvent<{ type: string }>)],
      [names.NET_STATE_CHANGE, (event) => this.emit(EVENT.NETWORK_CHANGE, event as SdkEvent<{ state: string }>)],
    ];
  }

  private async login(userID: string, userSig: string): Promise<void> {
    try {
      const { data } = await this.tim.login({ userID, userSig });
      // Already logged in, by a component before this one: the SDK does not report it again.
      if (bodyOf(data).repeatLogin === true) await this.onReady();
    } catch (error) {
      const { code, message } = error as Partial<HawkerError>;
      this.emit(EVENT.ERROR, { name: EVENT.ERROR, data: { code: code ?? 0, message: message ?? '' } });
    }
  }

  /** Profile and room are read first, so that a like from the handler of `SDK_READY` already carries the nick. */
  private async onReady(): Promise<void> {
    await Promise.all([
      this.getUserInfo().catch(() => undefined),
      this.roomID === '' ? undefined : this.readGroup(true).catch(() => undefined),
    ]);
    this.isSdkReady = true;
    this.emit(EVENT.SDK_READY, undefined);
  }

  private onProfile(event: { name: string; data: unknown }): void {
    const own = bodiesOf(event.data).find(({ userID }) => userID === this.userInfo.userID);
    if (own) this.userInfo = { ...this.userInfo, ...own };
    this.emit(EVENT.PROFILE_UPDATE, event);
  }

  /** Ends the component and the SDK's instance; no event comes after it. */
  async destroy(): Promise<void> {
    this.emitter.clear();
    for (const [name, handler] of this.subscriptions) this.tim.off(name, handler);
    this.isSdkReady = false;
    await this.tim.destroy();
  }

  // The room

  /** Joins the room. Resolves with the own profile, and the room's with the host's in `groupInfo.ownerInfo`. */
  async joinRoom(setting: JoinSetting = {}): Promise<{ userInfo: UserInfo; groupInfo: GroupInfo }> {
    this.roomID = textOf(setting.roomID || this.roomID, 'roomID');
    const { data } = await this.tim.joinGroup({ groupID: this.roomID, type: this.TIM.TYPES.GRP_AVCHATROOM } as never);
    const { status, group } = bodyOf(data);
    if (status !== 'JoinedSuccess' && status !== 'AlreadyInGroup') {
      throw new HawkerError(Code.joinFailed, `joining ${this.roomID} ended with ${stringOf(status)}`);
    }
    const withOwner = setting.getOwnerInfo ?? true;
    const [userInfo, groupInfo] = await Promise.all([
      this.getUserInfo(),
      isBody(group) ? this.keepGroup(group, withOwner) : this.readGroup(withOwner),
    ]);
    return { userInfo, groupInfo };
  }

  /** Leaves the room. The host (owner) cannot and stays: `status` is then `owner`, else `success`. */
  async exitRoom(): Promise<{ status: 'success' | 'owner'; groupID: string }> {
    const groupID = textOf(this.roomID, 'roomID');
    if (this.userInfo.userID !== '' && this.userInfo.userID === this.groupInfo.ownerID) return { status: 'owner', groupID };
    await this.tim.quitGroup(groupID);
    return { status: 'success', groupID };
  }

  /**
   * The room's profile, also without having joined. `userID`, `nick` and `avatar` are the host's, as the document
   * says; the room's own picture is `groupAvatar`.
   */
  async getRoomInfo(): Promise<GroupInfo & UserInfo & { groupAvatar: string }> {
    const group = await this.readGroup(true);
    const { userID = group.ownerID, nick = '', avatar = '' } = group.ownerInfo ?? {};
    return { ...group, groupAvatar: group.avatar, userID, nick, avatar };
  }

  /** Published package: the own profile. */
  async getUserInfo(): Promise<UserInfo> {
    this.userInfo = userOf(dataOf(await this.tim.getMyProfile()));
    return this.userInfo;
  }

  /** Published package: up to 100 members of the room. */
  async getGroupMemberList(): Promise<SdkResult> {
    return this.tim.getGroupMemberList({ groupID: textOf(this.roomID, 'roomID'), count: 100, offset: 0 });
  }

  private async readGroup(withOwner: boolean): Promise<GroupInfo> {
    const filter = this.filter ? { groupCustomFieldFilter: this.filter } : {};
    const result = await this.tim.getGroupProfile({ groupID: textOf(this.roomID, 'roomID'), ...filter });
    return this.keepGroup(bodyOf(bodyOf(dataOf(result)).group), withOwner);
  }

  private async keepGroup(group: Body, withOwner: boolean): Promise<GroupInfo> {
    const ownerID = stringOf(group.ownerID);
    const kept: GroupInfo = {
      ...group, groupID: stringOf(group.groupID), name: stringOf(group.name), avatar: stringOf(group.avatar), ownerID,
    };
    if (withOwner && ownerID !== '') {
      const profiles = dataOf(await this.tim.getUserProfile({ userIDList: [ownerID] }));
      kept.ownerInfo = userOf(bodiesOf(profiles)[0] ?? { userID: ownerID });
    }
    this.groupInfo = kept;
    return kept;
  }

  // What a viewer does

  /** Sends a comment; resolves with what the own screen shows, since `MESSAGE` does not come for one's own. */
  async sendMessage(msg: string): Promise<Person & { message: string }> {
    const message = this.tim.createTextMessage({
      to: textOf(this.roomID, 'roomID'), conversationType: this.TIM.TYPES.CONV_GROUP, payload: { text: textOf(msg, 'msg') },
    } as never);
    await this.tim.sendMessage(message as never);
    return { ...this.self(), message: msg };
  }

  /**
   * Likes the host; `extension` is free text for the others, e.g. the user's level.
   *
   * The published package wants the event's name first, `like(key, extension)`: two arguments, or one that is an event
   * name, are read so.
   */
  like(...parts: [extension?: string] | [key: string, extension: string | undefined]): Promise<Sent> {
    const [name, extension] = nameFirst(parts, EVENT.LIKE);
    return this.sendCustomMsgAndEmitEvent(name, extension, this.TIM.TYPES.MSG_PRIORITY_LOWEST);
  }

  /** Shows a gift to the room; the arguments as in {@link like}. Goes before chat when the room is over its budget. */
  gift(...parts: [extension?: string] | [key: string, extension: string | undefined]): Promise<Sent> {
    const [name, extension] = nameFirst(parts, EVENT.SEND_GIFT);
    return this.sendCustomMsgAndEmitEvent(name, extension);
  }

  /** Published package's name of {@link gift}. */
  sendGift(extension?: string): Promise<Sent> {
    return this.sendCustomMsgAndEmitEvent(EVENT.SEND_GIFT, extension);
  }

  /** Published package: shows a purchase under the event `key`; `goods` travels as JSON. */
  buy(key: string, goods: unknown): Promise<Sent> {
    return this.sendCustomMsgAndEmitEvent(key, JSON.stringify(goods));
  }

  /** Shows a purchase (`BUY_GOODS`); an object travels as JSON, a string as it is. */
  buyGoods(goods?: unknown): Promise<Sent> {
    const extension = goods === undefined || typeof goods === 'string' ? goods : JSON.stringify(goods);
    return this.sendCustomMsgAndEmitEvent(EVENT.BUY_GOODS, extension);
  }

  /** Shows that a coupon was claimed (`USE_COUPON`). */
  useCoupon(extension?: string): Promise<Sent> {
    return this.sendCustomMsgAndEmitEvent(EVENT.USE_COUPON, extension);
  }

  /** Follows the host: shown to the room, and kept in the own member field `attent`. */
  async attention(extension?: string): Promise<Sent> {
    const sent = await this.sendCustomMsgAndEmitEvent(EVENT.ATTENT, extension);
    await this.keepAttention((await this.hostID()));
    return sent;
  }

  /** Follows the host no more; the reverse of {@link attention}. */
  async cancelAttention(extension?: string): Promise<Sent> {
    const sent = await this.sendCustomMsgAndEmitEvent(EVENT.CANCELATTENTION, extension);
    await this.keepAttention('');
    return sent;
  }

  private async hostID(): Promise<string> {
    if (this.groupInfo.ownerID !== '') return this.groupInfo.ownerID;
    return (await this.readGroup(false).catch(() => this.groupInfo)).ownerID;
  }

  /** `@tencentcloud/chat` refuses member fields in rooms by itself; the message has told the room all the same. */
  private async keepAttention(value: string): Promise<void> {
    const field = { groupID: this.roomID, memberCustomField: [{ key: 'attent', value }] };
    try {
      await this.tim.setGroupMemberCustomField(field);
    } catch {
      return;
    }
  }

  /**
   * Sends a custom message under `eventName` and raises the event of that name at everybody, here included.
   *
   * `priority` is one of the SDK's `TYPES.MSG_PRIORITY_*`, default high. Errors: 2905 for names that only the component
   * itself raises (`SDK_READY`, `KICKED`, `MESSAGE`, …).
   */
  async sendCustomMsgAndEmitEvent(eventName: string, extension = '', priority?: string): Promise<Sent> {
    const name = canonical(textOf(eventName, 'eventName'));
    if (isReserved(name)) throw bad(Code.badArgument, 'eventName', `must not be ${name}`);
    if (typeof extension !== 'string') throw bad(Code.badArgument, 'extension', 'must be a string');
    const { CONV_GROUP, MSG_PRIORITY_HIGH } = this.TIM.TYPES;
    const message = this.tim.createCustomMessage({
      to: textOf(this.roomID, 'roomID'), conversationType: CONV_GROUP, priority: priority ?? MSG_PRIORITY_HIGH,
      payload: { data: name, description: '', extension },
    } as never);
    await this.tim.sendMessage(message as never);
    const sent: Sent = { ...this.self(), value: extension };
    this.emit(name, { ...sent, extension, description: '', data: name });
    return sent;
  }

  private self(): Person {
    const { nick, avatar, userID } = this.userInfo;
    return { nick, avatar, userID: userID || this.userName };
  }

  // What comes in

  private onMessage(message: Body): void {
    const payload = bodyOf(message.payload);
    const person: Person = { nick: stringOf(message.nick), avatar: stringOf(message.avatar), userID: stringOf(message.from) };
    if (message.type === 'TIMGroupSystemNoticeElem') return this.onNotice(message, payload, person);
    // One component is one room: what other rooms and private messages say is heard on `tim`.
    if (message.conversationType !== this.TIM.TYPES.CONV_GROUP || message.to !== this.roomID) return;
    switch (message.type) {
      case 'TIMGroupTipElem': return this.onTip(payload, person);
      case 'TIMTextElem': return this.emit(EVENT.MESSAGE, withTypo({ ...person, message: stringOf(payload.text) }));
      case 'TIMCustomElem': return this.onCustom(payload, person);
      default: this.emit(EVENT.MESSAGE, { ...message, ...person, message: '' });
    }
  }

  private onCustom(payload: Body, person: Person): void {
    const data = stringOf(payload.data);
    const name = canonical(data);
    const extension = stringOf(payload.extension);
    const happening: Happening = { ...person, value: extension, extension, description: stringOf(payload.description), data };
    const allowed = !isReserved(name) && (!isOwners(name) || person.userID === this.groupInfo.ownerID);
    if (name !== '' && allowed) this.emit(name, happening);
    const { description } = happening;
    this.emit(EVENT.MESSAGE, { ...person, message: '', data, extension, description: description ?? '' });
  }

  private onTip(payload: Body, person: Person): void {
    if (payload.operationType === 1) for (const who of peopleOf(payload, person)) this.emit(EVENT.JOIN_GROUP, who);
    if (payload.operationType === 2) for (const who of peopleOf(payload, person)) this.emit(EVENT.EXIT_GROUP, who);
    if (payload.operationType === 6) this.onProfileTip(bodyOf(payload.newGroupProfile), { ...person, userID: stringOf(payload.operatorID) || person.userID });
  }

  private onProfileTip(changed: Body, person: Person): void {
    for (const { key, value } of bodiesOf(changed.groupCustomField)) {
      const name = stringOf(key);
      const happening: Happening = { ...person, value: stringOf(value) };
      if (name !== '' && !isReserved(name)) this.emit(name, happening);
      const own = FIELD_EVENTS[name];
      if (own !== undefined) this.emit(own, happening);
    }
    if (changed.notification !== undefined) this.emit(EVENT.NOTIFACATION, { notification: stringOf(changed.notification) });
    const name = changed.groupName ?? changed.name;
    if (name === undefined && changed.introduction === undefined) return;
    this.emit(EVENT.INTRODUCTION, {
      ...(name === undefined ? {} : { name: stringOf(name) }),
      ...(changed.introduction === undefined ? {} : { introduction: stringOf(changed.introduction) }),
    });
  }

  /** A notice `{"type": …, "msg": …}` of the operator raises the event `type`; any other is a message. */
  private onNotice(message: Body, payload: Body, person: Person): void {
    const groupID = stringOf(bodyOf(payload.groupProfile).groupID);
    if (groupID !== '' && groupID !== this.roomID) return;
    const { type, msg } = parsed(payload.userDefinedField);
    if (typeof type === 'string' && type !== '' && !isReserved(type)) this.emit(type, { msg } as never);
    else this.emit(EVENT.MESSAGE, { ...message, ...person, message: '' });
  }
}

/** Some SDKs resolve with a code instead of rejecting. */
function dataOf({ code, data }: SdkResult): unknown {
  if (code !== 0) throw new HawkerError(code, `refused with ${code}`);
  return data;
}

function userOf(profile: unknown): UserInfo {
  const fields = bodyOf(profile);
  return { ...fields, userID: stringOf(fields.userID), nick: stringOf(fields.nick), avatar: stringOf(fields.avatar) };
}

/** Arguments in the document's order (`extension`) or the published package's (`key, extension`). */
function nameFirst(parts: readonly (string | undefined)[], name: string): [string, string | undefined] {
  const [first, second] = parts;
  const names: readonly string[] = Object.values(EVENT);
  if (parts.length > 1) return [first ?? name, second];
  return first !== undefined && names.includes(first) ? [first, undefined] : [name, first];
}

/** Everybody a join or quit tip names; the tip's own nick and picture belong to the one who acted. */
function peopleOf(payload: Body, actor: Person): Person[] {
  const operatorID = stringOf(payload.operatorID);
  const members = bodiesOf(payload.memberList).filter(({ userID }) => stringOf(userID) !== '');
  if (members.length === 0) return [{ ...actor, userID: operatorID }];
  return members.map(({ userID, nick, avatar }) => {
    const acted = userID === operatorID;
    return {
      userID: stringOf(userID),
      nick: stringOf(nick) || (acted ? actor.nick : ''),
      avatar: stringOf(avatar) || (acted ? actor.avatar : ''),
    };
  });
}

function parsed(json: unknown): Body {
  try {
    return bodyOf(JSON.parse(stringOf(json)));
  } catch {
    return {};
  }
}

/** The published package spells the picture of a text message `avtar`; its users read that. */
function withTypo(message: RoomMessage): RoomMessage {
  return { ...message, avtar: message.avatar } as RoomMessage;
}
