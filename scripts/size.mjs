// Fails when @hawker/tim and @hawker/live-sells, bundled together as an application would, exceed the promised size.
import { build } from 'esbuild';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

async function size(label, contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true, minify: true, write: false, format: 'esm', target: 'es2017', platform: 'neutral',
    conditions: ['@hawker/source'], legalComments: 'none', logLevel: 'warning',
  });
  const bytes = gzipSync(outputFiles[0].contents, { level: 9 }).length;
  console.log(`${label}: ${(bytes / 1024).toFixed(2)} KiB gzip`);
  return bytes;
}

/** 20 KB, in the stricter reading of the unit. */
const LIMIT_BYTES = 20_000;

await size('@hawker/client', 'export * from "@hawker/client"');
await size('@hawker/tim', 'export { default } from "@hawker/tim"');
await size('@hawker/live-sells', 'export { default } from "@hawker/live-sells"');
const total = await size('tim + live-sells', 'export { default as TIM } from "@hawker/tim"; export { default as TLS } from "@hawker/live-sells"');
if (total > LIMIT_BYTES) {
  console.error(`tim + live-sells is ${total} bytes, the limit is ${LIMIT_BYTES}`);
  process.exit(1);
}
