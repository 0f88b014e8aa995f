import { textOf } from '@hawker/client';
import { objectOf } from '../check.js';
import { ok } from '../core.js';
import type { Handlers } from './calls.js';

/** The door for packages that add calls of their own to an instance. What needs a login is the server's to say. */
export const requestCalls: Handlers<'request'> = {
  request: async (core, command, body) => ok(await core.client.request(textOf(command, 'command'), objectOf(body, 'request'))),
};
