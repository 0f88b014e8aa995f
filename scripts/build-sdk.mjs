// Bundles each published package to ESM and CJS. Types come from `tsc -b`.
//
// tim, live-sells and shop carry what they use of @hawker/client inside: mini-program tools resolve one file per package
// more reliably than a tree, and the packages then really have no run-time dependencies. In the ESM build what is
// imported at run time lies in a file of its own (`dist/later.js`), the CJS build has everything in one.
import { build } from 'esbuild';
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { privateNames } from './private-names.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

// `require('@hawker/tim')` gives the default export itself, as the official package does, with the named ones on it.
const cjsFooter =
  'module.exports=Object.assign(module.exports.default,module.exports);' +
  'Object.defineProperty(module.exports,"__esModule",{value:true});';

// `alone`: carries nothing of @hawker/client.
const packages = [
  { name: 'client', footer: '', alone: true },
  { name: 'tim', footer: cjsFooter },
  { name: 'live-sells', footer: cjsFooter },
  // Nothing is its default: it has a class, tables and decoders, by name.
  { name: 'shop', footer: '' },
  // Its instance is an instance of tim, which stays a package of its own so that there is one of it.
  { name: 'tweblive', footer: cjsFooter, external: ['@hawker/tim'] },
  // Its engines are larger than all else here. In the ESM build each is a file that brings its library along, so that a page
  // without a bundler can play; the CJS build requires the libraries.
  { name: 'player', footer: '', external: ['mpegts.js', 'hls.js/light'], engines: ['flv', 'hls'], alone: true },
];

/**
 * What is imported at run time becomes a file of its own, with its own copies of the small helpers: split by the bundler
 * it would share them in a third file, which every page would have to load beside the first.
 */
const apart = {
  name: 'apart',
  setup: (b) => b.onResolve({ filter: /\/later\/\w+\.js$/ }, ({ kind, path: file }) => {
    const name = path.basename(file);
    return kind === 'dynamic-import' ? { path: name === 'index.js' ? './later.js' : `./${name}`, external: true } : undefined;
  }),
};

for (const { name, footer, external = [], engines = [], alone = false } of packages) {
  const dir = path.join(root, 'sdk', name);
  const entry = path.join(dir, 'src/index.ts');
  const shared = {
    entryPoints: [entry],
    bundle: true,
    external,
    target: 'es2017',
    platform: 'neutral',
    conditions: ['@hawker/source'],
    minifySyntax: true,
    mangleProps: mangled(dir),
    legalComments: 'none',
    logLevel: 'warning',
  };
  const dist = path.join(dir, 'dist');
  // What can `import()` knows this much of the language.
  const esm = { ...shared, format: 'esm', target: 'es2020' };
  const { mangleCache } = await build({ ...esm, mangleCache: {}, outfile: path.join(dist, 'index.js'), plugins: [apart] });
  const later = path.join(dir, 'src/later/index.ts');
  if (existsSync(later)) await build({ ...esm, entryPoints: [later], mangleCache, outfile: path.join(dist, 'later.js') });
  for (const engine of engines) await buildEngine(path.join(dir, 'src/later', `${engine}.ts`), path.join(dist, `${engine}.js`));
  await build({ ...shared, format: 'cjs', outfile: path.join(dist, 'index.cjs'), footer: { js: footer } });
  if (!alone) bundleTypes(dist);
}

/** One file with its library, which is others' code: none of its names may change, and what its authors want said is kept. */
function buildEngine(entry, outfile) {
  return build({
    entryPoints: [entry], outfile, bundle: true, minify: true, format: 'esm', target: 'es2020', platform: 'neutral',
    mainFields: ['module', 'main'], legalComments: 'eof', logLevel: 'warning',
  });
}

/** Names that only this package's own code can see, in one pattern. */
function mangled(dir) {
  const names = privateNames([path.join(dir, 'src/index.ts')]);
  return new RegExp(`^(?:${names.join('|')})$`);
}

/** Types of @hawker/client lie beside the package's own, as its code lies inside: nothing else need be installed. */
function bundleTypes(dist) {
  const types = path.join(root, 'sdk/client/dist');
  const copy = path.join(dist, 'client');
  rmSync(copy, { recursive: true, force: true });
  cpSync(types, copy, { recursive: true, filter: (file) => file === types || file.endsWith('.d.ts') });
  for (const file of readdirSync(dist, { recursive: true }).filter((entry) => entry.endsWith('.d.ts'))) {
    const target = path.join(dist, file);
    const text = readFileSync(target, 'utf8');
    const place = file.includes(path.sep) ? '../client/index.js' : './client/index.js';
    if (text.includes("'@hawker/client'")) writeFileSync(target, text.replaceAll("'@hawker/client'", `'${place}'`));
  }
}
