import { Emitter } from './emitter.js';
import { Code, HawkerError } from './errors.js';
import { type ReconnectPolicy, defaultReconnectPolicy } from './policy.js';
import { type Input, type Output, REQUEST_TIMEOUT_MS, Session, type SessionEvent } from './session.js';
import {
  type Socket, type Transport, type WebSocketConstructor, pageServer, platformTransport, webSocketTransport,
} from './transport.js';
import { type Body, socketUrl } from './wire.js';

/** What a {@link Client} is made from. */
export interface ClientOptions {
  /** Id of the app on the server, a positive integer. */
  readonly sdkAppID: number;
  /** `ws://` or `wss://` address of the server, a path prefix allowed. Default: the server of the page. */
  readonly server?: string;
  /** Constructor of sockets where the platform has none (Node 20: `WebSocket` of the package `ws`). */
  readonly webSocket?: WebSocketConstructor;
  /** Opens sockets in any other way; takes precedence over `webSocket`. */
  readonly transport?: Transport;
  /** When to reconnect; default {@link defaultReconnectPolicy}. */
  readonly reconnect?: ReconnectPolicy;
  /** Uniform in [0, 1); default `Math.random`. */
  readonly random?: () => number;
  /** Unix time in milliseconds; default `Date.now`. */
  readonly now?: () => number;
}

/** Per request. */
export interface RequestOptions {
  /** Milliseconds until the request is refused with `Code.timeout`; default 15 000. */
  readonly timeoutMs?: number;
  /** Send again on a new socket if the reply did not come; default true. */
  readonly resend?: boolean;
}

/** The one name under which listeners are kept. */
const EVENT = 'event';

interface Waiting {
  resolve(body: Body): void;
  reject(error: HawkerError): void;
}

/**
 * A {@link Session} joined to a socket, a clock and timers.
 *
 * Errors: every promise rejects with a {@link HawkerError}: the server's code, or one of {@link Code}.
 */
export class Client {
  private readonly session: Session;
  private readonly transport: Transport;
  private readonly server: string;
  private readonly instance: string;
  private readonly now: () => number;
  private readonly random: () => number;
  private readonly sdkAppID: number;
  private readonly waiting = new Map<number, Waiting>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly emitter = new Emitter();
  private readonly online = (): void => this.wake();
  private socket: Socket | null = null;
  private nextId = 1;

  constructor(options: ClientOptions) {
    const transport = options.transport ?? (options.webSocket ? webSocketTransport(options.webSocket) : platformTransport());
    if (!transport) throw new HawkerError(Code.badArgument, 'needs a `webSocket`');
    const server = options.server ?? pageServer();
    if (!/^wss?:\/\/./.test(server)) throw new HawkerError(Code.badArgument, 'server must be ws:// or wss://');
    this.transport = transport;
    this.server = server;
    this.sdkAppID = options.sdkAppID;
    this.now = options.now ?? Date.now;
    this.random = options.random ?? Math.random;
    this.instance = Array.from({ length: 32 }, () => Math.floor(this.random() * 16).toString(16)).join('');
    this.session = new Session({
      sdkAppID: options.sdkAppID, policy: options.reconnect ?? defaultReconnectPolicy, random: this.random,
    });
    networkEvents()?.addEventListener('online', this.online);
    this.feed({ kind: 'start' });
  }

  /** The user who is logged in, `''` for nobody. */
  get userID(): string {
    return this.session.userID;
  }

  /** The logged-in user's number as a decimal string, `''` for nobody. Part of message ids. */
  get tinyID(): string {
    return this.session.tinyID;
  }

  /** Whether the room is joined: as a member, anonymously, or not at all (`null`). */
  membership(groupId: string): 'member' | 'anonymous' | null {
    return this.session.membership(groupId);
  }

  /** Hears every {@link SessionEvent}; returns the function that ends it. */
  listen(listener: (event: SessionEvent) => void): () => void {
    this.emitter.add(EVENT, listener);
    return () => { this.emitter.remove(EVENT, listener); };
  }

  /** Sends a command (`service.command`) and resolves with the body of its reply. */
  request(command: string, body: Body, options: RequestOptions = {}): Promise<Body> {
    return this.wait((id) => ({ kind: 'request', request: { id, command, body, ...options } }));
  }

  /** Logs in; resolves with the login reply. Rejects with the server's code, e.g. 70001 (expired), 70009 (signature). */
  login(userID: string, userSig: string): Promise<Body> {
    return this.wait((id) => ({ kind: 'login', id, userID, userSig }));
  }

  /** Logs out and leaves all rooms, also if no answer comes in time. The socket stays open for the next login. */
  logout(timeoutMs = REQUEST_TIMEOUT_MS): Promise<Body> {
    return this.wait((id) => ({ kind: 'logout', id, timeoutMs }));
  }

  /** Forgets a room without telling the server: anonymous viewers leave by not polling any more. */
  leave(groupId: string): void {
    this.feed({ kind: 'leave', groupId });
  }

  /** The network may be back, or the program in the foreground again: reconnect now, or check the socket. */
  wake(): void {
    this.feed({ kind: 'wake' });
  }

  /** Ends everything; the client cannot be used again. Waiting requests reject with `Code.network`. */
  destroy(): void {
    networkEvents()?.removeEventListener('online', this.online);
    this.feed({ kind: 'stop' });
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.emitter.clear();
  }

  private wait(input: (id: number) => Input): Promise<Body> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      const outputs = this.session.handle(input(id), this.now());
      if (outputs.length === 0) this.settle(id, new HawkerError(Code.network, 'the client was destroyed'));
      this.run(outputs);
    });
  }

  private settle(id: number, outcome: Body | HawkerError): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (outcome instanceof HawkerError) waiting?.reject(outcome);
    else waiting?.resolve(outcome);
  }

  private feed(input: Input): void {
    this.run(this.session.handle(input, this.now()));
  }

  private run(outputs: readonly Output[]): void {
    for (const output of outputs) this.perform(output);
  }

  private perform(output: Output): void {
    switch (output.kind) {
      case 'open': return this.open();
      case 'close': this.socket?.close(); this.socket = null; return;
      case 'send': return this.write(output.text);
      case 'timer': return this.startTimer(output.timer, output.ms);
      case 'cancel': return this.stopTimer(output.timer);
      case 'answer': return this.settle(output.id, output.body);
      case 'refuse': return this.settle(output.id, output.error);
      case 'event': this.emitter.emit(EVENT, output.event);
    }
  }

  private open(): void {
    const url = socketUrl(this.server, this.sdkAppID, this.instance, String(Math.floor(this.random() * 1e9)));
    this.socket = this.transport(url, {
      opened: () => this.feed({ kind: 'opened' }),
      frame: (text) => this.feed({ kind: 'frame', text }),
      closed: () => this.feed({ kind: 'closed' }),
    });
  }

  private write(text: string): void {
    try {
      this.socket?.send(text);
    } catch {
      // A socket that is closing throws; its close event follows and brings the request to the next socket.
    }
  }

  private startTimer(name: string, ms: number): void {
    this.stopTimer(name);
    this.timers.set(name, setTimeout(() => {
      this.timers.delete(name);
      this.feed({ kind: 'timer', timer: name });
    }, ms));
  }

  private stopTimer(name: string): void {
    const timer = this.timers.get(name);
    if (timer !== undefined) clearTimeout(timer);
    this.timers.delete(name);
  }
}

/** Browsers say when the network is back; other platforms have no such global event. */
function networkEvents(): Pick<EventTarget, 'addEventListener' | 'removeEventListener'> | null {
  const platform = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;
  return typeof platform.addEventListener === 'function' && typeof platform.removeEventListener === 'function'
    ? (platform as EventTarget)
    : null;
}
