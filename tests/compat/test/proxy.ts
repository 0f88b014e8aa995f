import { once } from 'node:events';
import net from 'node:net';
import type { TestServer } from './server.js';

/** A wire between clients and the server that can be cut and mended. */
export class Wire {
  private readonly sockets = new Set<net.Socket>();
  private readonly listener: net.Server;
  private whole = true;

  private constructor(private readonly target: URL) {
    this.listener = net.createServer((client) => { this.join(client); });
  }

  static async to(server: TestServer): Promise<Wire> {
    const wire = new Wire(new URL(server.http));
    wire.listener.listen(0, '127.0.0.1');
    await once(wire.listener, 'listening');
    return wire;
  }

  /** The server as it is seen over this wire. */
  over(server: TestServer): TestServer {
    const { port } = this.listener.address() as net.AddressInfo;
    return Object.create(server, { ws: { value: `ws://127.0.0.1:${port}` } }) as TestServer;
  }

  private join(client: net.Socket): void {
    if (!this.whole) return void client.destroy();
    const upstream = net.connect(Number(this.target.port), this.target.hostname);
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      this.sockets.add(from);
      from.pipe(to);
      from.on('error', () => { to.destroy(); });
      from.on('close', () => { to.destroy(); this.sockets.delete(from); });
    }
  }

  /** Loses every connection; new ones are refused until `mend`. */
  cut(): void {
    this.whole = false;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.whole = true;
  }

  async close(): Promise<void> {
    this.cut();
    this.listener.close();
    await once(this.listener, 'close');
  }
}
