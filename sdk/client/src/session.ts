/**
 * The protocol as a state machine: inputs in, outputs out. It opens no socket, reads no clock and draws no random
 * number of its own, so every cut, delay and order can be tested line by line.
 *
 * It keeps: the connection (heartbeat, reconnect), the requests that wait for a reply, the login with its token, the
 * joined rooms with their place in the stream, and the polls of rooms that are not pushed.
 */
import { Code, HawkerError } from './errors.js';
import type { ReconnectPolicy } from './policy.js';
import { type Room, Rooms, groupIdOf, joinBody } from './rooms.js';
import {
  type Body, type Frame, type Identity, NOBODY, bodiesOf, bodyOf, decodeFrame, encodeRequest, numberOf, stringOf,
} from './wire.js';

/** A request waits this long for its reply, time without a socket included. */
export const REQUEST_TIMEOUT_MS = 15_000;
/** A login may wait for a slow server or a reconnect. */
export const LOGIN_TIMEOUT_MS = 30_000;
/** A connection attempt that takes longer is given up. */
export const OPEN_TIMEOUT_MS = 10_000;
/** After this much silence from the server a heartbeat asks whether it is still there. */
export const HEARTBEAT_AFTER_MS = 10_000;
/** The heartbeat must be answered within this time, or the socket is dropped. */
export const HEARTBEAT_TIMEOUT_MS = 3_000;
/** At most this many requests wait at a time; the next is refused with `Code.tooOften`. */
export const PENDING_MAX = 200;
/** Rooms named in one `Resume`; a client in more rooms joins the rest again. */
export const RESUME_MAX = 50;
/** Between the reply to a poll and the next poll: gathers what arrives close together. */
export const POLL_INTERVAL_MS = 250;
/** After a poll that failed. */
export const POLL_RETRY_MS = 2_000;
/** What a poll asks the server to hold it for, in seconds; below the timeout of a request. */
const POLL_HOLD_S = 10;
/** The server may ask for silence on a command for this long at most, in seconds. */
const OVERLOAD_MAX_S = 60;
/** Bounds of the interval between two `wshello`, in seconds. */
const HELLO_MIN_S = 5;
const HELLO_MAX_S = 300;

/** Token expired or unknown, in any reply. */
const TOKEN_REFUSED: readonly number[] = [70001, 20002];
/** Answer to `wshello` that carries a kick. */
const KICKED_IN_REPLY = 1002;
/** The room is gone. */
const NO_SUCH_ROOM: readonly number[] = [10010, 10015];

/** As a member, and without a login. */
export const JOIN = 'group_open_http_svc.apply_join_group';
export const JOIN_ANONYMOUS = 'group_open_http_noauth_svc.apply_join_group';
const PROFILE = 'group_open_http_svc.get_group_self_member_info';
const POLL = 'group_open_long_polling_http_svc.get_msg';
const POLL_ANONYMOUS = 'group_open_long_polling_http_noauth_svc.get_msg';
const LOGIN = 'im_open_status.wslogin';
const LOGOUT = 'im_open_status.wslogout';
const SEND = 'group_open_http_svc.send_group_msg';

/** State of the connection, spelled as the official event data spells it. */
export type NetState = 'connected' | 'connecting' | 'disconnected';

/** Why the server ended the login, spelled as the official event data spells it. */
export type KickReason = 'multipleAccount' | 'multipleDevice' | 'REST_API_Kick' | 'userSigExpired';

/** Reason and code by the wire's `KickType`, which has 1 to 3; the last is for refused tokens. */
const KICKS: Readonly<Record<number, readonly [KickReason, Code]>> = {
  1: ['multipleAccount', Code.kickedByAccount],
  2: ['multipleDevice', Code.kickedByDevice],
  3: ['REST_API_Kick', Code.kickedByServer],
  4: ['userSigExpired', Code.userSigExpired],
};
const TOKEN_EXPIRED = 4;

/** A request of the application. */
export interface Request {
  readonly id: number;
  readonly command: string;
  readonly body: Body;
  /** Milliseconds; default {@link REQUEST_TIMEOUT_MS}. */
  readonly timeoutMs?: number;
  /**
   * Send again on a new socket when the old one was lost before the reply; default true. Set false for what must not
   * happen twice (counting up): it is then refused with `Code.network`, and the application decides.
   */
  readonly resend?: boolean;
}

/** What can happen to a session. */
export type Input =
  | { readonly kind: 'start' | 'opened' | 'closed' | 'wake' | 'stop' }
  | { readonly kind: 'frame'; readonly text: string }
  | { readonly kind: 'timer'; readonly timer: string }
  | { readonly kind: 'request'; readonly request: Request }
  | { readonly kind: 'login'; readonly id: number; readonly userID: string; readonly userSig: string }
  | { readonly kind: 'logout'; readonly id: number; readonly timeoutMs: number }
  | { readonly kind: 'leave'; readonly groupId: string };

/** What a session tells its application. */
export type SessionEvent =
  /** The connection changed. The first connection of a session is not reported, only losses and returns. */
  | { readonly type: 'net'; readonly state: NetState }
  /** The login was ended by the server; rooms are left, a new login is possible. */
  | { readonly type: 'kicked'; readonly reason: KickReason; readonly code: number }
  /** New items of rooms, in order. `event` is 3 or 17 (messages), 4 or 6 (tips), 5 (notices). */
  | { readonly type: 'items'; readonly event: number; readonly items: readonly Body[] }
  /** Any other pushed item (profile changes, one-to-one messages), as it came. */
  | { readonly type: 'push'; readonly item: Body }
  /** Messages of this room are missing: the server's ring no longer reaches back to where we were. */
  | { readonly type: 'gap'; readonly groupId: string; readonly rejoined: boolean }
  /** The room could not be joined again after a reconnect. */
  | { readonly type: 'roomLost'; readonly groupId: string; readonly code: number; readonly message: string };

/** What a session wants done. */
export type Output =
  | { readonly kind: 'open' | 'close' }
  | { readonly kind: 'send'; readonly text: string }
  | { readonly kind: 'timer'; readonly timer: string; readonly ms: number }
  | { readonly kind: 'cancel'; readonly timer: string }
  | { readonly kind: 'answer'; readonly id: number; readonly body: Body }
  | { readonly kind: 'refuse'; readonly id: number; readonly error: HawkerError }
  | { readonly kind: 'event'; readonly event: SessionEvent };

/** What a session is given from outside. */
export interface SessionOptions {
  readonly sdkAppID: number;
  readonly policy: ReconnectPolicy;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

type Phase = 'idle' | 'opening' | 'open' | 'waiting' | 'stopped';

interface Pending {
  /** Numbers are the application's, strings our own (heartbeat, polls, …). */
  readonly id: number | string;
  readonly command: string;
  readonly body: Body;
  readonly resend: boolean;
  seq: number;
  sent: boolean;
}

/** One connection of one user; see the head of this file. Its owner carries out what {@link handle} returns. */
export class Session {
  private phase: Phase = 'idle';
  private net: NetState = 'connected';
  private attempt = 0;
  private identity: Identity = NOBODY;
  private loginId: number | null = null;
  /** True while a new socket has not yet been told who we are: everything else waits. */
  private resuming = false;
  private helloMs = 0;
  private seq: number;
  private broadcastCursor = 1;
  private reqtime = 0;
  private outputs: Output[] = [];
  private readonly pending = new Map<number | string, Pending>();
  private readonly overloaded = new Set<string>();
  private readonly rooms = new Rooms();

  constructor(private readonly options: SessionOptions) {
    this.seq = Math.floor(options.random() * 1e9);
  }

  /** The user who is logged in, `''` for nobody. */
  get userID(): string {
    return this.identity.a2 === '' ? '' : this.identity.identifier;
  }

  /** The logged-in user's number, part of message ids; `''` for nobody. */
  get tinyID(): string {
    return this.identity.tinyid;
  }

  /** Whether the room is joined, and if so, how. */
  membership(groupId: string): 'member' | 'anonymous' | null {
    const room = this.rooms.get(groupId);
    return room ? (room.anonymous ? 'anonymous' : 'member') : null;
  }

  /** Takes one input at `nowMs` (Unix time in milliseconds) and returns what is to be done, in order. */
  handle(input: Input, nowMs: number): Output[] {
    this.reqtime = Math.floor(nowMs / 1000);
    this.outputs = [];
    if (this.phase !== 'stopped') this.dispatch(input);
    return this.outputs;
  }

  private dispatch(input: Input): void {
    switch (input.kind) {
      case 'start': return this.wake();
      case 'wake': return this.wake();
      case 'opened': return this.onOpened();
      case 'closed': return this.onLost();
      case 'frame': return this.onFrame(input.text);
      case 'timer': return this.onTimer(input.timer);
      case 'request': return this.onRequest(input.request);
      case 'login': return this.onLogin(input.id, input.userID, input.userSig);
      case 'logout': return this.onLogout(input.id, input.timeoutMs);
      case 'leave': return this.leaveRoom(input.groupId);
      case 'stop': return this.onStop();
    }
  }

  // The connection

  private wake(): void {
    if (this.phase === 'open') return this.beat();
    if (this.phase === 'opening') return;
    if (this.phase === 'idle') this.attempt = 0;
    this.cancel('reconnect');
    this.open();
  }

  private open(): void {
    this.phase = 'opening';
    if (this.net === 'disconnected') this.setNet('connecting');
    // The timer first: a transport may fail while it is being opened.
    this.timer('open', OPEN_TIMEOUT_MS);
    this.output({ kind: 'open' });
  }

  private onOpened(): void {
    if (this.phase !== 'opening') return;
    this.phase = 'open';
    this.cancel('open');
    this.setNet('connected');
    this.beat();
    if (this.identity.a2 === '') {
      for (const room of this.rooms.all()) this.rejoin(room);
      this.flush();
    } else {
      this.resume();
    }
  }

  private onLost(): void {
    if (this.phase !== 'open' && this.phase !== 'opening') return;
    for (const timer of ['open', 'heartbeat', 'hello']) this.cancel(timer);
    this.resuming = false;
    this.forgetSent();
    const delay = this.options.policy.delayMs(this.attempt, this.options.random());
    this.setNet(this.attempt === 0 && delay !== null ? 'connecting' : 'disconnected');
    this.attempt += 1;
    this.phase = delay === null ? 'idle' : 'waiting';
    if (delay !== null) this.timer('reconnect', delay);
  }

  /** What was on the lost socket: our own is made anew on the next one, the application's is sent again or refused. */
  private forgetSent(): void {
    for (const entry of [...this.pending.values()]) {
      if (typeof entry.id === 'string') this.take(entry);
      else if (entry.sent && !entry.resend) {
        this.settle(entry, new HawkerError(Code.network, `${entry.command} was cut off`));
      } else entry.sent = false;
    }
  }

  private drop(): void {
    this.output({ kind: 'close' });
    this.onLost();
  }

  private onStop(): void {
    this.refuseAll(Code.network, 'the client was destroyed');
    for (const timer of ['open', 'heartbeat', 'hello', 'reconnect']) this.cancel(timer);
    for (const room of this.rooms.all()) this.leaveRoom(room.id);
    this.output({ kind: 'close' });
    this.phase = 'stopped';
  }

  private setNet(state: NetState): void {
    if (this.net === state) return;
    this.net = state;
    this.event({ type: 'net', state });
  }

  private beat(): void {
    this.ask('heartbeat', 'heartbeat.alive', {}, HEARTBEAT_TIMEOUT_MS);
  }

  private onTimer(timer: string): void {
    const [name, rest] = split(timer);
    switch (name) {
      case 'open': return this.drop();
      case 'reconnect': return this.open();
      case 'heartbeat': return this.beat();
      case 'hello': this.ask('hello', 'im_open_status.wshello', { is_web_uniapp: 0 }); return this.scheduleHello();
      case 'request': return this.onTimeout(Number(rest));
      case 'ask': return this.onTimeout(rest);
      case 'poll': return this.poll(rest);
      case 'overload': this.overloaded.delete(rest);
    }
  }

  private onTimeout(id: number | string): void {
    const entry = this.pending.get(id);
    if (!entry) return;
    this.settle(entry, new HawkerError(Code.timeout, `no reply to ${entry.command} in time`));
    // A socket on which a heartbeat or the resume went unanswered is dead, whatever the system says.
    if (id === 'heartbeat' || id === 'resume') this.drop();
  }

  // Requests and replies

  private onRequest(request: Request): void {
    const { id, command, body, timeoutMs = REQUEST_TIMEOUT_MS, resend = true } = request;
    if (this.pending.size >= PENDING_MAX) {
      return this.refuse(id, new HawkerError(Code.tooOften, `more than ${PENDING_MAX} requests are waiting`));
    }
    if (this.overloaded.has(command)) {
      return this.refuse(id, new HawkerError(Code.overloaded, `the server asked to pause ${command}`));
    }
    if (command === SEND) this.rooms.sent(numberOf(body.Random));
    this.enqueue({ id, command, body, resend, seq: 0, sent: false }, timeoutMs);
  }

  /** A request of our own. A newer one of the same name takes the place of the older. */
  private ask(id: string, command: string, body: Body, timeoutMs = REQUEST_TIMEOUT_MS): void {
    if (this.phase === 'open') this.enqueue({ id, command, body, resend: false, seq: 0, sent: false }, timeoutMs);
  }

  private enqueue(entry: Pending, timeoutMs: number): void {
    this.pending.set(entry.id, entry);
    this.timer(timerOf(entry.id), timeoutMs);
    if (this.mayGo(entry)) this.write(entry);
  }

  private mayGo(entry: Pending): boolean {
    return this.phase === 'open' && (!this.resuming || entry.id === 'resume' || entry.id === 'heartbeat');
  }

  private write(entry: Pending): void {
    entry.seq = this.seq += 1;
    entry.sent = true;
    const { command, seq, body } = entry;
    this.output({ kind: 'send', text: encodeRequest(command, seq, body, this.options.sdkAppID, this.identity, this.reqtime) });
  }

  private flush(): void {
    for (const entry of this.pending.values()) if (!entry.sent && this.mayGo(entry)) this.write(entry);
  }

  private onFrame(text: string): void {
    if (this.phase !== 'open') return;
    const frame = decodeFrame(text);
    if (!frame) return;
    // A server that answers but refuses to take us back is as good as away: its attempts go on counting.
    if (!this.resuming) this.attempt = 0;
    this.timer('heartbeat', HEARTBEAT_AFTER_MS);
    for (const entry of this.pending.values()) {
      if (entry.sent && entry.seq === frame.head.seq && entry.command === frame.head.servcmd) return this.onReply(entry, frame.body);
    }
    this.onPush(frame);
  }

  private onReply(entry: Pending, body: Body): void {
    const code = numberOf(body.ErrorCode);
    this.settle(entry, code === 0 ? body : new HawkerError(code, stringOf(body.ErrorInfo) || `refused with ${code}`));
    if (this.identity.a2 === '') return;
    if (code === KICKED_IN_REPLY) this.kicked(numberOf(body.KickType));
    else if (TOKEN_REFUSED.includes(code)) this.kicked(TOKEN_EXPIRED);
  }

  /** Ends a request: what its outcome means for the session first, then the application hears of it. */
  private settle(entry: Pending, outcome: Body | HawkerError): void {
    this.take(entry);
    const verdict = outcome instanceof HawkerError ? this.afterFailure(entry, outcome) : this.afterSuccess(entry, outcome);
    if (typeof entry.id !== 'number') return;
    if (verdict instanceof HawkerError) this.refuse(entry.id, verdict);
    else this.output({ kind: 'answer', id: entry.id, body: verdict });
    // History of a join comes after its answer, so that the application holds the room already.
    if (!(verdict instanceof HawkerError) && isJoin(entry.command)) this.deliverPolled(bodiesOf(verdict.RspMsgList));
  }

  private take(entry: Pending): void {
    this.pending.delete(entry.id);
    this.cancel(timerOf(entry.id));
  }

  private afterSuccess(entry: Pending, body: Body): Body | HawkerError {
    if (entry.id === this.loginId) return this.loggedIn(body);
    const groupId = stringOf(entry.body.GroupId);
    switch (entry.command) {
      case LOGIN: this.resumed(body); break;
      case LOGOUT: if (typeof entry.id === 'number') this.reset(); break;
      case PROFILE: this.profiled(body); break;
      case JOIN: case JOIN_ANONYMOUS: return this.joined(entry, groupId, body);
      case POLL: case POLL_ANONYMOUS: this.polled(split(String(entry.id))[1], body); break;
      case 'group_open_http_svc.quit_group': case 'group_open_http_svc.destroy_group': this.leaveRoom(groupId);
    }
    return body;
  }

  private afterFailure(entry: Pending, error: HawkerError): HawkerError {
    if (entry.id === this.loginId) {
      this.loginId = null;
      this.identity = NOBODY;
    } else if (entry.command === LOGOUT && typeof entry.id === 'number') {
      this.reset();
    } else if (entry.id === 'resume' && error.code !== Code.timeout && !TOKEN_REFUSED.includes(error.code)) {
      this.drop();
    } else if (typeof entry.id === 'string') {
      const [name, groupId] = split(entry.id);
      if (name === 'poll') this.pollFailed(groupId, error);
      if (name === 'rejoin') this.rejoinRefused(groupId, error);
    }
    return error;
  }

  private refuseAll(code: number, message: string): void {
    for (const entry of [...this.pending.values()]) {
      this.take(entry);
      if (typeof entry.id === 'number') this.refuse(entry.id, new HawkerError(code, message));
    }
  }

  // Login

  private onLogin(id: number, userID: string, userSig: string): void {
    if (this.loginId !== null || this.userID !== '') {
      return this.refuse(id, new HawkerError(Code.loginRunning, 'logged in or logging in already'));
    }
    this.loginId = id;
    this.identity = { ...NOBODY, identifier: userID, usersig: userSig };
    const body = { State: 'Online', is_web_uniapp: 0, InstType: 0 };
    this.enqueue({ id, command: LOGIN, body, resend: true, seq: 0, sent: false }, LOGIN_TIMEOUT_MS);
  }

  private loggedIn(body: Body): Body | HawkerError {
    this.loginId = null;
    const a2 = stringOf(body.A2Key);
    const tinyid = stringOf(body.TinyId);
    const { identifier } = this.identity;
    this.identity = NOBODY;
    if (a2 === '') return new HawkerError(Code.noToken, 'the login reply has no A2Key');
    if (tinyid === '') return new HawkerError(Code.noTinyId, 'the login reply has no TinyId');
    // Rooms looked at anonymously end here: a member joins them as who he is.
    for (const room of this.rooms.all()) this.leaveRoom(room.id);
    this.identity = { identifier, usersig: '', a2, tinyid, instance: numberOf(body.InstId) };
    const hello = numberOf(body.HelloInterval);
    this.helloMs = hello > 0 ? Math.min(Math.max(hello, HELLO_MIN_S), HELLO_MAX_S) * 1000 : 0;
    this.scheduleHello();
    return body;
  }

  private scheduleHello(): void {
    if (this.helloMs > 0) this.timer('hello', this.helloMs);
  }

  private onLogout(id: number, timeoutMs: number): void {
    if (this.phase !== 'open') {
      // Without a socket nobody can be told; the server ends the membership by its grace period.
      this.reset();
      return this.output({ kind: 'answer', id, body: {} });
    }
    this.enqueue({ id, command: LOGOUT, body: { wslogout_type: 0 }, resend: false, seq: 0, sent: false }, timeoutMs);
  }

  /** After a login is over: nobody, in no room. */
  private reset(): void {
    this.cancel('hello');
    this.helloMs = 0;
    this.identity = NOBODY;
    for (const room of this.rooms.all()) this.leaveRoom(room.id);
  }

  private kicked(kickType: number): void {
    if (this.userID === '') return;
    const [reason, code] = KICKS[kickType] ?? ['multipleAccount', Code.kickedByAccount];
    this.resuming = false;
    // The server waits for a farewell of the instance that another one replaced.
    if (kickType < 3) this.ask('farewell', LOGOUT, { wslogout_type: 1 });
    this.refuseAll(code, `logged out by the server: ${reason}`);
    this.reset();
    this.event({ type: 'kicked', reason, code });
  }

  // Resume: the place in each room is told to the server, which sends what was missed

  private resume(): void {
    this.resuming = true;
    const rooms = this.rooms.all().filter((room) => !room.pull);
    const named = rooms.slice(0, RESUME_MAX).map((room) => ({ GroupId: room.id, MsgSeq: room.lastSeq }));
    const body = { State: 'Online', is_web_uniapp: 0, InstType: 0, Resume: named };
    this.ask('resume', LOGIN, body);
  }

  private resumed(body: Body): void {
    this.resuming = false;
    this.attempt = 0;
    this.identity = { ...this.identity, instance: numberOf(body.InstId, this.identity.instance) };
    for (const entry of bodiesOf(body.Resume)) {
      const room = this.rooms.get(stringOf(entry.GroupId));
      if (!room) continue;
      if (entry.Status === 'GapTooLarge') this.event({ type: 'gap', groupId: room.id, rejoined: false });
      if (entry.Status === 'NotMember') this.rejoin(room);
    }
    const rooms = this.rooms.all();
    for (const room of rooms.filter(({ pull }) => pull)) this.rejoin(room);
    for (const room of rooms.filter(({ pull }) => !pull).slice(RESUME_MAX)) this.rejoin(room);
    this.scheduleHello();
    this.flush();
  }

  private rejoin(room: Room): void {
    this.ask(`rejoin:${room.id}`, room.anonymous ? JOIN_ANONYMOUS : JOIN, joinBody(room.id));
  }

  private rejoinRefused(groupId: string, error: HawkerError): void {
    const room = this.rooms.get(groupId);
    // No answer says nothing about the room: ask again, at the pace of the timeout.
    if (room && error.code === Code.timeout) this.rejoin(room);
    else this.rejoinFailed(groupId, error);
  }

  private rejoinFailed(groupId: string, error: HawkerError): void {
    this.leaveRoom(groupId);
    this.event({ type: 'roomLost', groupId, code: error.code, message: error.message });
  }

  // Rooms

  private joined(entry: Pending, groupId: string, body: Body): Body | HawkerError {
    const anonymous = entry.command === JOIN_ANONYMOUS;
    const rejoining = typeof entry.id === 'string';
    const key = stringOf(body.LongPollingKey);
    const error = anonymous && key === '' ? new HawkerError(Code.anonymousJoinRefused, `${groupId} needs a login`)
      : body.JoinedStatus === 'WaitAdminApproval' ? null
      : body.JoinedStatus !== 'JoinedSuccess' ? new HawkerError(Code.joinFailed, `joining ${groupId} ended with ${stringOf(body.JoinedStatus)}`)
      : null;
    if (error) {
      if (rejoining) this.rejoinFailed(groupId, error);
      return error;
    }
    if (body.JoinedStatus !== 'JoinedSuccess') return body;
    const room = this.rooms.enter(groupId, anonymous);
    if (key !== '') {
      room.pull = { key, cursor: room.pull?.cursor ?? 0 };
      this.poll(groupId);
    }
    if (rejoining) {
      this.deliverPolled(bodiesOf(body.RspMsgList));
      // A polled room goes on at its cursor and is told of a gap by the poll.
      if (key === '') this.event({ type: 'gap', groupId, rejoined: true });
    }
    return body;
  }

  /** The profile read after a join says where the stream of the room stands: a room that was silent resumes there. */
  private profiled(body: Body): void {
    for (const info of bodiesOf(body.GroupInfo)) this.rooms.get(stringOf(info.GroupId))?.startAt(numberOf(info.NextMsgSeq) - 1);
  }

  private leaveRoom(groupId: string): void {
    this.rooms.leave(groupId);
    this.cancel(`poll:${groupId}`);
    const poll = this.pending.get(`poll:${groupId}`);
    if (poll) this.take(poll);
  }

  private poll(groupId: string): void {
    const room = this.rooms.get(groupId);
    if (!room?.pull || this.pending.has(`poll:${groupId}`)) return;
    const first = this.rooms.all().find(({ pull }) => pull) === room;
    const body = {
      USP: 1, StartSeq: room.pull.cursor, HoldTime: POLL_HOLD_S, Key: room.pull.key, DownsizeFlag: 0,
      ...(first ? { StartBroadcastSeq: this.broadcastCursor } : {}),
    };
    this.ask(`poll:${groupId}`, room.anonymous ? POLL_ANONYMOUS : POLL, body);
  }

  private polled(groupId: string, body: Body): void {
    const room = this.rooms.get(groupId);
    if (!room?.pull) return;
    room.pull.key = stringOf(body.Key) || room.pull.key;
    room.pull.cursor = numberOf(body.NextSeq, room.pull.cursor);
    this.broadcastCursor = numberOf(body.NextBroadcastSeq, this.broadcastCursor);
    if (numberOf(body.Gap) === 1) this.event({ type: 'gap', groupId, rejoined: false });
    this.deliverPolled(bodiesOf(body.RspMsgList));
    this.deliverPolled(bodiesOf(body.RspBroadcastMsgList));
    if (this.rooms.get(groupId)) this.timer(`poll:${groupId}`, POLL_INTERVAL_MS);
  }

  private pollFailed(groupId: string, error: HawkerError): void {
    if (NO_SUCH_ROOM.includes(error.code)) this.rejoinFailed(groupId, error);
    else this.timer(`poll:${groupId}`, POLL_RETRY_MS);
  }

  /** Polled items carry their event number themselves; neighbours of one kind are delivered together. */
  private deliverPolled(items: readonly Body[]): void {
    let start = 0;
    for (let end = 1; end <= items.length; end += 1) {
      const event = numberOf(items[start]?.Event, 3);
      if (end < items.length && numberOf(items[end]?.Event, 3) === event) continue;
      this.deliver(event, items.slice(start, end));
      start = end;
    }
  }

  private deliver(event: number, items: readonly Body[]): void {
    const fresh = items.filter((item) => this.rooms.isNew(item, event, this.userID));
    if (fresh.length > 0) this.event({ type: 'items', event, items: fresh });
    for (const item of fresh) if (this.rooms.isFarewell(item, event)) this.leaveRoom(groupIdOf(item));
  }

  // Pushes

  private onPush({ head, body }: Frame): void {
    if (head.servcmd === 'OverLoadPush.notify2') return this.onOverload(body);
    if (head.servcmd === 'StatSvc.KickOther') return this.userID === '' ? undefined : this.resume();
    for (const item of bodiesOf(body.EventArray)) this.onPushItem(item);
    if (numberOf(body.NeedAck) === 1) {
      this.ask('ack', 'openim.ws_msg_push_ack', { SessionData: stringOf(body.SessionData) });
    }
  }

  private onPushItem(item: Body): void {
    const event = numberOf(item.Event);
    const kick = bodiesOf(item.C2cNotifyMsgArray).map((notice) => bodyOf(notice.KickoutMsgNotify)).find((notice) => notice.KickType);
    if (kick) this.kicked(numberOf(kick.KickType));
    else if (Array.isArray(item.GroupMsgArray)) this.deliver(event, bySeq(bodiesOf(item.GroupMsgArray)));
    else if (Array.isArray(item.GroupTips)) this.deliver(event, bySeq(bodiesOf(item.GroupTips)));
    else this.event({ type: 'push', item });
  }

  private onOverload(body: Body): void {
    const command = stringOf(body.OverLoadServCmd);
    const seconds = Math.min(numberOf(body.DelaySecs), OVERLOAD_MAX_S);
    if (command === '' || seconds <= 0) return;
    this.overloaded.add(command);
    this.timer(`overload:${command}`, seconds * 1000);
  }

  // Outputs

  private output(output: Output): void {
    this.outputs.push(output);
  }

  private event(event: SessionEvent): void {
    this.output({ kind: 'event', event });
  }

  private timer(timer: string, ms: number): void {
    this.output({ kind: 'timer', timer, ms });
  }

  private cancel(timer: string): void {
    this.output({ kind: 'cancel', timer });
  }

  private refuse(id: number, error: HawkerError): void {
    this.output({ kind: 'refuse', id, error });
  }
}

/** Application requests and our own have timers of different names, so that a room may be called anything. */
function timerOf(id: number | string): string {
  return typeof id === 'number' ? `request:${id}` : `ask:${id}`;
}

/** `name:rest` into its two halves; the rest may hold further colons. */
function split(text: string): [string, string] {
  const at = text.indexOf(':');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function isJoin(command: string): boolean {
  return command === JOIN || command === JOIN_ANONYMOUS;
}

/** Within one pushed item the order is that of `MsgSeq`. */
function bySeq(items: Body[]): Body[] {
  return items.sort((a, b) => numberOf(a.MsgSeq) - numberOf(b.MsgSeq));
}
