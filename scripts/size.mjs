// Fails when the published packages, bundled together as an application would, exceed the promised sizes.
//
// What counts is what a page loads before it shows a room: the entry and everything it imports statically, each file
// minified and compressed by itself. `whole` adds what is imported at run time, at the first call that needs it; the
// CJS builds (mini programs) have everything in one file.
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length;

/** Bytes of an application that imports these, at its start and in all. */
async function size(label, contents) {
  const { metafile, outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true, minify: true, write: false, metafile: true, splitting: true, outdir: root, format: 'esm', target: 'es2020',
    platform: 'neutral', mainFields: ['module'], legalComments: 'none', logLevel: 'warning',
  });
  const bytes = new Map(outputFiles.map((file) => [path.relative(root, file.path), gzipped(file.contents)]));
  const outputs = new Map(Object.entries(metafile.outputs).map(([file, output]) => [path.relative(root, path.resolve(file)), output]));
  const initial = new Set();
  const load = (file) => {
    if (initial.has(file)) return;
    initial.add(file);
    for (const { path: next, kind } of outputs.get(file).imports) {
      if (kind === 'import-statement') load(path.relative(root, path.resolve(next)));
    }
  };
  load([...outputs].find(([, { entryPoint }]) => entryPoint !== undefined)[0]);
  const sum = (files) => files.reduce((total, file) => total + bytes.get(file), 0);
  const sizes = { initial: sum([...initial]), whole: sum([...bytes.keys()]) };
  console.log(`${label}: ${sizes.initial} bytes gzip at the start, ${sizes.whole} whole`);
  return sizes;
}

/** 20 KB, in the stricter reading of the unit. */
const LIMIT_BYTES = 20_000;
/** What `tweblive` may add to `tim`. */
const TWEBLIVE_BYTES = 3_000;
/** The shop, which a page may load after the room is shown. */
const SHOP_BYTES = 4_500;
/** The player without its engines, of which a page loads one when it plays. */
const PLAYER_BYTES = 4_000;

await size('@hawker/client', 'export * from "@hawker/client"');
const tim = await size('@hawker/tim', 'export { default } from "@hawker/tim"');
await size('@hawker/live-sells', 'export { default } from "@hawker/live-sells"');
const both = await size('tim + live-sells', 'export { default as TIM } from "@hawker/tim"; export { default as TLS } from "@hawker/live-sells"');
const live = await size('tweblive', 'export { default } from "@hawker/tweblive"');
const shop = await size('@hawker/shop', 'export * from "@hawker/shop"');
const player = await size('@hawker/player', 'export * from "@hawker/player"');
for (const name of ['tim', 'live-sells', 'tweblive', 'shop', 'player']) {
  const { outputFiles } = await build({ entryPoints: [path.join(root, 'sdk', name, 'dist/index.cjs')], minify: true, write: false, logLevel: 'warning' });
  console.log(`@hawker/${name} as CJS: ${gzipped(outputFiles[0].contents)} bytes gzip, ${readFileSync(path.join(root, 'sdk', name, 'dist/index.cjs')).length} as published`);
}

const limits = [
  ['tim + live-sells at the start', both.initial, LIMIT_BYTES],
  ['what tweblive adds to tim', live.initial - tim.initial, TWEBLIVE_BYTES],
  ['shop', shop.whole, SHOP_BYTES],
  ['player at the start', player.initial, PLAYER_BYTES],
];
for (const [what, bytes, limit] of limits) {
  console.log(`${what}: ${bytes} of ${limit} bytes`);
  if (bytes > limit) process.exitCode = 1;
}
if (process.exitCode) console.error('too large');
