// Runs the TypeScript tests of the package in the current folder with Node's own test runner: Node 20 does not run
// TypeScript, so each `test/**/*.test.ts` is bundled to `dist/test` first. Arguments name test files to run alone.
import { build } from 'esbuild';
import { readdirSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const out = path.resolve('dist/test');
const wanted = process.argv.slice(2);
const files = readdirSync('test', { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.test.ts') && (wanted.length === 0 || wanted.some((w) => file.includes(w))));
if (files.length === 0) process.exit(0);

rmSync(out, { recursive: true, force: true });
await build({
  entryPoints: files.map((file) => path.join('test', file)),
  outdir: out,
  outbase: 'test',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  conditions: ['@hawker/source'],
  sourcemap: 'inline',
  logLevel: 'warning',
  // Ours are bundled from source; everything else stays what npm installed.
  plugins: [{
    name: 'external-packages',
    setup: (b) => b.onResolve({ filter: /^[^./]/ }, ({ path: name, kind }) =>
      kind === 'entry-point' || name.startsWith('@hawker/') ? undefined : { path: name, external: true }),
  }],
});
const built = files.map((file) => path.join(out, file.replace(/\.ts$/, '.mjs')));
const run = spawnSync(process.execPath, ['--enable-source-maps', '--test', '--test-reporter=spec', '--test-timeout=600000', ...built], { stdio: 'inherit' });
process.exit(run.status ?? 1);
