// One user in a process of his own: the official packages keep one instance per SDKAppID and module.
//
// Arguments: the SDK's package, and the package of a component on top of it or '-'. The parent asks over IPC with
// { id, op, … } and hears { id, value } or { id, error }, and every event as { event, data }.
'use strict';

const WebSocket = require('ws');

const Module = require('node:module');
const [sdkName, componentName] = process.argv.slice(2);

// In Node the SDKs look for a browser in different ways: 2.x wants one, 3.x must not find one.
globalThis.WebSocket = WebSocket;
if (sdkName === 'tim-js-sdk' || componentName === 'tweblive') {
  const nothing = () => {};
  // The player of tweblive looks a page over when it is loaded; nothing of it is used.
  const element = () => ({ style: {}, canPlayType: () => '', setAttribute: nothing, appendChild: nothing });
  Object.assign(globalThis, {
    window: globalThis, self: globalThis, addEventListener: nothing, removeEventListener: nothing,
    location: { protocol: 'http:', href: 'http://localhost/', host: 'localhost', hostname: 'localhost' },
    document: {
      charset: 'utf-8', addEventListener: nothing, createElement: element, createTextNode: element, documentElement: element(), body: element(), head: element(),
      getElementsByTagName: () => [element()],
    },
  });
  Object.defineProperty(globalThis, 'navigator', { value: { userAgent: 'node', onLine: true }, configurable: true });
} else {
  globalThis.window = undefined;
}

const targets = {};
const load = (name) => {
  const module = require(name);
  return module.default ?? module;
};
const TIM = load(sdkName);
/** Options that an application cannot pass through a component which makes the instance itself. */
const added = {};
/** The SDK for components: instances connect to the server of the test, are listened to and keep quiet. */
const wrapped = { ...TIM, TYPES: TIM.TYPES, EVENT: TIM.EVENT, create: (options) => {
  const tim = TIM.create({ ...options, ...added });
  targets.tim = tim;
  listen(tim);
  // Published components turn logging on; it only slows the test.
  const quiet = tim.setLogLevel.bind(tim);
  tim.setLogLevel = () => quiet(4);
  quiet(4);
  return tim;
} };
// Who looks for the module's own default would miss what is wrapped.
delete wrapped.default;
if (componentName === 'tweblive') {
  // It takes its SDK by name, and another one for the video, which is not used here.
  const { _load: loaded } = Module;
  Module._load = (name, parent, main) => name === 'trtc-js-sdk' ? {}
    : name === 'tim-js-sdk' && parent?.filename.includes('tweblive') ? wrapped : loaded(name, parent, main);
}
const Component = componentName === '-' ? null : load(componentName);

/** How files begin: a picture of one point, a sound, a film, a text. */
const CONTENTS = {
  png: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC', 'base64'),
  wav: Buffer.from('UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQgAAACAgICAgICAgA==', 'base64'),
  mp4: Buffer.concat([Buffer.from('00000018667479706d70343200000000', 'hex'), Buffer.from('mp42isom')]),
  text: Buffer.from('<script>alert(1)</script> the price of tea '),
};

const plain = (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
const failure = (error) => ({ code: error?.code, message: String(error?.message ?? error), data: undefined });

function listen(tim) {
  for (const name of new Set(Object.values(TIM.EVENT))) {
    tim.on(name, (event) => process.send({ event: name, data: plain(event.data) }));
  }
}

const operations = {
  create({ options }) {
    targets.tim = TIM.create(options);
    targets.tim.setLogLevel(4);
    listen(targets.tim);
  },
  component({ config, names }) {
    const { proxyServer, ...rest } = config;
    Object.assign(added, { proxyServer });
    targets.tls = new Component({ ...rest, TIM: wrapped });
    for (const name of names) targets.tls.on(name, (data) => process.send({ event: `tls:${name}`, data: plain(data) }));
  },
  im({ options: { proxyServer, ...options } }) {
    Object.assign(added, { proxyServer });
    const ours = componentName === '@hawker/tweblive';
    targets.im = Component.createIM(ours ? { ...options, proxyServer } : options);
    if (ours) targets.tim = targets.im.tim;
    targets.im.setLogLevel(4);
    for (const [name, value] of Object.entries(Component.EVENT)) {
      if (name.startsWith('IM_')) targets.im.on(value, (event) => process.send({ event: name, data: plain(event.data) }));
    }
  },
  /** A handler with a context, taken off again after the first event. */
  imOnce({ name }) {
    const context = { name: 'context' };
    const handler = function () {
      process.send({ event: 'imOnce', data: this?.name ?? '' });
      targets.im.off(Component.EVENT[name], handler, context);
    };
    targets.im.on(Component.EVENT[name], handler, context);
  },
  call({ target, method, args }) {
    return targets[target][method](...args);
  },
  /** A file made here, as bytes do not travel: it begins like its content, and has `size` bytes. */
  async sendFile({ target, method, kind, options, file: { name, type, content, size } }) {
    const head = CONTENTS[content];
    const bytes = new Uint8Array(size ?? head.length);
    bytes.set(head.subarray(0, bytes.length));
    const file = new File([bytes], name, { type });
    const heard = [];
    const onProgress = (share) => heard.push(share);
    if (method) return { ...await targets[target][method]({ ...options, file, onProgress }), heard };
    const message = targets.tim[`create${kind}Message`]({ ...options, payload: { file }, onProgress });
    return { ...await targets.tim.sendMessage(message), heard };
  },
  async send({ kind, options }) {
    return targets.tim.sendMessage(targets.tim[`create${kind}Message`](options));
  },
  async forward({ to, message }) {
    return targets.tim.sendMessage(targets.tim.createForwardMessage({ to, conversationType: 'GROUP', payload: targets.tim.findMessage(message.ID) }));
  },
  async sendAndRevoke({ options }) {
    const { data } = await targets.tim.sendMessage(targets.tim.createTextMessage(options));
    return targets.tim.revokeMessage(data.message);
  },
};

process.on('message', async ({ id, op, ...rest }) => {
  try {
    process.send({ id, value: plain(await operations[op](rest)) });
  } catch (error) {
    process.send({ id, error: failure(error) });
  }
});
// Failures that a package leaves unhandled are told to the parent, not deadly here.
process.on('unhandledRejection', (error) => process.send({ event: 'unhandled', data: failure(error) }));
process.on('uncaughtException', (error) => process.send({ event: 'uncaught', data: failure(error) }));
process.on('disconnect', () => process.exit(0));
process.send({ event: 'started' });
