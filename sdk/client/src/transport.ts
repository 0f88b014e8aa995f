/** One connection attempt. Callbacks of a socket that was closed by us are never called again. */
export interface Socket {
  send(text: string): void;
  close(): void;
}

/** What a socket tells its owner. `closed` comes once, also when the connection never opened. */
export interface SocketListener {
  opened(): void;
  frame(text: string): void;
  closed(): void;
}

/** Opens sockets: browsers, Node and mini programs each have their own. */
export type Transport = (url: string, listener: SocketListener) => Socket;

/** The part of the WHATWG `WebSocket` that is used; the package `ws` fits as well. */
export interface WebSocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(): void;
}

/** Constructor of a {@link WebSocketLike}: `globalThis.WebSocket`, or `WebSocket` of the package `ws` in Node 20. */
export type WebSocketConstructor = new (url: string) => WebSocketLike;

/** `SocketTask` of WeChat mini programs, as documented. */
export interface WxSocketTask {
  send(options: { data: string; fail?: (error: unknown) => void }): void;
  close(options: { code?: number; reason?: string }): void;
  onOpen(callback: () => void): void;
  onMessage(callback: (result: { data: string | ArrayBuffer }) => void): void;
  onClose(callback: () => void): void;
  onError(callback: () => void): void;
}

/** The part of `wx` that is used. */
export interface WxLike {
  connectSocket(options: { url: string; fail?: (error: unknown) => void }): WxSocketTask;
}

/** Lets the first "it is over" through and nothing after it: sockets report an error and a close for one loss. */
function onceClosed(listener: SocketListener): SocketListener & { mute(): void } {
  let over = false;
  return {
    opened: () => { if (!over) listener.opened(); },
    frame: (text) => { if (!over) listener.frame(text); },
    closed: () => { if (!over) { over = true; listener.closed(); } },
    mute: () => { over = true; },
  };
}

/** Sockets of a browser, or of any class that looks like its `WebSocket`. */
export function webSocketTransport(Constructor: WebSocketConstructor): Transport {
  return (url, listener) => {
    const guarded = onceClosed(listener);
    const socket = new Constructor(url);
    socket.onopen = () => guarded.opened();
    socket.onmessage = (event: { data?: unknown }) => {
      if (typeof event.data === 'string') guarded.frame(event.data);
    };
    socket.onclose = () => guarded.closed();
    socket.onerror = () => guarded.closed();
    return {
      send: (text) => socket.send(text),
      close: () => { guarded.mute(); socket.close(); },
    };
  };
}

/** Sockets of a WeChat mini program. */
export function wxTransport(wx: WxLike): Transport {
  return (url, listener) => {
    const guarded = onceClosed(listener);
    const task = wx.connectSocket({ url, fail: () => guarded.closed() });
    task.onOpen(() => guarded.opened());
    task.onMessage(({ data }) => { if (typeof data === 'string') guarded.frame(data); });
    task.onClose(() => guarded.closed());
    task.onError(() => guarded.closed());
    return {
      send: (text) => task.send({ data: text, fail: () => guarded.closed() }),
      close: () => { guarded.mute(); task.close({ code: 1000 }); },
    };
  };
}

/** What this platform offers: its `WebSocket`, else `wx.connectSocket`, else nothing. */
export function platformTransport(): Transport | null {
  const platform = globalThis as { WebSocket?: WebSocketConstructor };
  if (typeof platform.WebSocket === 'function') return webSocketTransport(platform.WebSocket);
  const mini = wxGlobal();
  return mini ? wxTransport(mini) : null;
}

declare const wx: WxLike | undefined;

/** In a mini program `wx` is a free name of the module scope and need not be a property of the global object. */
function wxGlobal(): WxLike | null {
  return typeof wx !== 'undefined' && typeof wx.connectSocket === 'function' ? wx : null;
}

/** `ws(s)://` address of the page this runs in, `''` outside a page. */
export function pageServer(): string {
  const page = globalThis as { location?: { protocol?: unknown; host?: unknown } };
  const { protocol, host } = page.location ?? {};
  if (typeof host !== 'string' || host === '') return '';
  return protocol === 'https:' ? `wss://${host}` : protocol === 'http:' ? `ws://${host}` : '';
}
