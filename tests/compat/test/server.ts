import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Fields, Player } from './player.js';

interface SigApi {
  genSig(userID: string, expire: number): string;
}
const { Api } = createRequire(path.resolve('package.json'))('tls-sig-api-v2') as { Api: new (sdkAppID: number, key: string) => SigApi };

const SECRET = 'compat-tests-secret-key-0123456789';
/** A server that is not ready by then will not be. */
const START_MS = 30_000;

/** Where the server's binary is: `HAWKER_BIN`, or what `cargo build` makes. */
function binary(): string {
  const file = process.env.HAWKER_BIN ?? path.resolve('../../target/debug/hawker');
  if (!existsSync(file)) throw new Error(`there is no server at ${file}: cargo build, or name one in HAWKER_BIN`);
  return file;
}

interface Ready {
  ready: boolean;
  http: string;
  ws: string;
}

/** The real server in a process of its own, on a data folder of its own. */
export class TestServer {
  readonly sdkAppID = 1400000001;
  readonly players = new Set<Player>();
  http = '';
  ws = '';
  private readonly folder = mkdtempSync(path.join(os.tmpdir(), 'hawker-compat-'));
  private readonly api: SigApi = new Api(this.sdkAppID, SECRET);
  private process: ChildProcess | null = null;
  private output = '';

  static async start(config = '', roomConfig = ''): Promise<TestServer> {
    const server = new TestServer();
    // One test user does in a second what a person does in a minute.
    const room = '[room]\nmessages_per_second = 1000\nmessages_per_second_per_user = 1000\ntips_per_second = 1000\n' + roomConfig;
    const app = `[[app]]\nid = ${server.sdkAppID}\nsecret = "${SECRET}"\nadmins = ["administrator"]\n`;
    writeFileSync(path.join(server.folder, 'hawker.toml'), `${config}\n${room}\n${app}`);
    await server.launch('127.0.0.1:0');
    return server;
  }

  private async launch(listen: string): Promise<void> {
    const args = ['serve', '--config', path.join(this.folder, 'hawker.toml'), '--data', path.join(this.folder, 'data'), '--listen', listen, '--ready-json'];
    const child = spawn(binary(), args, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = child;
    child.stderr.on('data', (chunk: Buffer) => { this.output = (this.output + chunk.toString()).slice(-20_000); });
    const { http, ws } = await new Promise<Ready>((resolve, reject) => {
      const timer = setTimeout(() => { reject(new Error(`the server is not ready:\n${this.output}`)); }, START_MS);
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (!line.startsWith('{"ready"')) return;
        clearTimeout(timer);
        resolve(JSON.parse(line) as Ready);
      });
      child.once('exit', (code) => { reject(new Error(`the server ended with ${code}:\n${this.output}`)); });
    });
    this.http = http;
    this.ws = ws;
  }

  /** Kills the server without a word and starts it again on the same data and port. */
  async crash(): Promise<void> {
    await this.kill();
    await this.launch(new URL(this.http).host);
  }

  async kill(): Promise<void> {
    const child = this.process;
    this.process = null;
    if (!child || child.exitCode !== null) return;
    child.removeAllListeners('exit');
    const ended = new Promise((resolve) => { child.once('exit', resolve); });
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    for (const player of this.players) player.stop();
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Ends the users of a test, so that the next one begins alone. */
  dismiss(): void {
    for (const player of this.players) player.stop();
    this.players.clear();
  }

  /** A signature as any application makes it, valid for a day. */
  sign(userID: string, expireSecs = 86_400): string {
    return this.api.genSig(userID, expireSecs);
  }

  /** A signature made at another time, Unix milliseconds, valid for a day from then. */
  signedAt(atMs: number, userID: string): string {
    const { now } = Date;
    Date.now = () => atMs;
    try {
      return this.sign(userID);
    } finally {
      Date.now = now;
    }
  }

  /** A signature made with another app's key. */
  forge(userID: string): string {
    return new Api(this.sdkAppID, 'another-key-another-key').genSig(userID, 86_400);
  }

  /** Calls the REST interface as the app's administrator; the answer must be a success. */
  async rest(command: string, body: Fields): Promise<Fields> {
    const query = new URLSearchParams({
      sdkappid: String(this.sdkAppID), identifier: 'administrator', usersig: this.sign('administrator'), random: '1', contenttype: 'json',
    });
    const response = await fetch(`${this.http}/v4/${command}?${query}`, { method: 'POST', body: JSON.stringify(body) });
    const answer = await response.json() as Fields;
    assert.equal(answer.ErrorCode, 0, `${command}: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** A room of its own for a test, owned by `owner`. */
  async room(groupID: string, owner = 'host'): Promise<string> {
    await this.rest('im_open_login_svc/account_import', { UserID: owner, Nick: `Nick of ${owner}`, FaceUrl: `https://img.example/${owner}` });
    await this.rest('group_open_http_svc/create_group', { Type: 'AVChatRoom', Name: `Room ${groupID}`, GroupId: groupID, Owner_Account: owner });
    return groupID;
  }

  async named(userID: string): Promise<void> {
    await this.rest('im_open_login_svc/account_import', { UserID: userID, Nick: `Nick of ${userID}`, FaceUrl: `https://img.example/${userID}` });
  }
}
