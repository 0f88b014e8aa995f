// The real server, in demo mode, on a free port and in a folder of its own.

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const READY_MS = 20_000;
const STOP_MS = 10_000;

export const BINARY = process.env.HAWKER_BIN ?? path.resolve('../../target/debug/hawker');

export interface Server {
  /** `host:port`. */
  readonly address: string;
  /** The host of the demo shop, who may open rooms. */
  readonly host: { readonly user: string; readonly sig: string };
  stop(): Promise<void>;
}

export async function startServer(): Promise<Server> {
  if (!existsSync(BINARY)) throw new Error(`there is no server at ${BINARY}: cargo build, or name one in HAWKER_BIN`);
  const data = await mkdtemp(path.join(tmpdir(), 'hawker-browser-'));
  const child = spawn(BINARY, ['serve', '--demo', '--data', data, '--listen', '127.0.0.1:0', '--ready-json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  const note = (line: string) => { if (output.push(line) > 400) output.shift(); };
  createInterface({ input: child.stderr }).on('line', note);
  try {
    const { http, fragment } = await ready(child, note);
    return { address: new URL(http).host, host: fragment, stop: () => stop(child, data) };
  } catch (error) {
    await stop(child, data);
    throw new Error(`the server did not become ready:\n${output.join('\n')}`, { cause: error });
  }
}

interface Ready {
  readonly http: string;
  readonly fragment: { readonly user: string; readonly sig: string };
}

/** Waits for the ready line, and for the link to the studio, which carries the host's signature. */
function ready(child: ChildProcess, note: (line: string) => void): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it took too long')), READY_MS);
    let http = '';
    let fragment: Ready['fragment'] | null = null;
    const read = (line: string) => {
      note(line);
      http = readyAddress(line) || http;
      fragment = studioFragment(line) ?? fragment;
      if (!http || !fragment) return;
      clearTimeout(timer);
      resolve({ http, fragment });
    };
    for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on('line', read);
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
  });
}

function readyAddress(line: string): string {
  if (!line.includes('"ready"')) return '';
  const { http } = JSON.parse(line) as { http?: string };
  return http ?? '';
}

function studioFragment(line: string): Ready['fragment'] | null {
  const match = /\/studio#([^\s"']+)/.exec(line);
  if (!match?.[1]) return null;
  const fields = new URLSearchParams(match[1]);
  const [user, sig] = [fields.get('user'), fields.get('sig')];
  return user && sig ? { user, sig } : null;
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
