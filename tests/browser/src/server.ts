// The real server, on a free port and in a folder of its own.

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const READY_MS = 20_000;
const STOP_MS = 10_000;
/** Who owns the demo room. */
const HOST = 'host';
/** The account of the merchant's own programs. */
const ADMIN = 'administrator';

export const BINARY = process.env.HAWKER_BIN ?? path.resolve('../../target/debug/hawker');

export interface Server {
  /** `host:port`. */
  readonly address: string;
  /** The host of the demo shop, who may open rooms. */
  readonly host: { readonly user: string; readonly sig: string };
  /** The signature of the merchant's own programs. */
  readonly adminSig: string;
  /** Lets the first user into the console. */
  readonly setUpLink: string;
  stop(): Promise<void>;
}

/** With the demo room, unless it gets a configuration of its own. */
export async function startServer(config = ''): Promise<Server> {
  if (!existsSync(BINARY)) throw new Error(`there is no server at ${BINARY}: cargo build, or name one in HAWKER_BIN`);
  const data = await mkdtemp(path.join(tmpdir(), 'hawker-browser-'));
  const file = path.join(data, 'hawker.toml');
  await writeFile(file, config);
  const kind = config ? ['--config', file] : ['--demo'];
  const child = spawn(BINARY, ['serve', ...kind, '--data', data, '--listen', '127.0.0.1:0', '--ready-json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  const note = (line: string) => { if (output.push(line) > 400) output.shift(); };
  createInterface({ input: child.stderr }).on('line', note);
  createInterface({ input: child.stdout }).on('line', note);
  try {
    const { http, console: setUpLink } = await ready(child);
    const [sig, adminSig] = await Promise.all([signature(HOST, data), signature(ADMIN, data)]);
    return { address: new URL(http).host, host: { user: HOST, sig }, adminSig, setUpLink, stop: () => stop(child, data) };
  } catch (error) {
    await stop(child, data);
    throw new Error(`the server did not become ready:\n${output.join('\n')}`, { cause: error });
  }
}

/** Somebody who may log in. */
export interface Guest {
  readonly sdkAppID: number;
  readonly userID: string;
  readonly userSig: string;
}

/** A viewer without an account of the shop, as the pages get one. */
export async function guest({ address }: Server, nick: string): Promise<Guest> {
  const response = await fetch(`http://${address}/api/v1/guests`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ nick }),
  });
  if (!response.ok) throw new Error(`no guest: ${response.status} ${await response.text()}`);
  return await response.json() as Guest;
}

/** What a merchant's program asks of the shop over REST. */
export async function merchant({ address, adminSig }: Server, command: string, body: object): Promise<void> {
  const { sdkAppID } = await (await fetch(`http://${address}/api/v1/app`)).json() as { sdkAppID: number };
  const query = new URLSearchParams({ sdkappid: String(sdkAppID), identifier: ADMIN, usersig: adminSig, random: '1', contenttype: 'json' });
  const response = await fetch(`http://${address}/v4/live_shop/${command}?${query.toString()}`, { method: 'POST', body: JSON.stringify(body) });
  const { ErrorCode, ErrorInfo } = await response.json() as { ErrorCode: number; ErrorInfo: string };
  if (ErrorCode !== 0) throw new Error(`${command}: ${ErrorCode} ${ErrorInfo}`);
}

/** What it says when it is ready. */
interface Ready {
  readonly http: string;
  readonly console: string;
}

/** Waits for the line that says where it listens. */
function ready(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it took too long')), READY_MS);
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('{"ready"')) return;
      clearTimeout(timer);
      resolve(JSON.parse(line) as Ready);
    });
  });
}

/** What an operator does who wants to sign in as somebody. */
async function signature(user: string, data: string): Promise<string> {
  const { stdout } = await promisify(execFile)(BINARY, ['sig', user, '--data', data]);
  return stdout.trim();
}

async function stop(child: ChildProcess, data: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise<void>((resolve) => { child.once('exit', () => resolve()); });
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
  }
  await rm(data, { recursive: true, force: true });
}
