import {
  type Body, Client, type ClientOptions, Code, Emitter, HawkerError, type SessionEvent, bad, bodiesOf, bodyOf,
  isBody, numberOf, stringOf, textOf,
} from '@hawker/client';
import { MEMBER_LIST_MAX, checkMessageSize, fieldsFrom, groupIdFrom, objectOf, userIdFrom, userIdsFrom, wholeFrom } from './check.js';
import { EVENT, TYPES } from './constants.js';
import { GROUP_FIELDS, MEMBER_FIELDS, groupOf, memberOf, withChange } from './group.js';
import {
  type Origin, createMessage, customElement, faceElement, groupMessageOf, isMessage, noticeOf, revokedOf,
  stamp, textElement, tipOf, wireBody,
} from './message.js';
import { emptyProfile, itemsOf, profilesOf, withItems } from './profile.js';
import type {
  CreateOptions, CustomField, CustomPayload, DataOf, FacePayload, Group, GroupMember, Message, MessageOptions, Profile,
  ProfileChange, Result, RoomStats, SendOptions, TextPayload, TimEvent,
} from './types.js';

/** How long an online count is good for when the server does not say, in seconds. */
const COUNT_EXPIRES_S = 60;
/** A page that destroys the instance does not wait longer than this for the server to have heard of it. */
const GOODBYE_MS = 2_000;
/** Error code that means "this group does not exist". */
const NO_SUCH_GROUP = 10010;

const GROUP = 'group_open_http_svc.';
const ROOM = 'group_open_avchatroom_http_svc.';

interface OnlineCount {
  readonly count: number;
  /** Unix milliseconds. */
  readonly until: number;
}

function ok<T>(data: T): Result<T> {
  return { code: 0, data };
}

/**
 * One connection of one user to one app: what `TIM.create` returns.
 *
 * Every asynchronous method resolves with `{ code: 0, data }` and rejects with a `HawkerError` whose `code` is the
 * server's or the official SDK's; a wrong argument rejects before anything is sent, with the field's name in front of
 * the message. Before login everything but `login`, `joinGroup`, `quitGroup` and the `create…Message` methods rejects
 * with 2024 (3002…3006 after a kick or logout).
 */
export class Chat {
  private readonly client: Client;
  private readonly emitter = new Emitter();
  private readonly groups = new Map<string, Group>();
  private readonly counts = new Map<string, OnlineCount>();
  /** Rooms entered without a login, of which there is one at a time unless more are wanted. */
  private readonly anonymous = new Set<string>();
  private readonly random: () => number;
  private readonly now: () => number;
  private profile = emptyProfile('');
  private ready = false;
  /** Why calls are refused while nobody is logged in. */
  private outCode: number = Code.notLoggedIn;
  private clockOffset = 0;
  private clientSequence: number;
  private logLevel = 0;

  /**
   * Made by `TIM.create`; made directly it is not shared by SDKAppID, which lets a program be several users.
   *
   * Errors: 2000 without a valid `SDKAppID`, 2905 without a server address or a way to open sockets.
   */
  constructor(private readonly options: CreateOptions, private readonly released: () => void = () => undefined) {
    const sdkAppID = wholeFrom(objectOf(options, 'create').SDKAppID, 'SDKAppID', 1, Code.noSdkAppId);
    const { proxyServer, webSocket, transport, reconnect } = options;
    const given: Partial<ClientOptions> = {
      ...(proxyServer === undefined ? {} : { server: proxyServer }),
      ...(webSocket ? { webSocket } : {}),
      ...(transport ? { transport } : {}),
      ...(reconnect ? { reconnect } : {}),
    };
    this.random = Math.random;
    this.now = Date.now;
    this.clientSequence = Math.floor(this.random() * 1e9);
    this.client = new Client({ sdkAppID, ...given });
    this.client.listen((event) => this.onSession(event));
  }

  // Life

  /** How much is written to the console: 0 and 1 everything, 2 warnings, 3 errors, 4 nothing. Source: seed 003. */
  setLogLevel(level: number): void {
    if (!(level >= 0 && level <= 4)) throw bad(Code.badArgument, 'level', 'must be 0 to 4');
    this.logLevel = level;
  }

  /** Accepted for compatibility; uploads and pushes of the official plugins are not part of this package. */
  registerPlugin(_plugins: Readonly<Record<string, unknown>>): void {
    // Deliberately nothing: applications written for the official package call it with upload plugins.
  }

  /** Calls `handler` at each event `name` (one of `TIM.EVENT`), with `context` as `this`. */
  on<E extends string>(name: E, handler: (event: TimEvent<DataOf<E>>) => void, context?: unknown): void {
    this.addHandler(name, handler, context, false);
  }

  /** Like {@link on}, for the next event only. */
  once<E extends string>(name: E, handler: (event: TimEvent<DataOf<E>>) => void, context?: unknown): void {
    this.addHandler(name, handler, context, true);
  }

  private addHandler<E extends string>(name: E, handler: (event: TimEvent<DataOf<E>>) => void, context: unknown, once: boolean): void {
    textOf(name, 'eventName');
    if (typeof handler !== 'function') throw bad(Code.badArgument, 'handler', 'must be a function');
    this.emitter.add(name, handler, once, context);
  }

  /** Ends {@link on}; without `handler` all handlers of the event. */
  off<E extends string>(name: E, handler?: (event: TimEvent<DataOf<E>>) => void, context?: unknown): void {
    this.emitter.remove(name, handler, context);
  }

  private emit<E extends string>(name: E, data: DataOf<E>): void {
    this.emitter.emit(name, { name, data });
  }

  /** True from `SDK_READY` to `SDK_NOT_READY`. */
  isReady(): boolean {
    return this.ready;
  }

  /** The user who is logged in, `''` for nobody. */
  getLoginUser(): string {
    return this.client.userID;
  }

  /** The server's clock, Unix milliseconds; before the first login the own clock. */
  getServerTime(): number {
    return this.now() + this.clockOffset;
  }

  /**
   * Logs in; `SDK_READY` follows. A second login of the same user resolves with `repeatLogin: true`.
   *
   * Errors: 2002 and 2003 for a missing userID or userSig, 2025 while another login is running or made, the server's
   * 70001 (expired), 70003, 70009 (wrong signature), 70013, 70014, …
   */
  async login(options: { userID: string; userSig: string }): Promise<Result<Readonly<Record<string, unknown>>>> {
    const given = objectOf(options, 'login');
    const userID = userIdFrom(given.userID);
    const userSig = textOf(given.userSig, 'userSig', Code.noUserSig);
    if (this.client.userID === userID) {
      return ok({ actionStatus: 'OK', errorCode: 0, errorInfo: '', repeatLogin: true });
    }
    const reply = await this.client.login(userID, userSig);
    const timeStamp = numberOf(reply.TimeStamp);
    if (timeStamp > 0) this.clockOffset = timeStamp * 1000 - this.now();
    this.profile = emptyProfile(userID);
    void this.becomeReady(userID);
    return ok({
      actionStatus: 'OK', errorCode: 0, errorInfo: '', tinyID: this.client.tinyID, instanceID: numberOf(reply.InstId),
      helloInterval: numberOf(reply.HelloInterval), timeStamp, expire: numberOf(reply.Expire),
    });
  }

  /** Reads the own profile, which gives messages their nick, and reports `SDK_READY` whatever came of it. */
  private async becomeReady(userID: string): Promise<void> {
    const [profile] = await this.fetchProfiles([userID]).catch(() => []);
    if (this.client.userID !== userID) return;
    if (profile) this.profile = profile;
    this.ready = true;
    this.emit(EVENT.SDK_READY, undefined);
  }

  /** Logs out and leaves all rooms; `SDK_NOT_READY` follows. Errors: 2024 when nobody is logged in. */
  async logout(): Promise<Result<Record<string, never>>> {
    this.requireLogin('logout');
    await this.sayGoodbye();
    return ok({});
  }

  /** The login is over whether the server answers or not. */
  private async sayGoodbye(timeoutMs?: number): Promise<void> {
    await this.client.logout(timeoutMs).catch(() => undefined);
    this.loggedOut(Code.loggedOut);
  }

  /** Logs out, closes the connection, and frees the SDKAppID for a new instance. `SDK_DESTROY` is the last event. */
  async destroy(): Promise<Result<Record<string, never>>> {
    if (this.client.userID !== '') await this.sayGoodbye(GOODBYE_MS);
    this.client.destroy();
    this.released();
    this.emit(EVENT.SDK_DESTROY, { SDKAppID: this.options.SDKAppID });
    this.emitter.clear();
    return ok({});
  }

  private loggedOut(code: number): void {
    this.outCode = code;
    this.groups.clear();
    this.counts.clear();
    if (!this.ready) return;
    this.ready = false;
    this.emit(EVENT.SDK_NOT_READY, undefined);
  }

  private requireLogin(method: string): void {
    if (this.client.userID !== '') return;
    const error = new HawkerError(this.outCode, `${method} needs a login`);
    this.log(3, error.message);
    this.emit(EVENT.ERROR, { code: error.code, message: error.message });
    throw error;
  }

  private log(level: number, text: string): void {
    if (this.logLevel > level) return;
    if (level >= 3) console.error(`TIM ${text}`);
    else console.info(`TIM ${text}`);
  }

  private ask(method: string, command: string, body: Body, resend = true): Promise<Body> {
    this.requireLogin(method);
    return this.client.request(command, body, { resend });
  }

  // Messages

  private origin(): Origin {
    const { nick, avatar } = this.profile;
    return {
      userID: this.client.userID, tinyID: this.client.tinyID, nick, avatar,
      now: Math.floor(this.getServerTime() / 1000),
      random: Math.floor(this.random() * 0xffff_fffe) + 1,
      clientSequence: ++this.clientSequence,
    };
  }

  /** A text message to send. Errors (thrown): 2106, 2602, 2905 with the field's name. */
  createTextMessage(options: MessageOptions<TextPayload>): Message {
    return createMessage(options, 'createTextMessage', textElement, this.origin());
  }

  /** A custom message to send; missing parts of the payload are empty. Errors as {@link createTextMessage}. */
  createCustomMessage(options: MessageOptions<Partial<CustomPayload>>): Message {
    return createMessage(options, 'createCustomMessage', customElement, this.origin());
  }

  /** A face message to send. Errors as {@link createTextMessage}. */
  createFaceMessage(options: MessageOptions<FacePayload>): Message {
    return createMessage(options, 'createFaceMessage', faceElement, this.origin());
  }

  /**
   * Sends a message made by `create…Message`; the same object comes back with its `time`, `sequence` and `status`.
   *
   * A lost connection does not lose it: it is sent again, and the server takes a repetition for the same message.
   * Errors, with the message in `error.data`: 2024, 2101 room not joined, 2105 not a message, 80002 longer than
   * 12 KiB, the server's 10017 (muted), 10023 (too often), 80001 (refused text), …
   */
  async sendMessage(message: Message, options: SendOptions = {}): Promise<Result<{ message: Message }>> {
    this.requireLogin('sendMessage');
    if (!isMessage(message)) throw bad(Code.notAMessage, 'message', 'must come from a create…Message method');
    try {
      stamp(message, { ...this.origin(), now: message.clientTime });
      await this.sendToGroup(message, options);
      message.status = 'success';
      return ok({ message });
    } catch (error) {
      message.status = 'fail';
      if (error instanceof HawkerError) throw new HawkerError(error.code, error.message, { message });
      throw error;
    }
  }

  /** Sends a message that failed once more. Errors as {@link sendMessage}. */
  resendMessage(message: Message): Promise<Result<{ message: Message }>> {
    if (isMessage(message)) message.isResend = true;
    return this.sendMessage(message);
  }

  private async sendToGroup(message: Message, options: SendOptions): Promise<void> {
    if (this.client.membership(message.to) === null) throw bad(Code.roomNotJoined, 'to', `names a room that is not joined: ${message.to}`);
    const MsgBody = wireBody(message);
    checkMessageSize(MsgBody, message.cloudCustomData);
    const reply = await this.client.request(`${GROUP}send_group_msg`, {
      From_Account: message.from, GroupId: message.to, Random: message.random, ClientSeq: message.clientSequence,
      MsgPriority: message.priority, MsgBody, CloudCustomData: message.cloudCustomData,
      OnlineOnlyFlag: options.onlineUserOnly ? 1 : 0, MsgClientTime: message.clientTime,
    });
    message.time = numberOf(reply.MsgTime, message.time);
    message.sequence = numberOf(reply.MsgSeq);
  }

  /** Recalls a room message for everybody who sees it. Errors: 2105, 2110, the server's 10031 (too late), 10007, … */
  async revokeMessage(message: Message): Promise<Result<{ message: Message }>> {
    this.requireLogin('revokeMessage');
    if (!isMessage(message)) throw bad(Code.notAMessage, 'message', 'must be a message');
    const body = { GroupId: message.to, MsgSeqList: [{ MsgSeq: message.sequence }], TopicId: '' };
    const reply = await this.client.request(`${GROUP}group_msg_recall`, body);
    const code = numberOf(bodiesOf(reply.RecallRetList)[0]?.RetCode);
    if (code !== 0) throw new HawkerError(code, 'the message was not recalled');
    message.isRevoked = true;
    message.revoker = this.client.userID;
    return ok({ message });
  }

  // Rooms

  /**
   * Joins a room; before login anonymously, which only receives. Without `unlimitedAVChatRoom` the room before is left.
   *
   * Resolves with `status` (`TYPES.JOIN_STATUS_*`) and, for members, the `group`. Recent messages follow as
   * `MESSAGE_RECEIVED`. Errors: 2602 bad id, 2660 refused, 2662 no anonymous viewers here, the server's 10010, …
   */
  async joinGroup(options: { groupID: string; type?: string; applyMessage?: string }): Promise<Result<{ status: string; group?: Group }>> {
    const given = objectOf(options, 'joinGroup');
    const groupID = groupIdFrom(given.groupID);
    if (this.client.userID === '') return this.joinAnonymously(groupID);
    if (this.client.membership(groupID) === 'member') {
      const group = await this.fetchGroup(groupID).catch(() => null);
      if (group) return ok({ status: TYPES.JOIN_STATUS_ALREADY_IN_GROUP, group });
    }
    const applyMessage = given.applyMessage === undefined ? {} : { ApplyMsg: stringOf(given.applyMessage) };
    const body = { GroupId: groupID, WebPushFlag: 1, HugeGroupHistoryMsgFlag: 1, ...applyMessage };
    const reply = await this.client.request(`${GROUP}apply_join_group`, body);
    const status = stringOf(reply.JoinedStatus);
    if (status !== TYPES.JOIN_STATUS_SUCCESS) return ok({ status });
    await this.leaveOthers(groupID);
    // The room is joined; a profile that cannot be read now is no reason to say otherwise.
    const group = await this.fetchGroup(groupID).catch(() => groupOf({ GroupId: groupID, Type: TYPES.GRP_AVCHATROOM }, this.client.userID));
    this.hold(group);
    return ok({ status, group });
  }

  private async joinAnonymously(groupID: string): Promise<Result<{ status: string }>> {
    if (this.client.membership(groupID)) return ok({ status: TYPES.JOIN_STATUS_ALREADY_IN_GROUP });
    await this.client.request('group_open_http_noauth_svc.apply_join_group', { GroupId: groupID, WebPushFlag: 1, HugeGroupHistoryMsgFlag: 1 });
    if (!this.options.unlimitedAVChatRoom) for (const other of this.anonymous) if (other !== groupID) this.client.leave(other);
    this.anonymous.add(groupID);
    return ok({ status: TYPES.JOIN_STATUS_SUCCESS });
  }

  private async leaveOthers(groupID: string): Promise<void> {
    if (this.options.unlimitedAVChatRoom) return;
    for (const other of [...this.groups.keys()]) {
      if (other === groupID) continue;
      // An owner cannot quit; for him the room is only left here.
      await this.client.request(`${GROUP}quit_group`, { GroupId: other }).catch(() => this.client.leave(other));
      this.drop(other);
    }
  }

  /** Leaves a room. Errors: 2602, 2623 not in it, the server's 10009 for the owner. */
  async quitGroup(groupID: string): Promise<Result<{ groupID: string }>> {
    const id = groupIdFrom(groupID);
    const membership = this.client.membership(id);
    if (membership === null) throw bad(Code.notInGroup, 'groupID', `names a room that is not joined: ${id}`);
    if (membership === 'anonymous') this.client.leave(id);
    else await this.ask('quitGroup', `${GROUP}quit_group`, { GroupId: id });
    this.anonymous.delete(id);
    this.drop(id);
    return ok({ groupID: id });
  }

  /** Makes a group; the maker is its owner, and joins a room like everybody else. Errors: 2600, 2602, the server's 10021 (id taken), … */
  async createGroup(options: {
    name: string; type?: string; groupID?: string; introduction?: string; notification?: string; avatar?: string;
    groupCustomField?: CustomField[];
  }): Promise<Result<{ group: Group }>> {
    const given = objectOf(options, 'createGroup');
    const type = given.type ?? TYPES.GRP_AVCHATROOM;
    const types: readonly unknown[] = [TYPES.GRP_AVCHATROOM, TYPES.GRP_PUBLIC, TYPES.GRP_MEETING, TYPES.GRP_WORK];
    if (!types.includes(type)) throw bad(Code.badGroupType, 'type', 'must be one of TYPES.GRP_*');
    const body: Record<string, unknown> = {
      Type: type, Name: textOf(given.name, 'name'), Owner_Account: this.client.userID, WebPushFlag: 1,
      ...profileFields(given),
    };
    if (given.groupID !== undefined) body.GroupId = groupIdFrom(given.groupID);
    // Not sent twice: the second would meet the first one's id and be refused.
    const reply = await this.ask('createGroup', `${GROUP}create_group`, body, false);
    return ok({ group: await this.fetchGroup(stringOf(reply.GroupId)) });
  }

  /** Ends a group for everybody. Errors: 2602, the server's 10007 for others than the owner. */
  async dismissGroup(groupID: string): Promise<Result<{ groupID: string }>> {
    const id = groupIdFrom(groupID);
    await this.ask('dismissGroup', `${GROUP}destroy_group`, { GroupId: id });
    this.drop(id);
    return ok({ groupID: id });
  }

  /** The profile of a group, joined or not. `groupCustomFieldFilter` names the custom fields wanted, default all. */
  async getGroupProfile(options: { groupID: string; groupCustomFieldFilter?: string[] }): Promise<Result<{ group: Group }>> {
    const given = objectOf(options, 'getGroupProfile');
    const groupID = groupIdFrom(given.groupID);
    this.requireLogin('getGroupProfile');
    return ok({ group: await this.fetchGroup(groupID, given.groupCustomFieldFilter) });
  }

  private async fetchGroup(groupID: string, filter?: unknown): Promise<Group> {
    const fields = Array.isArray(filter) && filter.length > 0 ? { AppDefinedDataFilter_Group: filter.map(stringOf) } : {};
    const reply = await this.client.request(`${GROUP}get_group_self_member_info`, {
      GroupIdList: [groupID],
      ResponseFilter: { GroupBaseInfoFilter: GROUP_FIELDS, ...fields, MemberInfoFilter: MEMBER_FIELDS },
    });
    return this.groupFrom(reply, groupID);
  }

  private groupFrom(reply: Body, groupID: string): Group {
    const info = bodiesOf(reply.GroupInfo).find((entry) => entry.GroupId === groupID);
    const code = info ? numberOf(info.ErrorCode) : NO_SUCH_GROUP;
    if (!info || code !== 0) throw new HawkerError(code, stringOf(info?.ErrorInfo) || `no group ${groupID}`);
    return groupOf(info, this.client.userID);
  }

  /** The public profile of a group by its id. Errors: 2602, the server's 10010. */
  async searchGroupByID(groupID: string): Promise<Result<{ group: Group }>> {
    const id = groupIdFrom(groupID);
    const reply = await this.ask('searchGroupByID', `${GROUP}get_group_public_info`, {
      GroupIdList: [id], ResponseFilter: { GroupBasePublicInfoFilter: GROUP_FIELDS },
    });
    return ok({ group: this.groupFrom(reply, id) });
  }

  /** Changes a group's profile; only the fields given. Errors: 2602, 2905, the server's 10007. */
  async updateGroupProfile(options: {
    groupID: string; name?: string; introduction?: string; notification?: string; avatar?: string;
    muteAllMembers?: boolean; groupCustomField?: CustomField[];
  }): Promise<Result<{ group: Group }>> {
    const given = objectOf(options, 'updateGroupProfile');
    const groupID = groupIdFrom(given.groupID);
    const change: Record<string, unknown> = profileFields(given);
    if (given.name !== undefined) change.Name = textOf(given.name, 'name');
    if (given.muteAllMembers !== undefined) {
      if (typeof given.muteAllMembers !== 'boolean') throw bad(Code.badArgument, 'muteAllMembers', 'must be true or false');
      change.ShutUpAllMember = given.muteAllMembers ? 'On' : 'Off';
    }
    if (Object.keys(change).length === 0) throw bad(Code.noOptions, 'options', 'must name at least one field to change');
    await this.ask('updateGroupProfile', `${GROUP}modify_group_base_info`, { GroupId: groupID, ...change });
    return ok({ group: await this.fetchGroup(groupID) });
  }

  /** How many are in a joined room, viewers without a login included; 0 for a room that is not joined. */
  async getGroupOnlineMemberCount(groupID: string): Promise<Result<{ memberCount: number }>> {
    const id = groupIdFrom(groupID);
    if (this.client.membership(id) === null) return ok({ memberCount: 0 });
    const known = this.counts.get(id);
    if (known && known.until > this.now()) return ok({ memberCount: known.count });
    const reply = await this.client.request(`${GROUP}get_online_member_num`, { GroupId: id });
    return ok({ memberCount: this.count(id, reply) });
  }

  private count(groupID: string, info: Body): number {
    const count = numberOf(info.OnlineMemberNum);
    this.counts.set(groupID, { count, until: this.now() + numberOf(info.ExpireTime, COUNT_EXPIRES_S) * 1000 });
    return count;
  }

  // Members

  /** Who is in a room, a page at a time as the server cuts it: go on with the `offset` of the answer until it is 0. */
  async getGroupMemberList(options: { groupID: string; count?: number; offset?: number }): Promise<Result<{ memberList: GroupMember[]; offset: number }>> {
    const given = objectOf(options, 'getGroupMemberList');
    const groupID = groupIdFrom(given.groupID);
    const offset = wholeFrom(given.offset ?? 0, 'offset', 0);
    const reply = await this.ask('getGroupMemberList', `${ROOM}get_members`, { GroupId: groupID, Timestamp: offset });
    return ok({ memberList: bodiesOf(reply.MemberList).map(memberOf), offset: numberOf(reply.NextTimestamp) });
  }

  /** What a group knows about up to 50 members: role, mute, custom fields. Errors: 2602, 2716. */
  async getGroupMemberProfile(options: { groupID: string; userIDList: string[]; memberCustomFieldFilter?: string[] }): Promise<Result<{ memberList: GroupMember[] }>> {
    const given = objectOf(options, 'getGroupMemberProfile');
    const groupID = groupIdFrom(given.groupID);
    const ids = userIdsFrom(given.userIDList, MEMBER_LIST_MAX);
    const filter = Array.isArray(given.memberCustomFieldFilter) ? { AppDefinedDataFilter_GroupMember: given.memberCustomFieldFilter.map(stringOf) } : {};
    const [reply, profiles] = await Promise.all([
      this.ask('getGroupMemberProfile', `${GROUP}get_specified_group_member_info`, {
        GroupId: groupID, Member_List_Account: ids, MemberInfoFilter: MEMBER_FIELDS, ...filter,
      }),
      this.fetchProfiles(ids),
    ]);
    const memberList = bodiesOf(reply.MemberList).map(memberOf).map((member) => {
      const profile = profiles.find(({ userID }) => userID === member.userID);
      return { ...member, nick: profile?.nick ?? member.nick, avatar: profile?.avatar ?? member.avatar };
    });
    return ok({ memberList });
  }

  /** Silences a member for `muteTime` seconds, 0 ends it. Errors: 2602, 2002, 2685 oneself, the server's 10007. */
  async setGroupMemberMuteTime(options: { groupID: string; userID: string; muteTime: number }): Promise<Result<{ group: Group; member: GroupMember }>> {
    const given = objectOf(options, 'setGroupMemberMuteTime');
    const muteTime = wholeFrom(given.muteTime, 'muteTime', 0);
    if (given.userID === this.client.userID && this.client.userID !== '') throw bad(Code.muteSelf, 'userID', 'must not be oneself');
    return this.changeMember(given, 'setGroupMemberMuteTime', { ShutUpTime: muteTime });
  }

  /** Makes a member an admin or an admin a member (`TYPES.GRP_MBR_ROLE_*`). Errors: 2602, 2002, 2683, 2684 oneself. */
  async setGroupMemberRole(options: { groupID: string; userID: string; role: string }): Promise<Result<{ group: Group; member: GroupMember }>> {
    const given = objectOf(options, 'setGroupMemberRole');
    if (given.role !== TYPES.GRP_MBR_ROLE_ADMIN && given.role !== TYPES.GRP_MBR_ROLE_MEMBER) {
      throw bad(Code.badRole, 'role', 'must be TYPES.GRP_MBR_ROLE_ADMIN or TYPES.GRP_MBR_ROLE_MEMBER');
    }
    if (given.userID === this.client.userID && this.client.userID !== '') throw bad(Code.ownRole, 'userID', 'must not be oneself');
    return this.changeMember(given, 'setGroupMemberRole', { Role: given.role });
  }

  /** Sets custom fields of a member, default of oneself (`attent`: followed hosts). Errors: 2602, 2905. */
  async setGroupMemberCustomField(options: { groupID: string; userID?: string; memberCustomField: CustomField[] }): Promise<Result<{ group: Group; member: GroupMember }>> {
    const given = objectOf(options, 'setGroupMemberCustomField');
    const change = { AppMemberDefinedData: fieldsFrom(given.memberCustomField, 'memberCustomField') };
    return this.changeMember({ ...given, userID: given.userID ?? this.client.userID }, 'setGroupMemberCustomField', change);
  }

  private async changeMember(given: Body, method: string, change: Body): Promise<Result<{ group: Group; member: GroupMember }>> {
    const groupID = groupIdFrom(given.groupID);
    this.requireLogin(method);
    const userID = userIdFrom(given.userID);
    await this.client.request(`${GROUP}modify_group_member_info`, { GroupId: groupID, Member_Account: userID, ...change });
    const [group, members] = await Promise.all([
      this.groups.get(groupID) ?? this.fetchGroup(groupID),
      this.getGroupMemberProfile({ groupID, userIDList: [userID] }).catch(() => null),
    ]);
    const member = members?.data.memberList[0] ?? memberOf({ Member_Account: userID, ...change });
    return ok({ group, member });
  }

  /** Bans users from a room: out at once, no way back for `duration` seconds. Errors: 2602, 2716, 2686, the server's 10007. */
  async deleteGroupMember(options: { groupID: string; userIDList: string[]; duration?: number; reason?: string }): Promise<Result<{ group: Group; userIDList: string[] }>> {
    const given = objectOf(options, 'deleteGroupMember');
    const groupID = groupIdFrom(given.groupID);
    const ids = userIdsFrom(given.userIDList);
    const duration = wholeFrom(given.duration, 'duration', 1, Code.badDuration);
    await this.ask('deleteGroupMember', `${GROUP}ban_group_member`, {
      GroupId: groupID, Members_Account: ids, Duration: duration, Description: stringOf(given.reason),
    });
    return ok({ group: this.groups.get(groupID) ?? await this.fetchGroup(groupID), userIDList: ids });
  }

  // Profiles

  /** The own profile. */
  async getMyProfile(): Promise<Result<Profile>> {
    this.requireLogin('getMyProfile');
    const [profile] = await this.fetchProfiles([this.client.userID]);
    if (profile) this.profile = profile;
    return ok(this.profile);
  }

  /** The profiles of up to 100 users. Errors: 2716. */
  async getUserProfile(options: { userIDList: string[] }): Promise<Result<Profile[]>> {
    const ids = userIdsFrom(objectOf(options, 'getUserProfile').userIDList);
    this.requireLogin('getUserProfile');
    return ok(await this.fetchProfiles(ids));
  }

  private async fetchProfiles(ids: string[]): Promise<Profile[]> {
    const reply = await this.client.request('profile.portrait_get_all', {
      From_Account: this.client.userID,
      UserItem: ids.map((id) => ({ To_Account: id, StandardSequence: 0, CustomSequence: 0 })),
    });
    return profilesOf(reply, this.now());
  }

  /** Changes the own profile; `PROFILE_UPDATED` follows. Errors: 2721 unknown field or wrong type, 2722 nothing given. */
  async updateMyProfile(options: ProfileChange): Promise<Result<Profile>> {
    const items = itemsOf(objectOf(options, 'updateMyProfile'));
    await this.ask('updateMyProfile', 'profile.portrait_set', { From_Account: this.client.userID, ProfileItem: items });
    this.changeProfile(items);
    return ok(this.profile);
  }

  private changeProfile(items: readonly Body[]): void {
    this.profile = withItems(this.profile, items, this.now());
    this.emit(EVENT.PROFILE_UPDATED, [this.profile]);
  }

  // Counters and statistics

  /** Sets counters of a group to whole numbers. Resolves with the new values. */
  setGroupCounters(options: { groupID: string; counters: Readonly<Record<string, number>> }): Promise<Result<{ counters: Record<string, number> }>> {
    return this.changeCounters('setGroupCounters', options, 'Set', ({ counters }) => {
      if (!isBody(counters) || Object.keys(counters).length === 0) throw bad(Code.badArgument, 'counters', 'must be an object of whole numbers');
      return Object.entries(counters).map(([Key, value]) => ({ Key, Value: wholeFrom(value, 'counters', -Infinity) }));
    });
  }

  /** Adds to a counter. Not repeated by itself when the connection is lost before the reply: rejects with 2800. */
  increaseGroupCounter(options: { groupID: string; key: string; value: number }): Promise<Result<{ counters: Record<string, number> }>> {
    return this.changeCounters('increaseGroupCounter', options, 'Increase', oneCounter);
  }

  /** Takes from a counter; otherwise like {@link increaseGroupCounter}. */
  decreaseGroupCounter(options: { groupID: string; key: string; value: number }): Promise<Result<{ counters: Record<string, number> }>> {
    return this.changeCounters('decreaseGroupCounter', options, 'Decrease', oneCounter);
  }

  private async changeCounters(
    method: string, options: unknown, Mode: string, read: (given: Body) => Body[],
  ): Promise<Result<{ counters: Record<string, number> }>> {
    const given = objectOf(options, method);
    const body = { GroupId: groupIdFrom(given.groupID), GroupCounter: read(given), Mode };
    return ok({ counters: countersOf(await this.ask(method, `${GROUP}update_group_counter`, body, Mode === 'Set')) });
  }

  /** Counters of a group, default all; `likes` is the server's exact count of likes. */
  async getGroupCounters(options: { groupID: string; keyList?: string[] }): Promise<Result<{ counters: Record<string, number> }>> {
    const given = objectOf(options, 'getGroupCounters');
    const keys = given.keyList ?? [];
    if (!Array.isArray(keys)) throw bad(Code.badArgument, 'keyList', 'must be a list of strings');
    const body = { GroupId: groupIdFrom(given.groupID), GroupCounterKeys: keys.map((key) => textOf(key, 'keyList')) };
    return ok({ counters: countersOf(await this.ask('getGroupCounters', `${GROUP}get_group_counter`, body)) });
  }

  /** Ours: numbers of a room (`hawker_room.stats`); only hawker servers answer. Errors: 2602, the server's 10007, 10010. */
  async getRoomStats(groupID: string): Promise<Result<RoomStats>> {
    const body = await this.ask('getRoomStats', 'hawker_room.stats', { GroupId: groupIdFrom(groupID) });
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
  }

  // What comes in

  private onSession(event: SessionEvent): void {
    switch (event.type) {
      case 'net':
        this.log(1, `connection ${event.state}`);
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
      const message = event === 5 ? this.onNotice(item) : event === 4 || event === 6 ? this.onTip(item) : groupMessageOf(item, event, this.client.userID);
      if (message) messages.push(message);
    }
    if (messages.length > 0) this.emit(EVENT.MESSAGE_RECEIVED, messages);
  }

  private onTip(item: Body): Message | null {
    const body = bodyOf(item.MsgBody);
    const tip = tipOf(item, this.client.userID);
    if (Array.isArray(body.GroupCounterInfo)) return this.onCounters(tip.to, bodiesOf(body.GroupCounterInfo));
    // Changes of group attributes travel as tips of their own; this package has no attributes.
    if (isBody(body.MsgGroupNewInfo) && body.MsgGroupNewInfo.GroupAttrOption !== undefined) return null;
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
    const self = this.client.userID;
    if (newGroupProfile) this.hold(withChange(group, newGroupProfile));
    if (operationType === TYPES.GRP_TIP_MBR_SET_ADMIN && userIDList.includes(self)) this.hold(withSelf(group, { role: TYPES.GRP_MBR_ROLE_ADMIN }));
    if (operationType === TYPES.GRP_TIP_MBR_CANCELED_ADMIN && userIDList.includes(self)) this.hold(withSelf(group, { role: TYPES.GRP_MBR_ROLE_MEMBER }));
    const mute = memberList.find(({ userID }) => userID === self)?.muteTime;
    if (mute !== undefined) this.hold(withSelf(group, { muteTime: mute }));
  }

  private onNotice(item: Body): Message | null {
    const notice = noticeOf(item, this.client.userID);
    const { operationType } = notice.payload;
    if (operationType === 15) {
      const revoked = revokedOf(item);
      if (revoked.length > 0) this.emit(EVENT.MESSAGE_REVOKED, revoked);
      return null;
    }
    if (operationType === 4 || operationType === 5 || operationType === 21) this.drop(notice.to);
    return operationType === 20 ? null : notice;
  }

  private onPush(item: Body): void {
    for (const change of bodiesOf(item.ProfileDataMod)) {
      if (change.Profile_Account === this.client.userID) this.changeProfile(bodiesOf(change.ProfileList));
    }
  }

  private hold(group: Group): void {
    this.groups.set(group.groupID, group);
    this.emit(EVENT.GROUP_LIST_UPDATED, [...this.groups.values()]);
  }

  private drop(groupID: string): void {
    this.counts.delete(groupID);
    if (this.groups.delete(groupID)) this.emit(EVENT.GROUP_LIST_UPDATED, [...this.groups.values()]);
  }
}

function withSelf(group: Group, self: Partial<Group['selfInfo']>): Group {
  return { ...group, selfInfo: { ...group.selfInfo, ...self } };
}

/** The optional fields that `createGroup` and `updateGroupProfile` share, in the wire's spelling. */
function profileFields(given: Body): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const names = { introduction: 'Introduction', notification: 'Notification', avatar: 'FaceUrl' } as const;
  for (const key of Object.keys(names) as (keyof typeof names)[]) {
    const value = given[key];
    if (value === undefined) continue;
    if (typeof value !== 'string') throw bad(Code.badArgument, key, 'must be a string');
    fields[names[key]] = value;
  }
  if (given.groupCustomField !== undefined) fields.AppDefinedData = fieldsFrom(given.groupCustomField, 'groupCustomField');
  return fields;
}

function oneCounter(given: Body): Body[] {
  return [{ Key: textOf(given.key, 'key'), Value: wholeFrom(given.value, 'value', 1) }];
}

function countersOf(reply: Body): Record<string, number> {
  return Object.fromEntries(bodiesOf(reply.GroupCounter).map(({ Key, Value }) => [stringOf(Key), numberOf(Value)]));
}
