// The wire between a browser and the server, which can be cut: a browser's own "offline" leaves open sockets open.

import { connect, createServer, type Socket } from 'node:net';

export interface Line {
  readonly address: string;
  /** Ends what is open and refuses what comes. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

export async function openLine(target: string): Promise<Line> {
  const [host = '127.0.0.1', port = '0'] = target.split(':');
  const open = new Set<Socket>();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) return void near.destroy();
    const far = connect(Number(port), host);
    for (const [from, to] of [[near, far], [far, near]] as const) {
      open.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => { open.delete(from); to.destroy(); });
    }
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the line has no port');
  const drop = () => open.forEach((socket) => socket.destroy());
  return {
    address: `127.0.0.1:${address.port}`,
    cut() { whole = false; drop(); },
    mend() { whole = true; },
    close: () => new Promise((resolve) => { drop(); server.close(() => resolve()); }),
  };
}
