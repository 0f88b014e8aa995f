import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { TestServer } from './server.js';

/** A wait longer than this is a failure; it names what was heard instead. */
const WAIT_MS = 15_000;

/** The SDKs under test. */
export const SDKS = ['tim-js-sdk', '@tencentcloud/chat', '@hawker/tim'] as const;
/** Those that others make. */
export const OFFICIAL = ['tim-js-sdk', '@tencentcloud/chat'] as const;
export type SdkName = (typeof SDKS)[number];
/** The live-selling components under test. */
export const COMPONENTS = ['im-live-sells', '@hawker/live-sells'] as const;
export type ComponentName = (typeof COMPONENTS)[number];

/** What the chat of TWebLive runs on: the published one on both SDKs, ours on ours. */
export const STACKS = [['tweblive', 'tim-js-sdk'], ['tweblive', '@hawker/tim'], ['@hawker/tweblive', '@hawker/tim']] as const;
export type Stack = (typeof STACKS)[number];

export type Fields = Record<string, unknown>;

export interface Heard {
  name: string;
  data: never;
}

/** What of a message must be the same for everybody who sees it. */
export interface Seen {
  from: string;
  type: string;
  payload: Fields;
  sequence: number;
  ID: string;
  nick: string;
  avatar: string;
  flow: string;
  to: string;
}

interface Answer {
  id?: number;
  value?: Fields;
  error?: { code: number; message: string };
  event?: string;
  data?: never;
}

/** A file that the user's process makes. */
export interface FileMade {
  name: string;
  type: string;
  /** What it begins like. */
  content: 'png' | 'wav' | 'mp4' | 'text';
  /** Bytes; default those of the content. */
  size?: number;
}

/** A refusal as it reached the application. */
export class Refused extends Error {
  constructor(readonly code: number, message: string) {
    super(`${code} ${message}`);
  }
}

/** One user with one SDK in a process of his own. */
export class Player {
  readonly heard: Heard[] = [];
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, { resolve: (value: Fields) => void; reject: (error: Refused) => void }>();
  private readonly watchers = new Set<() => void>();
  private nextId = 1;

  private constructor(readonly server: TestServer, readonly sdk: SdkName, component: ComponentName | Stack[0] | '-', readonly userID: string) {
    // Tests are bundled below dist; the worker lies beside them, unbundled.
    const worker = path.resolve('worker.cjs');
    this.child = fork(worker, [sdk, component], { silent: true });
    this.child.stdout?.resume();
    this.child.stderr?.resume();
    this.child.on('message', (answer: Answer) => { this.onAnswer(answer); });
  }

  private static async start(server: TestServer, sdk: SdkName, component: ComponentName | Stack[0] | '-', userID: string): Promise<Player> {
    const player = new Player(server, sdk, component, userID);
    server.players.add(player);
    await player.hear('started');
    return player;
  }

  /** A process with an instance of the SDK that is not logged in. */
  static async stranger(server: TestServer, sdk: SdkName, userID = ''): Promise<Player> {
    const player = await Player.start(server, sdk, '-', userID);
    await player.ask({ op: 'create', options: { SDKAppID: server.sdkAppID, proxyServer: server.ws } });
    return player;
  }

  /** A user who is logged in and ready. */
  static async user(server: TestServer, sdk: SdkName, userID: string): Promise<Player> {
    const player = await Player.stranger(server, sdk, userID);
    await player.tim('login', { userID, userSig: server.sign(userID) });
    await player.hear('sdkStateReady');
    return player;
  }

  /** A user who is in the room. */
  static async member(server: TestServer, sdk: SdkName, userID: string, groupID: string): Promise<Player> {
    const player = await Player.user(server, sdk, userID);
    const { status } = await player.tim('joinGroup', { groupID, type: 'AVChatRoom' });
    assert.equal(status, 'JoinedSuccess');
    return player;
  }

  /** A user with the live-selling component, ready. */
  static async seller(server: TestServer, component: ComponentName, sdk: SdkName, userID: string, roomID: string, names: readonly string[]): Promise<Player> {
    const player = await Player.start(server, sdk, component, userID);
    const config = { SDKAppID: server.sdkAppID, proxyServer: server.ws, userSig: server.sign(userID), userName: userID, roomID };
    await player.ask({ op: 'component', config, names });
    await player.hear('tls:SDK_READY');
    return player;
  }

  /** A process with the chat of TWebLive that is not logged in. */
  static async im(server: TestServer, [component, sdk]: Stack, userID: string): Promise<Player> {
    const player = await Player.start(server, sdk, component, userID);
    await player.ask({ op: 'im', options: { SDKAppID: server.sdkAppID, proxyServer: server.ws } });
    return player;
  }

  private onAnswer({ id, value, error, event, data }: Answer): void {
    if (id !== undefined) {
      const waiting = this.waiting.get(id);
      this.waiting.delete(id);
      if (error) waiting?.reject(new Refused(error.code, error.message));
      else waiting?.resolve(value ?? {});
    }
    if (event !== undefined) {
      this.heard.push({ name: event, data: data as never });
      for (const watcher of [...this.watchers]) watcher();
    }
  }

  private ask(request: Fields): Promise<Fields> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.send({ id, ...request });
    });
  }

  /** Calls a method of the SDK's instance; resolves with `data` of its answer. */
  async tim(method: string, ...args: unknown[]): Promise<Fields> {
    const { code, data } = await this.ask({ op: 'call', target: 'tim', method, args });
    assert.equal(code ?? 0, 0);
    return (data ?? {}) as Fields;
  }

  /** Calls a method of the component. */
  tls(method: string, ...args: unknown[]): Promise<Fields> {
    return this.ask({ op: 'call', target: 'tls', method, args });
  }

  /** Calls a method of TWebLive's chat; resolves with `data` of its answer. */
  async im(method: string, ...args: unknown[]): Promise<Fields> {
    const { data } = await this.ask({ op: 'call', target: 'im', method, args });
    return (data ?? {}) as Fields;
  }

  /** Listens with a context, once. */
  imOnce(name: string): Promise<Fields> {
    return this.ask({ op: 'imOnce', name });
  }

  /** Sends a file as a message of this kind; resolves with the message and the progress heard. */
  async sendFile(kind: string, options: Fields, file: FileMade): Promise<{ message: Seen; heard: number[] }> {
    const { data, heard } = await this.ask({ op: 'sendFile', kind, options, file });
    return { message: (data as { message: Seen }).message, heard: heard as number[] };
  }

  /** The same through `sendImageMessage` of TWebLive's chat. */
  async imSendImage(options: Fields, file: FileMade): Promise<{ message: Seen; heard: number[] }> {
    const { data, heard } = await this.ask({ op: 'sendFile', target: 'im', method: 'sendImageMessage', options, file });
    return { message: (data as { message: Seen }).message, heard: heard as number[] };
  }

  /** Creates a message and sends it; resolves with the message as sent. */
  async send(kind: 'Text' | 'Custom' | 'Face' | 'Location' | 'TextAt', to: string, payload: Fields, more: Fields = {}): Promise<Seen> {
    const { data } = await this.ask({ op: 'send', kind, options: { to, conversationType: 'GROUP', payload, ...more } });
    return (data as { message: Seen }).message;
  }

  say(to: string, text: string): Promise<Seen> {
    return this.send('Text', to, { text });
  }

  async sendAndRevoke(to: string, text: string, conversationType: 'GROUP' | 'C2C' = 'GROUP'): Promise<void> {
    await this.ask({ op: 'sendAndRevoke', options: { to, conversationType, payload: { text } } });
  }

  /** Sends a copy of a message that was received. */
  async forward(to: string, message: Seen): Promise<Seen> {
    const { data } = await this.ask({ op: 'forward', to, message });
    return (data as { message: Seen }).message;
  }

  /** Calls a method of the SDK's instance that answers at once with a plain value. */
  async value(method: string, ...args: unknown[]): Promise<unknown> {
    return this.ask({ op: 'call', target: 'tim', method, args });
  }

  /** Writes to one user. */
  write(to: string, text: string, more: Fields = {}): Promise<Seen> {
    return this.send('Text', to, { text }, { conversationType: 'C2C', ...more });
  }

  /** Data of the first event of this name that fits; waits for it if need be. */
  async hear<D = Fields>(name: string, fits: (data: D) => boolean = () => true): Promise<D> {
    const { data } = await this.until(`event ${name}`, () => this.heard.find((heard) => heard.name === name && fits(heard.data)));
    return data;
  }

  /** The first message received that fits. */
  see(fits: (message: Seen) => boolean, what: string): Promise<Seen> {
    return this.until(what, () => this.seen().find(fits));
  }

  /** Everything received as a message so far, in the order of arrival. */
  seen(): Seen[] {
    return this.heard.filter(({ name }) => name === 'onMessageReceived').flatMap(({ data }) => data as Seen[]);
  }

  /** Whether anything of this name was heard. */
  count(name: string): number {
    return this.heard.filter((heard) => heard.name === name).length;
  }

  /** Resolves with what `look` finds, now or after a later event. */
  private until<T>(what: string, look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (): void => { this.watchers.delete(watch); clearTimeout(timer); };
      const watch = (): void => {
        const found = look();
        if (found === undefined) return;
        finish();
        resolve(found);
      };
      const timer = setTimeout(() => {
        finish();
        const names = this.heard.map(({ name, data }) => (name === 'onMessageReceived' ? `${name}${JSON.stringify((data as Seen[]).map(({ type, payload }) => [type, payload]))}` : `${name}${/unhandled|uncaught|error|kicked|netState/.test(name) ? JSON.stringify(data) : ''}`));
        reject(new Error(`${this.userID} (${this.sdk}) waited in vain for ${what}; heard ${names.slice(-25).join('\n  ')}`));
      }, WAIT_MS);
      this.watchers.add(watch);
      watch();
    });
  }

  stop(): void {
    this.child.removeAllListeners('message');
    this.child.kill('SIGKILL');
  }
}

/** Refused with this code. */
export async function refused(code: number | readonly number[], call: Promise<unknown>): Promise<void> {
  const codes = typeof code === 'number' ? [code] : code;
  await assert.rejects(call, (error: unknown) => {
    assert.ok(error instanceof Refused, String(error));
    assert.ok(codes.includes(error.code), `${error.code} ${error.message}, wanted ${codes.join(' or ')}`);
    return true;
  });
}
