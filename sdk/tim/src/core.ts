/**
 * What one instance holds, and what comes in: the connection, the login, the own profile, the joined rooms. The calls
 * of the application are in `chat.ts` and `later/`; both work on this.
 */
import {
  type Body, Client, type ClientOptions, Code, Emitter, HawkerError, type SessionEvent, bodiesOf, bodyOf, isBody,
  numberOf, stringOf,
} from '@hawker/client';
import { objectOf, wholeFrom } from './check.js';
import { EVENT, TYPES } from './constants.js';
import { GROUP_FIELDS, MEMBER_FIELDS, groupOf, withChange, withSelf } from './group.js';
import type { Part } from './later/index.js';
import { type Origin, groupMessageOf, noticeOf, revokedOf, tipOf } from './message.js';
import { emptyProfile, profilesOf, withItems } from './profile.js';
import type { CreateOptions, DataOf, Group, Message, Profile, Result } from './types.js';

/** How long an online count is good for when the server does not say, in seconds. */
const COUNT_EXPIRES_S = 60;
/** So many of the last messages are found again by `findMessage`, as the official packages keep some of a room. */
const RECENT_MAX = 500;
/** `SyncFlag` of the last part of what was missed. */
const SYNC_DONE = 2;
/** Error code that means "this group does not exist". */
const NO_SUCH_GROUP = 10010;

export const GROUP = 'group_open_http_svc.';

interface OnlineCount {
  readonly count: number;
  /** Unix milliseconds. */
  readonly until: number;
}

export function ok<T>(data: T): Result<T> {
  return { code: 0, data };
}

/** State of an instance; see the head of this file. */
export class Core {
  readonly client: Client;
  readonly emitter = new Emitter();
  /** Joined rooms, and groups that this user made, by id. */
  readonly groups = new Map<string, Group>();
  /** Rooms entered without a login, of which there is one at a time unless more are wanted. */
  readonly anonymous = new Set<string>();
  profile = emptyProfile('');
  /** True from `SDK_READY` to `SDK_NOT_READY`. */
  ready = false;
  logLevel = 0;
  /** What this user says about himself (`setSelfStatus`). */
  customStatus = '';
  /** Unread messages of all conversations, as far as they are known. */
  unread = 0;
  private readonly counts = new Map<string, OnlineCount>();
  /** The last messages, by id. */
  readonly recent = new Map<string, Message>();
  /** Why calls are refused while nobody is logged in. */
  private outCode: number = Code.notLoggedIn;
  private clockOffset = 0;
  /** Up to where direct messages are known, in the server's words; `''` before the first answer. */
  private cookie = '';
  private clientSequence = Math.floor(Math.random() * 1e9);
  /** Set when somebody listens to conversations: their list is then read after each login. */
  private conversationsWanted = false;
  private loading: Promise<Part> | null = null;
  private part: Part | null = null;

  constructor(readonly options: CreateOptions) {
    const sdkAppID = wholeFrom(objectOf(options, 'create').SDKAppID, 'SDKAppID', 1, Code.noSdkAppId);
    const { proxyServer: server, webSocket, transport, reconnect } = options;
    // What is left out is undefined here, and the client's default.
    this.client = new Client({ sdkAppID, server, webSocket, transport, reconnect } as ClientOptions);
    this.client.listen((event) => this.onSession(event));
  }

  /** The user who is logged in, `''` for nobody. */
  get userID(): string {
    return this.client.userID;
  }

  /** The server's clock, Unix milliseconds; before the first login the own clock. */
  now(): number {
    return Date.now() + this.clockOffset;
  }

  emit<E extends string>(name: E, data: DataOf<E>): void {
    this.emitter.emit(name, { name, data });
  }

  log(level: number, text: string): void {
    if (this.logLevel <= level) console[level >= 3 ? 'error' : 'info'](`TIM ${text}`);
  }

  // Login

  requireLogin(method: string): void {
    if (this.userID !== '') return;
    const error = new HawkerError(this.outCode, `${method} needs a login`);
    this.log(3, error.message);
    this.emit(EVENT.ERROR, { code: error.code, message: error.message });
    throw error;
  }

  /** What follows a login: the clock, the own profile, which gives messages their nick, and `SDK_READY` whatever came of it. */
  async becomeReady(userID: string, timeStamp: number): Promise<void> {
    if (timeStamp > 0) this.clockOffset = timeStamp * 1000 - Date.now();
    this.profile = emptyProfile(userID);
    const [profile] = await this.fetchProfiles([userID]).catch(() => []);
    if (this.userID !== userID) return;
    if (profile) this.profile = profile;
    this.ready = true;
    this.emit(EVENT.SDK_READY, undefined);
    if (this.conversationsWanted) this.wantConversations();
    await this.catchUp();
  }

  /** Asks for direct messages that were missed and for what is unread; who has none does not load the part for them. */
  private async catchUp(): Promise<void> {
    const first = this.cookie === '';
    for (let flag = 0; flag !== SYNC_DONE;) {
      const body = { Cookie: this.cookie, SyncFlag: flag, NeedAbstract: 1, IsOnlineSync: 0, NeedSignaling: 1 };
      const reply: Body = await this.client.request('openim.getmsg', body).catch(() => ({}));
      this.cookie = stringOf(reply.Cookie);
      if (this.cookie === '') return;
      flag = numberOf(reply.SyncFlag, SYNC_DONE);
      const some = bodiesOf(reply.C2CPairUnreadCount).length + bodiesOf(reply.MsgList).length > 0;
      if (some) this.tellLater((part) => { part.onSync(reply, first); });
    }
  }

  loggedOut(code: number): void {
    this.outCode = code;
    this.cookie = '';
    this.groups.clear();
    this.counts.clear();
    this.recent.clear();
    this.unread = 0;
    this.customStatus = '';
    this.part?.reset();
    if (!this.ready) return;
    this.ready = false;
    this.emit(EVENT.SDK_NOT_READY, undefined);
  }

  /** Sends a command for a logged-in user; `method` is the call it is for. */
  ask(method: string, command: string, body: Body, resend = true): Promise<Body> {
    this.requireLogin(method);
    return this.client.request(command, body, { resend });
  }

  // The part that is loaded later

  /** The calls that are loaded at their first use. Errors: 2800 when they cannot be; the next call tries again. */
  later(): Promise<Part> {
    this.loading ??= import('./later/index.js').then(({ open }) => (this.part = open(this)), (error: unknown) => {
      this.loading = null;
      throw new HawkerError(Code.network, `not loaded: ${String(error)}`);
    });
    return this.loading;
  }

  /** The part that is loaded later takes notice of this; nothing is lost when it cannot be loaded now. */
  tellLater(what: (part: Part) => void): void {
    void this.later().then(what, () => undefined);
  }

  /** Reads the list of conversations, now or after the login, and keeps it. */
  wantConversations(): void {
    this.conversationsWanted = true;
    if (this.ready) this.tellLater((part) => { part.sync(); });
  }

  // Messages

  origin(): Origin {
    const { nick, avatar } = this.profile;
    return {
      userID: this.userID, tinyID: this.client.tinyID, nick, avatar,
      now: Math.floor(this.now() / 1000),
      random: Math.floor(Math.random() * 0xffff_fffe) + 1,
      clientSequence: ++this.clientSequence,
    };
  }

  /** Keeps messages for `findMessage`, the newest of them. */
  remember(...messages: Message[]): void {
    for (const message of messages) this.recent.set(message.ID, message);
    for (const ID of this.recent.keys()) {
      if (this.recent.size <= RECENT_MAX) break;
      this.recent.delete(ID);
    }
  }

  find(ID: string): Message | null {
    return this.recent.get(ID) ?? null;
  }

  // Groups and profiles

  hold(group: Group): void {
    this.groups.set(group.groupID, group);
    this.emit(EVENT.GROUP_LIST_UPDATED, [...this.groups.values()]);
  }

  drop(groupID: string): void {
    this.counts.delete(groupID);
    if (this.groups.delete(groupID)) this.emit(EVENT.GROUP_LIST_UPDATED, [...this.groups.values()]);
  }

  async fetchGroup(groupID: string, filter?: unknown): Promise<Group> {
    const fields = Array.isArray(filter) && filter.length > 0 ? { AppDefinedDataFilter_Group: filter.map(stringOf) } : {};
    const reply = await this.client.request(`${GROUP}get_group_self_member_info`, {
      GroupIdList: [groupID],
      ResponseFilter: { GroupBaseInfoFilter: GROUP_FIELDS, ...fields, MemberInfoFilter: MEMBER_FIELDS },
    });
    return this.groupFrom(reply, groupID);
  }

  groupFrom(reply: Body, groupID: string): Group {
    const info = bodiesOf(reply.GroupInfo).find((entry) => entry.GroupId === groupID);
    const code = info ? numberOf(info.ErrorCode) : NO_SUCH_GROUP;
    if (!info || code !== 0) throw new HawkerError(code, stringOf(info?.ErrorInfo) || `no group ${groupID}`);
    return groupOf(info, this.userID);
  }

  async fetchProfiles(ids: readonly string[]): Promise<Profile[]> {
    const reply = await this.client.request('profile.portrait_get_all', {
      From_Account: this.userID,
      UserItem: ids.map((id) => ({ To_Account: id, StandardSequence: 0, CustomSequence: 0 })),
    });
    return profilesOf(reply, Date.now());
  }

  changeProfile(items: readonly Body[]): void {
    this.profile = withItems(this.profile, items, Date.now());
    this.emit(EVENT.PROFILE_UPDATED, [this.profile]);
  }

  /** The online count that is still good, or `null`. */
  knownCount(groupID: string): number | null {
    const known = this.counts.get(groupID);
    return known && known.until > Date.now() ? known.count : null;
  }

  count(groupID: string, info: Body): number {
    const count = numberOf(info.OnlineMemberNum);
    this.counts.set(groupID, { count, until: Date.now() + numberOf(info.ExpireTime, COUNT_EXPIRES_S) * 1000 });
    return count;
  }

  // What comes in

  private onSession(event: SessionEvent): void {
    switch (event.type) {
      case 'net':
        this.log(1, `connection ${event.state}`);
        // What is asked here waits until the server has taken us back.
        if (event.state === 'connected' && this.ready) void this.catchUp();
        return this.emit(EVENT.NET_STATE_CHANGE, { state: event.state });
      case 'kicked':
        this.log(2, `logged out by the server: ${event.reason}`);
        this.emit(EVENT.KICKED_OUT, { type: event.reason });
        return this.loggedOut(event.code);
      case 'gap':
        return this.emit(EVENT.ROOM_GAP, { groupID: event.groupId, rejoined: event.rejoined });
      case 'roomLost':
        this.drop(event.groupId);
        return this.emit(EVENT.ROOM_LOST, { groupID: event.groupId, code: event.code, message: event.message });
      case 'items': return this.onItems(event.event, event.items);
      case 'push': return this.onPush(event.item);
    }
  }

  private onItems(event: number, items: readonly Body[]): void {
    const messages: Message[] = [];
    for (const item of items) {
      const message = event === 5 ? this.onNotice(item) : event === 4 || event === 6 ? this.onTip(item) : groupMessageOf(item, event, this.userID);
      if (message) messages.push(message);
    }
    this.received(messages);
  }

  /** Tells the application of new messages. */
  received(messages: Message[]): void {
    if (messages.length === 0) return;
    this.remember(...messages);
    this.emit(EVENT.MESSAGE_RECEIVED, messages);
  }

  private onTip(item: Body): Message | null {
    const body = bodyOf(item.MsgBody);
    const tip = tipOf(item, this.userID);
    const { operationType } = tip.payload;
    if (Array.isArray(body.GroupCounterInfo)) return this.onCounters(tip.to, bodiesOf(body.GroupCounterInfo));
    const change = bodyOf(body.MsgGroupNewInfo).GroupAttrOption;
    // Changes of attributes and pinned messages travel as tips and have events of their own.
    if (change !== undefined || operationType === TYPE_PINNED || operationType === TYPE_UNPINNED) {
      this.tellLater((part) => { part.onTip(tip.to, item); });
      return null;
    }
    if (isBody(body.OnlineMemberInfo)) this.count(tip.to, body.OnlineMemberInfo);
    this.applyTip(tip);
    return tip;
  }

  private onCounters(groupID: string, infos: readonly Body[]): null {
    for (const info of infos) {
      for (const { Key, Value } of bodiesOf(info.GroupCounter)) {
        this.emit(EVENT.GROUP_COUNTER_UPDATED, { groupID, key: stringOf(Key), value: numberOf(Value) });
      }
    }
    return null;
  }

  /** Keeps the held group true: its profile, and the own role and silence in it. Source: field note of seed 003. */
  private applyTip(tip: Message & { type: 'TIMGroupTipElem' }): void {
    const group = this.groups.get(tip.to);
    if (!group) return;
    const { operationType, userIDList, memberList, newGroupProfile } = tip.payload;
    const self = this.userID;
    if (newGroupProfile) this.hold(withChange(group, newGroupProfile));
    if (operationType === TYPES.GRP_TIP_MBR_SET_ADMIN && userIDList.includes(self)) this.hold(withSelf(group, { role: TYPES.GRP_MBR_ROLE_ADMIN }));
    if (operationType === TYPES.GRP_TIP_MBR_CANCELED_ADMIN && userIDList.includes(self)) this.hold(withSelf(group, { role: TYPES.GRP_MBR_ROLE_MEMBER }));
    const mute = memberList.find(({ userID }) => userID === self)?.muteTime;
    if (mute !== undefined) this.hold(withSelf(group, { muteTime: mute }));
  }

  private onNotice(item: Body): Message | null {
    const notice = noticeOf(item, this.userID);
    const { operationType } = notice.payload;
    if (operationType === 15) {
      const revoked = revokedOf(item);
      for (const { ID, revoker } of revoked) this.revoked(ID, revoker);
      if (revoked.length > 0) this.emit(EVENT.MESSAGE_REVOKED, revoked);
      return null;
    }
    if (operationType === 4 || operationType === 5 || operationType === 21) this.drop(notice.to);
    return operationType === 20 ? null : notice;
  }

  /** Marks the message that the application may hold. */
  revoked(ID: string, revoker: string): void {
    const message = this.find(ID);
    if (message) Object.assign(message, { isRevoked: true, revoker });
  }

  private onPush(item: Body): void {
    for (const change of bodiesOf(item.ProfileDataMod)) {
      if (change.Profile_Account === this.userID) this.changeProfile(bodiesOf(change.ProfileList));
    }
    if (item.ProfileDataMod === undefined) this.tellLater((part) => { part.onPush(item); });
  }
}

/** Tips about pinned messages. Source: `@tencentcloud/chat` 3.6.6, seen. */
const TYPE_PINNED = 16;
const TYPE_UNPINNED = 17;
