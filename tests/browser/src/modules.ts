// A shop's own page on a host of its own, with our packages as they are published: modules, loaded as a browser does it.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { serve, type Origin } from './origin';

const PACKAGES = ['tim', 'tweblive', 'player'] as const;
const SDK = path.resolve('../../sdk');

/** Serves an empty page that can import our packages by name. */
export function openModules(): Promise<Origin> {
  const imports = Object.fromEntries(PACKAGES.map((name) => [`@hawker/${name}`, `/${name}/index.js`]));
  const page = `<!doctype html><meta charset="utf-8"><title>A shop</title><link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports })}</script><body><input type="file" id="picker"></body>`;
  return serve((request, response) => {
    const [, name = '', file = ''] = /^\/(\w+)\/(\w+\.js)$/.exec(request.url ?? '') ?? [];
    if (!PACKAGES.some((known) => known === name)) {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(page);
      return;
    }
    response.setHeader('content-type', 'text/javascript; charset=utf-8');
    readFile(path.join(SDK, name, 'dist', file)).then((text) => response.end(text), () => { response.statusCode = 404; response.end(); });
  });
}
