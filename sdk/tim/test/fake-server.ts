import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { Chat, type CreateOptions, EVENT, TYPES, type WebSocketConstructor } from '../src/index.js';

type Fields = Record<string, unknown>;
interface Head extends Fields { servcmd: string; seq: number; a2?: string; identifier?: string }
interface Frame { head: Head; body: Fields }
interface Item extends Fields { Event: number; MsgSeq: number }

interface FakeRoom {
  id: string;
  owner: string;
  name: string;
  fields: Map<string, string>;
  seq: number;
  ring: Item[];
  members: Set<string>;
  counters: Map<string, number>;
  polls: { socket: WebSocket; frame: Frame; start: number }[];
}

const START = 1_700_000_000;

/** The package `ws` as the SDK's option wants it. */
export const webSocket = WebSocket as unknown as WebSocketConstructor;

/**
 * Enough of a room server to drive the SDK over a real socket: logins, rooms with one sequence each, pushes, resume,
 * polls. What it does not know it answers with success; `refuse`, `silence` and `answers` make it do otherwise.
 */
export class FakeServer {
  readonly received: Frame[] = [];
  readonly refuse = new Map<string, number>();
  readonly silent = new Set<string>();
  /** What a command is answered with, instead of what the server does. */
  readonly answers = new Map<string, Fields>();
  readonly rooms = new Map<string, FakeRoom>();
  readonly profiles = new Map<string, Map<string, unknown>>();
  readonly memberFields = new Map<string, Fields[]>();
  private readonly sockets = new Map<string, WebSocket>();
  private readonly seen = new EventEmitter();
  private server: WebSocketServer | null = null;
  private port = 0;
  /** Rings shorter than this many items answer a resume with GapTooLarge. */
  ringMax = 100;

  async start(): Promise<this> {
    const server = new WebSocketServer({ port: this.port, host: '127.0.0.1' });
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
    server.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => { this.onFrame(socket, JSON.parse(data.toString()) as Frame); });
    });
    return this;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** Takes every socket away and refuses new ones until `start` is called again. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (!server) return;
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => { server.close(resolve); });
  }

  /** Takes the sockets away; new ones are welcome at once. */
  cut(): void {
    for (const socket of this.server?.clients ?? []) socket.terminate();
  }

  /** Resolves with the next request of this command. */
  async next(command: string): Promise<Frame> {
    const [frame] = await once(this.seen, command) as [Frame];
    return frame;
  }

  last(command: string): Frame {
    const frame = this.received.filter(({ head }) => head.servcmd === command).pop();
    if (!frame) throw new Error(`${command} was never received`);
    return frame;
  }

  room(id: string, owner = 'host'): FakeRoom {
    const room: FakeRoom = {
      id, owner, name: `Room ${id}`, fields: new Map(), seq: 0, ring: [], members: new Set(), counters: new Map(), polls: [],
    };
    this.rooms.set(id, room);
    return room;
  }

  /** An instance of the SDK connected here, not shared with other tests. */
  chat(options: Partial<CreateOptions> = {}): Chat {
    const chat = new Chat({
      SDKAppID: 1400000001, proxyServer: this.url, webSocket,
      reconnect: { delayMs: () => 5 }, ...options,
    });
    chat.setLogLevel(4);
    return chat;
  }

  /** The SDK as a module whose instances connect here, for the component. */
  get tim(): { create(options: CreateOptions): Chat; EVENT: typeof EVENT; TYPES: typeof TYPES } {
    return { EVENT, TYPES, create: (options) => this.chat(options) };
  }

  async user(userID: string, options: Partial<CreateOptions> = {}): Promise<Chat> {
    const chat = this.chat(options);
    const ready = new Promise<void>((resolve) => { chat.once(EVENT.SDK_READY, () => resolve()); });
    // The last thing that a login asks by itself.
    const settled = this.next('openim.getmsg');
    await chat.login({ userID, userSig: 'signature' });
    await Promise.all([ready, settled]);
    return chat;
  }

  /** Numbers an item, keeps it, and pushes it to every member. */
  publish(room: FakeRoom, event: number, body: unknown, from = '@TIM#SYSTEM', extra: Fields = {}): Item {
    const seq = room.seq += 1;
    const item: Item = {
      Event: event, MsgSeq: seq, From_Account: from, ToGroupId: room.id, GroupId: room.id, TinyId: tinyOf(from), MsgRandom: 5000 + seq,
      MsgTimeStamp: START + seq, MsgClientTime: START, MsgPriority: 2, MsgBody: body,
      GroupInfo: { GroupId: room.id, GroupName: room.name, GroupType: 'AVChatRoom', From_AccountNick: this.nick(from), From_AccountHeadurl: `https://img.example/${from}` },
      ...extra,
    };
    room.ring.push(item);
    if (room.ring.length > this.ringMax) room.ring.shift();
    for (const user of room.members) this.pushTo(user, [item]);
    for (const poll of room.polls.splice(0)) this.answerPoll(room, poll.socket, poll.frame, poll.start);
    return item;
  }

  tip(room: FakeRoom, body: Fields, event = 4): void {
    const operator = body.Operator_Account;
    this.publish(room, event, body, '@TIM#SYSTEM', typeof operator === 'string' ? {
      GroupInfo: { GroupId: room.id, GroupName: room.name, From_AccountNick: this.nick(operator), From_AccountHeadurl: `https://img.example/${operator}` },
    } : {});
  }

  notice(room: FakeRoom, body: Fields): void {
    this.publish(room, 5, body);
  }

  kick(user: string, KickType: number): void {
    this.send(user, { Event: 10, C2cNotifyMsgArray: [{ KickoutMsgNotify: { KickType, NewInstInfo: {} } }] });
  }

  send(user: string, ...items: Fields[]): void {
    const socket = this.sockets.get(user);
    socket?.send(JSON.stringify({ head: { servcmd: 'im_open_push.msg_push', seq: 1 }, body: { EventArray: items, NeedAck: 0 } }));
  }

  private pushTo(user: string, items: Item[]): void {
    this.send(user, ...items.map((item) => ({ Event: item.Event, [item.Event === 3 ? 'GroupMsgArray' : 'GroupTips']: [item] })));
  }

  private nick(user: string): string {
    return String(this.profiles.get(user)?.get('Tag_Profile_IM_Nick') ?? `Nick of ${user}`);
  }

  private onFrame(socket: WebSocket, frame: Frame): void {
    this.received.push(frame);
    const { servcmd, a2, identifier } = frame.head;
    const user = a2?.replace(/^token-/, '') || identifier || '';
    if (user !== '') this.sockets.set(user, socket);
    if (!this.silent.has(servcmd)) {
      const code = this.refuse.get(servcmd);
      const body = code === undefined ? this.answer(servcmd, frame.body, user, socket, frame) : { ErrorCode: code, ErrorInfo: `refused ${servcmd}` };
      if (body) reply(socket, frame, body);
      if (code === undefined && servcmd === 'im_open_status.wslogin') this.afterLogin(user, frame.body);
    }
    this.seen.emit(servcmd, frame);
  }

  private answer(command: string, body: Fields, user: string, socket: WebSocket, frame: Frame): Fields | null {
    const given = this.answers.get(command);
    if (given) return given;
    const room = this.rooms.get(String(body.GroupId));
    switch (command.replace(/^.*_svc\./, '')) {
      case 'im_open_status.wslogin': return this.login(user, body);
      case 'im_open_status.wslogout': for (const each of this.rooms.values()) each.members.delete(user); return {};
      case 'profile.portrait_get_all': return { UserProfileItem: (body.UserItem as Fields[]).map(({ To_Account }) => this.profile(String(To_Account))) };
      case 'profile.portrait_set': return this.setProfile(user, body.ProfileItem as Fields[]);
      case 'create_group': this.room(String(body.GroupId ?? 'made'), user).name = String(body.Name); return { GroupId: body.GroupId ?? 'made', Type: 'AVChatRoom', HugeGroupFlag: 1 };
      case 'apply_join_group': return room ? this.join(room, user, command) : { ErrorCode: 10010, ErrorInfo: 'no such group' };
      case 'quit_group': return room?.owner === user ? { ErrorCode: 10009 } : (room?.members.delete(user), {});
      case 'get_group_self_member_info': case 'get_group_public_info': return { GroupInfo: (body.GroupIdList as string[]).map((id) => this.info(id, user)) };
      case 'modify_group_base_info': return room ? this.modify(room, body, user) : {};
      case 'modify_group_member_info': this.memberFields.set(String(body.Member_Account), (body.AppMemberDefinedData as Fields[] | undefined) ?? []); return {};
      case 'get_specified_group_member_info': return { MemberList: (body.Member_List_Account as string[]).map((id) => ({ Member_Account: id, Role: 'Member', JoinTime: 5, ShutUpUntil: 7, MuteUntil: 7, AppMemberDefinedData: this.memberFields.get(id) ?? [] })) };
      case 'get_members': return { MemberList: [...(room?.members ?? [])].map((id) => ({ Member_Account: id, NickName: this.nick(id), FaceUrl: '', JoinTime: 5, MuteUntil: 7 })), NextTimestamp: 0 };
      case 'get_online_member_num': return { OnlineMemberNum: room?.members.size ?? 0, ExpireTime: 0 };
      case 'send_group_msg': return room ? this.message(room, body, user) : { ErrorCode: 10010 };
      case 'group_msg_recall': return { RecallRetList: [{ MsgSeq: (body.MsgSeqList as Fields[])[0]?.MsgSeq, RetCode: 0 }] };
      case 'update_group_counter': case 'get_group_counter': return room ? this.count(room, body) : { ErrorCode: 10010 };
      case 'get_msg': if (room) return {}; this.poll(socket, frame); return null;
      case 'hawker_room.stats': return { OnlineMemberNum: 3, PeakMemberNum: 9, LikeCount: 40, MsgCount: 7, Ledger: [{ Class: 'chat', Received: 9, Delivered: 7, Dropped: [{ Reason: 'budget', Count: 2 }] }] };
      default: return {};
    }
  }

  private login(user: string, body: Fields): Fields {
    const resume = (body.Resume as { GroupId: string; MsgSeq: number }[] | undefined)?.map(({ GroupId, MsgSeq }) => {
      const room = this.rooms.get(GroupId);
      const oldest = room?.ring[0]?.MsgSeq ?? 0;
      return { GroupId, Status: !room?.members.has(user) ? 'NotMember' : oldest > MsgSeq + 1 ? 'GapTooLarge' : 'Resumed' };
    });
    return { A2Key: `token-${user}`, TinyId: tinyOf(user), InstId: 1, HelloInterval: 30, TimeStamp: START, Expire: 86400, ...(resume ? { Resume: resume } : {}) };
  }

  private afterLogin(user: string, body: Fields): void {
    for (const { GroupId, MsgSeq } of (body.Resume as { GroupId: string; MsgSeq: number }[] | undefined) ?? []) {
      const room = this.rooms.get(GroupId);
      if (room?.members.has(user)) this.pushTo(user, room.ring.filter((item) => item.MsgSeq > MsgSeq));
    }
  }

  private join(room: FakeRoom, user: string, command: string): Fields {
    if (command.includes('noauth')) return { JoinedStatus: 'JoinedSuccess', HugeGroupFlag: 1, LongPollingKey: room.id };
    room.members.add(user);
    return { JoinedStatus: 'JoinedSuccess', HugeGroupFlag: 1, RspMsgList: room.ring.slice(-20) };
  }

  private info(id: string, user: string): Fields {
    const room = this.rooms.get(id);
    if (!room) return { GroupId: id, ErrorCode: 10010, ErrorInfo: 'no such group' };
    return {
      GroupId: id, ErrorCode: 0, Type: 'AVChatRoom', Name: room.name, Introduction: '', Notification: '', FaceUrl: 'https://img.example/room',
      Owner_Account: room.owner, CreateTime: START, NextMsgSeq: room.seq + 1, MemberNum: room.members.size, ShutUpAllMember: 'Off',
      AppDefinedData: [...room.fields].map(([Key, Value]) => ({ Key, Value })), SelfInfo: { Role: room.owner === user ? 'Owner' : 'Member', JoinTime: START },
    };
  }

  private modify(room: FakeRoom, body: Fields, user: string): Fields {
    const info: Fields = { Operator_Account: user, OpType: 6 };
    const changed: Fields = {};
    if (body.Notification !== undefined) changed.GroupNotification = body.Notification;
    if (body.Name !== undefined) changed.GroupName = room.name = String(body.Name);
    if (body.AppDefinedData) changed.MsgAppDefinedData = body.AppDefinedData;
    for (const { Key, Value } of (body.AppDefinedData as { Key: string; Value: string }[] | undefined) ?? []) room.fields.set(Key, Value);
    this.tip(room, { ...info, MsgGroupNewInfo: changed }, 6);
    return {};
  }

  private message(room: FakeRoom, body: Fields, user: string): Fields {
    const { seq } = room;
    const item = this.publish(room, 3, body.MsgBody, user, {
      MsgRandom: body.Random, MsgClientTime: body.MsgClientTime, MsgPriority: body.MsgPriority, CloudCustomData: body.CloudCustomData,
    });
    return { MsgTime: item.MsgTimeStamp, MsgSeq: seq + 1 };
  }

  private count(room: FakeRoom, body: Fields): Fields {
    for (const { Key, Value } of (body.GroupCounter as { Key: string; Value: number }[] | undefined) ?? []) {
      const before = body.Mode === 'Set' ? 0 : room.counters.get(Key) ?? 0;
      room.counters.set(Key, body.Mode === 'Decrease' ? before - Value : before + Value);
    }
    return { GroupCounter: [...room.counters].map(([Key, Value]) => ({ Key, Value })), GroupCounterSeq: 1 };
  }

  private profile(user: string): Fields {
    const items = [...(this.profiles.get(user) ?? new Map<string, unknown>([['Tag_Profile_IM_Nick', this.nick(user)]]))];
    return { To_Account: user, ResultCode: 0, ProfileItem: items.map(([Tag, Value]) => ({ Tag, Value })) };
  }

  private setProfile(user: string, items: Fields[]): Fields {
    const profile = this.profiles.get(user) ?? new Map<string, unknown>();
    for (const { Tag, Value } of items) profile.set(String(Tag), Value);
    this.profiles.set(user, profile);
    return {};
  }

  private poll(socket: WebSocket, frame: Frame): void {
    const room = this.rooms.get(String(frame.body.Key));
    if (!room) return reply(socket, frame, { ErrorCode: 10010 });
    const start = Number(frame.body.StartSeq) || 1;
    if (room.ring.some((item) => item.MsgSeq >= start)) this.answerPoll(room, socket, frame, start);
    else room.polls.push({ socket, frame, start });
  }

  private answerPoll(room: FakeRoom, socket: WebSocket, frame: Frame, start: number): void {
    const Gap = start > 1 && (room.ring[0]?.MsgSeq ?? 0) > start ? { Gap: 1 } : {};
    reply(socket, frame, { Key: room.id, NextSeq: room.seq + 1, RspMsgList: room.ring.filter((item) => item.MsgSeq >= start), ...Gap });
  }
}

function reply(socket: WebSocket, { head }: Frame, body: Fields): void {
  socket.send(JSON.stringify({ head: { servcmd: head.servcmd, seq: head.seq }, body: { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '', ...body } }));
}

function tinyOf(user: string): string {
  return `1441${[...user].map((letter) => letter.charCodeAt(0)).join('')}`;
}

/** The data of the next event that fits. */
export function nextEvent<E extends Parameters<Chat['on']>[0], D = unknown>(chat: Chat, name: E, fits: (data: D) => boolean = () => true): Promise<D> {
  return new Promise((resolve) => {
    const handler = (event: { data: unknown }): void => {
      if (!fits(event.data as D)) return;
      chat.off(name, handler as never);
      resolve(event.data as D);
    };
    chat.on(name, handler as never);
  });
}
