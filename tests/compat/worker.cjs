// One user in a process of his own: the official packages keep one instance per SDKAppID and module.
//
// Arguments: the SDK's package, and the live-selling component's package or '-'. The parent asks over IPC with
// { id, op, … } and hears { id, value } or { id, error }, and every event as { event, data }.
'use strict';

const WebSocket = require('ws');

const [sdkName, componentName] = process.argv.slice(2);

// In Node the SDKs look for a browser in different ways: 2.x wants one, 3.x must not find one.
globalThis.WebSocket = WebSocket;
if (sdkName === 'tim-js-sdk') {
  const nothing = () => {};
  Object.assign(globalThis, {
    window: globalThis, addEventListener: nothing, removeEventListener: nothing,
    location: { protocol: 'http:', href: 'http://localhost/', host: 'localhost', hostname: 'localhost' },
    document: { charset: 'utf-8', addEventListener: nothing, createElement: () => ({}) },
  });
  Object.defineProperty(globalThis, 'navigator', { value: { userAgent: 'node', onLine: true }, configurable: true });
} else {
  globalThis.window = undefined;
}

const load = (name) => {
  const module = require(name);
  return module.default ?? module;
};
const TIM = load(sdkName);
const Component = componentName === '-' ? null : load(componentName);

const plain = (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
const failure = (error) => ({ code: error?.code, message: String(error?.message ?? error), data: undefined });
const targets = {};

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
    const wrapped = { ...TIM, TYPES: TIM.TYPES, EVENT: TIM.EVENT, create: (options) => {
      const tim = TIM.create({ ...options, proxyServer });
      listen(tim);
      // The published component turns logging on; it only slows the test.
      const quiet = tim.setLogLevel.bind(tim);
      tim.setLogLevel = () => quiet(4);
      return tim;
    } };
    targets.tls = new Component({ ...rest, TIM: wrapped });
    targets.tim = targets.tls.tim;
    for (const name of names) targets.tls.on(name, (data) => process.send({ event: `tls:${name}`, data: plain(data) }));
  },
  call({ target, method, args }) {
    return targets[target][method](...args);
  },
  async send({ kind, options }) {
    return targets.tim.sendMessage(targets.tim[`create${kind}Message`](options));
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
