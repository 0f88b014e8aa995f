// A shop's own page on a host of its own, with the official packages as npm installed them.

import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.resolve('package.json'));

export interface Origin {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves an empty page that loads these packages. */
export async function openOrigin(packages: readonly string[]): Promise<Origin> {
  const scripts = new Map<string, Buffer>();
  for (const name of packages) scripts.set(`/${name}.js`, await readFile(require.resolve(name)));
  const tags = packages.map((name) => `<script src="/${name}.js"></script>`).join('');
  const page = `<!doctype html><meta charset="utf-8"><title>A shop</title><link rel="icon" href="data:,">${tags}<body></body>`;
  return serve((request, response) => {
    const script = scripts.get(request.url ?? '');
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html; charset=utf-8');
    response.end(script ?? page);
  });
}

/** A host of its own, on a free port. */
export async function serve(answer: RequestListener): Promise<Origin> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the shop has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () => new Promise((resolve) => { server.closeAllConnections(); server.close(() => resolve()); }),
  };
}
