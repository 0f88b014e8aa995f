import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { WebSocket } from 'ws';

type Callback<T = void> = (value: T) => void;

/** `wx.connectSocket` as documented: options in, a SocketTask out, everything else by callback. */
function connectSocket({ url, fail }: { url: string; fail?: Callback<{ errMsg: string }> }): object {
  const socket = new WebSocket(url);
  socket.on('error', () => fail?.({ errMsg: 'connectSocket:fail' }));
  return {
    send: (options: { data: string; fail?: Callback<{ errMsg: string }> }) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(options.data);
      else options.fail?.({ errMsg: 'sendSocketMessage:fail' });
    },
    close: ({ code, reason }: { code?: number; reason?: string }) => { socket.close(code, reason); },
    onOpen: (callback: Callback<{ header: object }>) => { socket.on('open', () => { callback({ header: {} }); }); },
    onMessage: (callback: Callback<{ data: string | ArrayBuffer }>) => { socket.on('message', (data: Buffer, binary) => { callback({ data: binary ? new Uint8Array(data).buffer : data.toString() }); }); },
    onClose: (callback: Callback<{ code: number }>) => { socket.on('close', (code) => { callback({ code }); }); },
    onError: (callback: Callback<{ errMsg: string }>) => { socket.on('error', () => { callback({ errMsg: 'error' }); }); },
  };
}

interface ReadFile { filePath: string; success: Callback<{ data: ArrayBuffer }>; fail: Callback<{ errMsg: string }> }
interface Request {
  url: string; method: string; data: ArrayBuffer; header: Record<string, string>;
  success: Callback<{ statusCode: number; data: unknown }>; fail: Callback<{ errMsg: string }>;
}

/** `wx.getFileSystemManager().readFile` as documented. */
const files = {
  readFile({ filePath, success, fail }: ReadFile): void {
    if (!existsSync(filePath)) return fail({ errMsg: `readFile:fail no such file or directory "${filePath}"` });
    success({ data: new Uint8Array(readFileSync(filePath)).buffer });
  },
};

/** `wx.request` as documented: an answer in JSON comes as what it says. */
function request({ url, method, data, header, success, fail }: Request): void {
  fetch(url, { method, body: data, headers: header }).then(async (response) => {
    const text = await response.text();
    success({ statusCode: response.status, data: text.startsWith('{') ? JSON.parse(text) : text });
  }, () => { fail({ errMsg: 'request:fail' }); });
}

/** Loads published bundles into a world that has the language, timers, the console and `wx`, and nothing else. */
export function miniProgram(): (file: string, packages?: Readonly<Record<string, unknown>>) => unknown {
  const wx = { connectSocket, getFileSystemManager: () => files, request };
  const context = vm.createContext({ wx, setTimeout, clearTimeout, console });
  return (file, packages = {}) => {
    const text = `(function (module, exports, require) {${readFileSync(path.resolve(file), 'utf8')}\n})`;
    const run = vm.runInContext(text, context) as (module: object, exports: object, require: (name: string) => unknown) => void;
    const module = { exports: {} };
    run(module, module.exports, (name) => packages[name]);
    return module.exports;
  };
}
