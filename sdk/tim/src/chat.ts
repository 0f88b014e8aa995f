import { Code, type Handler, HawkerError, JOIN, JOIN_ANONYMOUS, bad, joinBody, numberOf, stringOf, textOf } from '@hawker/client';
import { attachmentFrom, fileElement, type FileType } from './attachment.js';
import { LATER, type LaterCalls, NOT_OFFERED, NOT_OFFERED_AT_ONCE, type NotOffered } from './calls.js';
import { checkMessageSize, groupIdFrom, objectOf, userIdFrom, userIdsFrom } from './check.js';
import { EVENT, TYPES } from './constants.js';
import { Core, GROUP, ok } from './core.js';
import { customElement, type Element, faceElement, forwardedElement, locationElement, textElement, wireBody } from './elements.js';
import { groupOf } from './group.js';
import { createMessage, isMessage, stamp } from './message.js';
import type {
  AnyFunction, Constant, CreateOptions, CustomPayload, DataOf, FacePayload, FileSource, Group, LocationPayload, Message, MessageLike, MessageOptions, Open, Profile, Result,
  SendOptions, TextPayload, TimEvent,
} from './types.js';

/** What a login says of itself, in the official package's words. */
const FINE = { actionStatus: 'OK', errorCode: 0, errorInfo: '' };
/** A page that destroys the instance does not wait longer than this for the server to have heard of it. */
const GOODBYE_MS = 2_000;

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- its methods are put on the prototype below
export interface Chat extends LaterCalls, NotOffered {}

/**
 * One connection of one user to one app: what `TIM.create` returns.
 *
 * Every asynchronous method resolves with `{ code: 0, data }` and rejects with a `HawkerError` whose `code` is the
 * server's or the official SDK's; a wrong argument rejects before anything is sent, with the field's name in front of
 * the message. Before login everything but `login`, `joinGroup`, `quitGroup` and the `create…Message` methods rejects
 * with 2024 (3002…3006 after a kick or logout). Methods of the official packages that are not offered reject with 2998.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- the methods are put on the prototype below
export class Chat {
  private readonly core: Core;

  /**
   * Made by `TIM.create`; made directly it is not shared by SDKAppID, which lets a program be several users.
   *
   * Errors: 2000 without a valid `SDKAppID`, 2905 without a server address or a way to open sockets.
   */
  constructor(options: CreateOptions, private readonly released: () => void = () => undefined) {
    this.core = new Core(options);
  }

  // Life

  /** How much is written to the console: 0 and 1 everything, 2 warnings, 3 errors, 4 nothing. Source: seed 003. */
  setLogLevel(level: number): void {
    if (!(level >= 0 && level <= 4)) throw bad(Code.badArgument, 'level', 'must be 0 to 4');
    this.core.logLevel = level;
  }

  /** Accepted for compatibility: uploads need no plugin here. */
  registerPlugin(_plugins: object): void {
    // Deliberately nothing: applications written for the official package call it with upload plugins.
  }

  /** Calls `handler` at each event `name` (one of `TIM.EVENT`), with `context` as `this`. */
  on<E extends string>(name: E, handler: (event: TimEvent<DataOf<E>>) => void, context?: unknown): void;
  on(name: string, handler: AnyFunction, context?: unknown): void;
  on(name: string, handler: AnyFunction, context?: unknown): void {
    this.addHandler(name, handler, context, false);
  }

  /** Like {@link on}, for the next event only. */
  once<E extends string>(name: E, handler: (event: TimEvent<DataOf<E>>) => void, context?: unknown): void;
  once(name: string, handler: AnyFunction, context?: unknown): void;
  once(name: string, handler: AnyFunction, context?: unknown): void {
    this.addHandler(name, handler, context, true);
  }

  private addHandler(name: string, handler: AnyFunction, context: unknown, once: boolean): void {
    textOf(name, 'eventName');
    if (typeof handler !== 'function') throw bad(Code.badArgument, 'handler', 'must be a function');
    this.core.emitter.add(name, handler as Handler, once, context);
    if (CONVERSATION_EVENTS.includes(name)) this.core.wantConversations();
  }

  /** Ends {@link on}; without `handler` all handlers of the event. */
  off<E extends string>(name: E, handler?: (event: TimEvent<DataOf<E>>) => void, context?: unknown): void;
  off(name: string, handler?: AnyFunction, context?: unknown): void;
  off(name: string, handler?: AnyFunction, context?: unknown): void {
    this.core.emitter.remove(name, handler as Handler | undefined, context);
  }

  /** True from `SDK_READY` to `SDK_NOT_READY`. */
  isReady(): boolean {
    return this.core.ready;
  }

  /** The user who is logged in, `''` for nobody. */
  getLoginUser(): string {
    return this.core.userID;
  }

  /** The server's clock, Unix milliseconds; before the first login the own clock. */
  getServerTime(): number {
    return this.core.now();
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
    const { client } = this.core;
    if (client.userID === userID) {
      return ok({ ...FINE, errorInfo: 'already logged in', repeatLogin: true });
    }
    const reply = await client.login(userID, userSig);
    const timeStamp = numberOf(reply.TimeStamp);
    void this.core.becomeReady(userID, timeStamp);
    return ok({
      ...FINE, tinyID: client.tinyID, instanceID: numberOf(reply.InstId),
      helloInterval: numberOf(reply.HelloInterval), timeStamp, expire: numberOf(reply.Expire),
    });
  }

  /** Logs out and leaves all rooms; `SDK_NOT_READY` follows. Errors: 2024 when nobody is logged in. */
  async logout(): Promise<Result<Record<string, never>>> {
    this.core.requireLogin('logout');
    await this.sayGoodbye();
    return ok({});
  }

  /** The login is over whether the server answers or not. */
  private async sayGoodbye(timeoutMs?: number): Promise<void> {
    await this.core.client.logout(timeoutMs).catch(() => undefined);
    this.core.loggedOut(Code.loggedOut);
  }

  /** Logs out, closes the connection, and frees the SDKAppID for a new instance. `SDK_DESTROY` is the last event. */
  async destroy(): Promise<Result<Record<string, never>>> {
    const { client, emitter, options } = this.core;
    if (client.userID !== '') await this.sayGoodbye(GOODBYE_MS);
    client.destroy();
    this.released();
    this.core.emit(EVENT.SDK_DESTROY, { SDKAppID: options.SDKAppID });
    emitter.clear();
    return ok({});
  }

  // Messages

  /** A text message to send. Errors (thrown): 2106, 2602 or 2002 for `to`, 2905 with the field's name. */
  createTextMessage(options: Open<MessageOptions<TextPayload>>): Message {
    return this.create('Text', options, textElement);
  }

  /** A text message for some: `payload.atUserList` names them. Errors as {@link createTextMessage}. */
  createTextAtMessage(options: Open<MessageOptions<TextPayload & { atUserList: string[] }>>): Message {
    const message = this.create('TextAt', options, textElement);
    message.atUserList = userIdsFrom(options.payload.atUserList);
    return message;
  }

  /** A custom message to send; missing parts of the payload are empty. Errors as {@link createTextMessage}. */
  createCustomMessage(options: Open<MessageOptions<Partial<CustomPayload>>>): Message {
    return this.create('Custom', options, customElement);
  }

  /** A face message to send. Errors as {@link createTextMessage}. */
  createFaceMessage(options: Open<MessageOptions<FacePayload>>): Message {
    return this.create('Face', options, faceElement);
  }

  /** A place to send. Errors as {@link createTextMessage}. */
  createLocationMessage(options: Open<MessageOptions<LocationPayload>>): Message {
    return this.create('Location', options, locationElement);
  }

  /**
   * A picture to send; it is uploaded by `sendMessage`. Until then its addresses are what the own screen can show.
   * Errors (thrown): 2251 no file, those of {@link createTextMessage}; when it is sent: 2108 empty, 2252 not a picture,
   * 2253 over 20 MB, 2109.
   */
  createImageMessage(options: Open<MessageOptions<FileSource>>): Message {
    return this.createFile('Image', 'TIMImageElem', options);
  }

  /** A sound to send. Errors: 2401 no file, 2301 over 20 MB, and those of {@link createImageMessage}. */
  createAudioMessage(options: Open<MessageOptions<FileSource>>): Message {
    return this.createFile('Audio', 'TIMSoundElem', options);
  }

  /** A video to send. Errors: 2401 no file, 2352 not mp4, 2351 over 100 MB, and those of {@link createImageMessage}. */
  createVideoMessage(options: Open<MessageOptions<FileSource>>): Message {
    return this.createFile('Video', 'TIMVideoFileElem', options);
  }

  /** A file to send. Errors: 2401 no file, 2402 over 100 MB, and those of {@link createImageMessage}. */
  createFileMessage(options: Open<MessageOptions<FileSource>>): Message {
    return this.createFile('File', 'TIMFileElem', options);
  }

  /** A copy of a message for another conversation; `payload` is the message. Errors (thrown): 2453, those of {@link createTextMessage}. */
  createForwardMessage(options: Open<MessageOptions<MessageLike>>): Message {
    return this.create('Forward', options, forwardedElement);
  }

  private create(kind: string, options: unknown, elementFrom: (payload: Readonly<Record<string, unknown>>) => Element): Message {
    return createMessage(options, `create${kind}Message`, elementFrom, this.core.origin());
  }

  private createFile(kind: string, type: FileType, options: Open<MessageOptions<FileSource>>): Message {
    const { options: { SDKAppID }, userID } = this.core;
    let attachment: unknown;
    const message = this.create(kind, options, ({ file }) => {
      const found = attachmentFrom(type, { file, onProgress: options.onProgress });
      attachment = found;
      return fileElement(type, found, `${SDKAppID}-${userID}-${Math.random().toString(36).slice(2)}`);
    });
    // Not for JSON or loops over fields; a proxy of the message still finds it.
    Object.defineProperty(message, 'attachment', { value: attachment });
    return message;
  }

  /**
   * Sends a message made by `create…Message`; the same object comes back with its `time`, `sequence` and `status`.
   *
   * A lost connection does not lose it: it is sent again, and the server takes a repetition for the same message.
   * Errors, with the message in `error.data`: 2024, 2101 room not joined, 2105 not a message, 2250…2400 file not taken, 2800 upload cut off,
   * 80002 longer than 12 KiB, the server's 10017 (muted), 10023 (too often), 80001 (refused words), …
   */
  async sendMessage(message: MessageLike, options: SendOptions = {}): Promise<Result<{ message: Message }>> {
    const { core } = this;
    core.requireLogin('sendMessage');
    if (!isMessage(message)) throw bad(Code.notAMessage, 'message', 'must be a message');
    try {
      stamp(message, { ...core.origin(), now: message.clientTime });
      const direct = message.conversationType === TYPES.CONV_C2C;
      if (!direct && core.client.membership(message.to) === null) throw notJoined(Code.roomNotJoined, 'to');
      if ('attachment' in message) await (await core.later()).upload(message);
      if (direct) await (await core.later()).send(message, options);
      else await this.sendToGroup(message, options);
      message.status = 'success';
      core.remember(message);
      return ok({ message });
    } catch (error) {
      message.status = 'fail';
      if (error instanceof HawkerError) throw new HawkerError(error.code, error.message, { message });
      throw error;
    }
  }

  /** Sends a message that failed once more. Errors as {@link sendMessage}. */
  resendMessage(message: MessageLike, options?: SendOptions): Promise<Result<{ message: Message }>> {
    if (isMessage(message)) message.isResend = true;
    return this.sendMessage(message, options);
  }

  private async sendToGroup(message: Message, options: SendOptions): Promise<void> {
    const MsgBody = wireBody(message);
    checkMessageSize(MsgBody, message.cloudCustomData);
    const at = message.atUserList.map((user) => user === TYPES.MSG_AT_ALL ? { GroupAtAllFlag: 1 } : { GroupAtAllFlag: 0, GroupAt_Account: user });
    const reply = await this.core.client.request(`${GROUP}send_group_msg`, {
      From_Account: message.from, GroupId: message.to, Random: message.random, ClientSeq: message.clientSequence,
      MsgPriority: message.priority, MsgBody, CloudCustomData: message.cloudCustomData,
      OnlineOnlyFlag: options.onlineUserOnly ? 1 : 0, MsgClientTime: message.clientTime,
      ...(at.length > 0 ? { GroupAtInfo: at } : {}),
    });
    message.time = numberOf(reply.MsgTime, message.time);
    message.sequence = numberOf(reply.MsgSeq);
  }

  /** A message that was sent or received, by its `ID`, among the last five hundred; `null` when it is not there. */
  findMessage(messageID: string): Message | null {
    return this.core.find(messageID);
  }

  /** Unread messages of all conversations; 0 until the server has told the counts, which it does soon after the login. */
  getTotalUnreadMessageCount(): number {
    return this.core.unread;
  }

  // Rooms

  /**
   * Joins a room; before login anonymously, which only receives. Without `unlimitedAVChatRoom` the room before is left.
   *
   * Resolves with `status` (`TYPES.JOIN_STATUS_*`) and, for members, the `group`. Recent messages follow as
   * `MESSAGE_RECEIVED`. Errors: 2602 bad id, 2660 refused, 2662 no anonymous viewers here, the server's 10010, …
   */
  async joinGroup(options: Open<{ groupID: string; type?: Constant; applyMessage?: string }>): Promise<Result<{ status: string; group?: Group }>> {
    const { core } = this;
    const given = objectOf(options, 'joinGroup');
    const groupID = groupIdFrom(given.groupID);
    if (core.userID === '') return this.joinAnonymously(groupID);
    if (core.client.membership(groupID) === 'member') {
      const group = await core.fetchGroup(groupID).catch(() => null);
      if (group) return ok({ status: TYPES.JOIN_STATUS_ALREADY_IN_GROUP, group });
    }
    const applyMessage = given.applyMessage === undefined ? {} : { ApplyMsg: stringOf(given.applyMessage) };
    const reply = await core.client.request(JOIN, { ...joinBody(groupID), ...applyMessage });
    const status = stringOf(reply.JoinedStatus);
    if (status !== TYPES.JOIN_STATUS_SUCCESS) return ok({ status });
    await this.leaveOthers(groupID);
    // The room is joined; a profile that cannot be read now is no reason to say otherwise.
    const group = await core.fetchGroup(groupID).catch(() => groupOf({ GroupId: groupID, Type: TYPES.GRP_AVCHATROOM }, core.userID));
    core.hold(group);
    return ok({ status, group });
  }

  private async joinAnonymously(groupID: string): Promise<Result<{ status: string }>> {
    const { client, anonymous, options } = this.core;
    if (client.membership(groupID)) return ok({ status: TYPES.JOIN_STATUS_ALREADY_IN_GROUP });
    await client.request(JOIN_ANONYMOUS, joinBody(groupID));
    if (!options.unlimitedAVChatRoom) for (const other of anonymous) if (other !== groupID) client.leave(other);
    anonymous.add(groupID);
    return ok({ status: TYPES.JOIN_STATUS_SUCCESS });
  }

  private async leaveOthers(groupID: string): Promise<void> {
    const { client, groups, options } = this.core;
    if (options.unlimitedAVChatRoom) return;
    for (const other of [...groups.keys()]) {
      if (other === groupID) continue;
      // An owner cannot quit; for him the room is only left here.
      await client.request(`${GROUP}quit_group`, { GroupId: other }).catch(() => client.leave(other));
      this.core.drop(other);
    }
  }

  /** Leaves a room. Errors: 2602, 2623 not in it, the server's 10009 for the owner. */
  async quitGroup(groupID: string): Promise<Result<{ groupID: string }>> {
    const { core } = this;
    const id = groupIdFrom(groupID);
    const membership = core.client.membership(id);
    if (membership === null) throw notJoined(Code.notInGroup, 'groupID');
    if (membership === 'anonymous') core.client.leave(id);
    else await core.ask('quitGroup', `${GROUP}quit_group`, { GroupId: id });
    core.anonymous.delete(id);
    core.drop(id);
    return ok({ groupID: id });
  }

  /** The profile of a group, joined or not. `groupCustomFieldFilter` names the custom fields wanted, default all. */
  async getGroupProfile(options: { groupID: string; groupCustomFieldFilter?: string[] }): Promise<Result<{ group: Group }>> {
    const given = objectOf(options, 'getGroupProfile');
    const groupID = groupIdFrom(given.groupID);
    this.core.requireLogin('getGroupProfile');
    return ok({ group: await this.core.fetchGroup(groupID, given.groupCustomFieldFilter) });
  }

  /** How many are in a joined room, viewers without a login included; 0 for a room that is not joined. */
  async getGroupOnlineMemberCount(groupID: string): Promise<Result<{ memberCount: number }>> {
    const { core } = this;
    const id = groupIdFrom(groupID);
    if (core.client.membership(id) === null) return ok({ memberCount: 0 });
    const memberCount = core.knownCount(id) ?? core.count(id, await core.client.request(`${GROUP}get_online_member_num`, { GroupId: id }));
    return ok({ memberCount });
  }

  // Profiles

  /** The own profile. */
  async getMyProfile(): Promise<Result<Profile>> {
    const { core } = this;
    core.requireLogin('getMyProfile');
    const [profile] = await core.fetchProfiles([core.userID]);
    if (profile) core.profile = profile;
    return ok(core.profile);
  }

  /** The profiles of up to 100 users; none for `['']`, the owner of a room that has none. Errors: 2716. */
  async getUserProfile(options: { userIDList: string[] }): Promise<Result<Profile[]>> {
    const list = objectOf(options, 'getUserProfile').userIDList;
    const ids = String(list) ? userIdsFrom(list) : [];
    this.core.requireLogin('getUserProfile');
    return ok(await this.core.fetchProfiles(ids));
  }

  /** A call whose code is loaded at its first use. */
  private async callLater(name: keyof LaterCalls, given: unknown[]): Promise<unknown> {
    // What a package that adds calls may ask without a login, its server knows.
    if (name !== 'request') this.core.requireLogin(name);
    return (await this.core.later()).call(name, given);
  }

  static {
    const methods = this.prototype as unknown as Record<string, unknown>;
    for (const name of LATER) {
      methods[name] = function (this: Chat, ...given: unknown[]) { return this.callLater(name, given); };
    }
    for (const name of NOT_OFFERED) methods[name] = () => Promise.reject(notOffered(name));
    for (const name of NOT_OFFERED_AT_ONCE) methods[name] = () => { throw notOffered(name); };
  }
}

/** Who listens to these wants the list of conversations to be kept. */
const CONVERSATION_EVENTS: readonly string[] = [
  EVENT.CONVERSATION_LIST_UPDATED, EVENT.TOTAL_UNREAD_MESSAGE_COUNT_UPDATED,
];

function notJoined(code: number, field: string): HawkerError {
  return bad(code, field, 'is no joined room');
}

function notOffered(name: string): HawkerError {
  return new HawkerError(Code.notOffered, `${name} is not offered`);
}
