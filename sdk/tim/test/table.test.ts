// The table of the README, the class and the official types say the same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import ts from 'typescript';
import { type Chat, Code, HawkerError } from '../src/index.js';
import { LATER, NOT_OFFERED, NOT_OFFERED_AT_ONCE } from '../src/calls.js';
import { FakeServer } from './fake-server.js';

const require = createRequire(path.resolve('package.json'));
const root = (name: string): string => path.dirname(require.resolve(`${name}/package.json`));
const OFFICIAL = [path.join(root('tim-js-sdk'), 'tim-js.d.ts'), path.join(root('@tencentcloud/chat'), 'index.d.ts')];

type Status = 'same' | 'partial' | 'not offered';

/** The methods of the class of an official package's instances. */
function methodsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const names: string[] = [];
  ts.forEachChild(source, (node) => {
    if (!ts.isClassDeclaration(node) || node.name?.text !== 'ChatSDK') return;
    for (const member of node.members) if (ts.isMethodDeclaration(member) && ts.isIdentifier(member.name)) names.push(member.name.text);
  });
  assert.ok(names.length > 90, file);
  return names;
}

/** What the README says of each method. */
function table(): Map<string, Status> {
  const rows = new Map<string, Status>();
  const [, section = ''] = readFileSync('README.md', 'utf8').split('## Every call of the official packages');
  for (const line of (section.split('\n## ')[0] ?? '').split('\n')) {
    const [, methods = '', status = ''] = line.split('|').map((cell) => cell.trim());
    for (const [, name = ''] of methods.matchAll(/`(\w+)`/g)) {
      assert.ok(!rows.has(name), `${name} is there twice`);
      rows.set(name, status as Status);
    }
  }
  return rows;
}

describe('the table of calls', () => {
  const server = new FakeServer();
  let chat: Chat;
  const call = (name: string): unknown => (chat as unknown as Record<string, (...given: unknown[]) => unknown>)[name]?.call(chat);
  before(async () => {
    await server.start();
    chat = await server.user('bob');
  });
  after(async () => {
    await chat.destroy();
    await server.stop();
  });

  it('names every method of both official packages, and no other', () => {
    const official = new Set(OFFICIAL.flatMap(methodsOf));
    assert.deepEqual([...table().keys()].sort(), [...official].sort());
    for (const status of table().values()) assert.ok(['same', 'partial', 'not offered'].includes(status), status);
  });

  it('is true of what is not offered: it rejects with one code and says its name', async () => {
    const missing = [...table()].filter(([, status]) => status === 'not offered').map(([name]) => name);
    assert.deepEqual(missing.sort(), [...NOT_OFFERED, ...NOT_OFFERED_AT_ONCE].sort());
    for (const name of missing) {
      await assert.rejects(async () => { await call(name); }, (error: unknown) =>
        error instanceof HawkerError && error.code === Code.notOffered && error.message.includes(name), name);
    }
  });

  it('is true of what is offered: it is there, and what is loaded later is marked so', async () => {
    const [, section = ''] = readFileSync('README.md', 'utf8').split('## Every call of the official packages');
    const marked = section.split('\n').filter((line) => line.includes('*later*') && !line.includes('createImageMessage'));
    const later = new Set(marked.flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name)));
    assert.deepEqual([...later].sort(), LATER.filter((name) => table().has(name)).sort());
    for (const [name, status] of table()) {
      if (status !== 'not offered') assert.equal(typeof (chat as unknown as Record<string, unknown>)[name], 'function', name);
    }
    // Without arguments each of them answers or refuses; none is missing or breaks.
    for (const name of LATER) {
      await Promise.resolve(call(name)).catch((error: unknown) => { assert.ok(error instanceof HawkerError, `${name}: ${String(error)}`); });
    }
  });
});
