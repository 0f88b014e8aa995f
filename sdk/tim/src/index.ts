import { VERSION } from '@hawker/client';
import { Chat } from './chat.js';
import { EVENT, TYPES } from './constants.js';
import type { CreateOptions } from './types.js';

const instances = new Map<number, Chat>();

/**
 * The module's default export, shaped like the official package's.
 *
 * ```ts
 * const tim = TIM.create({ SDKAppID: 1400000001, proxyServer: 'wss://shop.example' });
 * tim.on(TIM.EVENT.SDK_READY, () => tim.joinGroup({ groupID: 'live_42' }));
 * await tim.login({ userID, userSig });
 * ```
 */
const TIM = {
  EVENT,
  TYPES,
  VERSION,
  /**
   * The instance for `SDKAppID`: made by the first call, the same one until it is destroyed.
   *
   * Errors (thrown): 2000 for an SDKAppID that is not a positive integer, 2905 without a server address outside a page
   * or without a way to open sockets.
   */
  create(options: CreateOptions): Chat {
    const known = instances.get(options?.SDKAppID);
    if (known) return known;
    const chat = new Chat(options, () => {
      if (instances.get(options.SDKAppID) === chat) instances.delete(options.SDKAppID);
    });
    instances.set(options.SDKAppID, chat);
    return chat;
  },
};

export default TIM;
export { TIM, Chat, EVENT, TYPES, VERSION };
export { Code, HawkerError, type KickReason, type NetState, type ReconnectPolicy, type WebSocketConstructor } from '@hawker/client';
export { GROUP_ID_BYTES_MAX, ID_LIST_MAX, MEMBER_LIST_MAX, MESSAGE_BYTES_MAX, USER_ID_BYTES_MAX } from './check.js';
export type { LaterCalls, NotOffered } from './calls.js';
export type { EventName } from './constants.js';
export type * from './types.js';
