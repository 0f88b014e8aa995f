import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import {
  Client, HawkerError, type WebSocketConstructor, type WxSocketTask, pageServer, platformTransport, webSocketTransport, wxTransport,
} from '../src/index.js';

/** `wx` with the documented surface only; the connection behind it is an array of what was sent. */
class FakeTask implements WxSocketTask {
  sent: string[] = [];
  closed: { code?: number } | null = null;
  private readonly callbacks: Record<string, (value?: never) => void> = {};
  send(options: { data: string }): void { this.sent.push(options.data); }
  close(options: { code?: number }): void { this.closed = options; }
  onOpen(callback: () => void): void { this.callbacks.open = callback; }
  onMessage(callback: (result: { data: string | ArrayBuffer }) => void): void { this.callbacks.message = callback as never; }
  onClose(callback: () => void): void { this.callbacks.close = callback; }
  onError(callback: () => void): void { this.callbacks.error = callback; }
  raise(name: string, value?: unknown): void { this.callbacks[name]?.(value as never); }
}

class FakeWx {
  tasks: FakeTask[] = [];
  urls: string[] = [];
  connectSocket({ url }: { url: string }): FakeTask {
    this.urls.push(url);
    const task = new FakeTask();
    this.tasks.push(task);
    return task;
  }
  get task(): FakeTask { return this.tasks[this.tasks.length - 1] as FakeTask; }
}

const globals = globalThis as Record<string, unknown>;
afterEach(() => { delete globals.wx; delete globals.location; });

describe('mini programs', () => {
  it('connect, ask and answer over wx.connectSocket alone', async () => {
    const wx = new FakeWx();
    globals.wx = wx;
    const client = new Client({ sdkAppID: 1400000001, server: 'wss://shop.example' });
    assert.match(wx.urls[0] ?? '', /^wss:\/\/shop\.example\/info\?sdkappid=1400000001&instanceid=[0-9a-f]{32}&random=\d+&platform=7&/);
    assert.doesNotMatch(wx.urls[0] ?? '', /compress/);
    wx.task.raise('open');
    const reply = client.request('a.b', {});
    const { head } = JSON.parse(wx.task.sent[wx.task.sent.length - 1] ?? '') as { head: { seq: number } };
    wx.task.raise('message', { data: new ArrayBuffer(4) });
    wx.task.raise('message', { data: JSON.stringify({ head: { servcmd: 'a.b', seq: head.seq }, body: { ErrorCode: 0, x: 1 } }) });
    assert.equal((await reply).x, 1);
    client.destroy();
    assert.deepEqual(wx.task.closed, { code: 1000 });
  });

  it('take an error and a close for one loss', () => {
    const wx = new FakeWx();
    let losses = 0;
    wxTransport(wx)('wss://x', { opened: () => undefined, frame: () => undefined, closed: () => { losses += 1; } });
    wx.task.raise('error');
    wx.task.raise('close');
    assert.equal(losses, 1);
  });
});

describe('choice of transport', () => {
  it('is refused with a reason when there is none', () => {
    const native = globals.WebSocket;
    delete globals.WebSocket;
    try {
      assert.equal(platformTransport(), null);
      assert.throws(() => new Client({ sdkAppID: 1, server: 'ws://x' }), (error) => error instanceof HawkerError && /webSocket/.test(error.message));
    } finally {
      if (native !== undefined) globals.WebSocket = native;
    }
  });

  it('is refused without a server address', () => {
    for (const server of ['', 'http://x', 'ws://', 'shop.example']) {
      assert.throws(() => new Client({ sdkAppID: 1, server, webSocket: WebSocket as unknown as WebSocketConstructor }), HawkerError, server);
    }
  });

  it('takes the server of the page', () => {
    for (const [protocol, host, want] of [['https:', 'shop.example', 'wss://shop.example'], ['http:', 'h:81', 'ws://h:81'], ['file:', '', '']] as const) {
      globals.location = { protocol, host };
      assert.equal(pageServer(), want);
    }
    delete globals.location;
    assert.equal(pageServer(), '');
  });
});

describe('WebSocket', () => {
  it('of the package ws fits, reconnects after a loss and reports it once', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await new Promise((resolve) => { server.once('listening', resolve); });
    server.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => {
        const { head } = JSON.parse(data.toString()) as { head: object };
        socket.send(JSON.stringify({ head, body: { ErrorCode: 0 } }));
      });
    });
    const address = server.address() as { port: number };
    const client = new Client({
      sdkAppID: 1, server: `ws://127.0.0.1:${address.port}`, webSocket: WebSocket as unknown as WebSocketConstructor,
      reconnect: { delayMs: () => 0 },
    });
    await client.request('a.b', {});
    const states: string[] = [];
    const back = new Promise<void>((resolve) => {
      client.listen((event) => {
        if (event.type !== 'net') return;
        states.push(event.state);
        if (event.state === 'connected') resolve();
      });
    });
    for (const socket of server.clients) socket.terminate();
    await back;
    assert.deepEqual(states, ['connecting', 'connected']);
    await client.request('a.b', {});
    client.destroy();
    await assert.rejects(client.request('a.b', {}), /destroyed/);
    await new Promise((resolve) => { server.close(resolve); });
  });

  it('does not hear a socket it has closed', () => {
    const raised: { onopen: (() => void) | null; onclose: (() => void) | null }[] = [];
    class Silent {
      onopen = null; onmessage = null; onclose = null; onerror = null;
      constructor() { raised.push(this); }
      send(): void { /* nobody listens */ }
      close(): void { /* closes later */ }
    }
    let heard = 0;
    const count = (): void => { heard += 1; };
    const socket = webSocketTransport(Silent)('ws://x', { opened: count, frame: count, closed: count });
    socket.close();
    raised[0]?.onopen?.();
    raised[0]?.onclose?.();
    assert.equal(heard, 0);
  });

  it('a listener that throws is reported as uncaught and does not stop the others', (context) => {
    const later: (() => void)[] = [];
    const wx = new FakeWx();
    const client = new Client({ sdkAppID: 1, server: 'ws://x', transport: wxTransport(wx) });
    let heard = 0;
    client.listen(() => { throw new Error('mine'); });
    client.listen(() => { heard += 1; });
    wx.task.raise('open');
    const timeout = context.mock.method(globalThis, 'setTimeout', (callback: () => void, ms: number) => {
      if (ms === 0) later.push(callback);
      return undefined as never;
    });
    wx.task.raise('close');
    timeout.mock.restore();
    assert.equal(heard, 1);
    assert.throws(() => later[0]?.(), /mine/);
    client.destroy();
  });
});
