import { Code, type CreateOptions, HawkerError, VERSION } from '@hawker/tim';
import { EVENT, TYPES } from './constants.js';
import { IM } from './im.js';

const instances = new Map<number, IM>();

/** Pictures and sound of a show are not the chat's business. */
function notOffered(name: string): never {
  throw new HawkerError(Code.notOffered, `${name} is not offered by @hawker/tweblive, which is the chat of a room`);
}

/**
 * The module's default export, shaped like the published package's.
 *
 * ```ts
 * const im = TWebLive.createIM({ SDKAppID: 1400000001, proxyServer: 'wss://shop.example' });
 * im.on(TWebLive.EVENT.IM_TEXT_MESSAGE_RECEIVED, ({ data }) => data.forEach(show));
 * await im.enterRoom('live_42');
 * ```
 */
const TWebLive = {
  EVENT,
  TYPES,
  VERSION,
  /**
   * The chat of `SDKAppID`: made by the first call, the same one until it is destroyed. Options are those of `TIM.create`.
   *
   * Errors (thrown): 2000 for an SDKAppID that is not a positive integer, 2905 without a server address outside a page.
   */
  createIM(options: CreateOptions): IM {
    const known = instances.get(options?.SDKAppID);
    if (known) return known;
    const im = new IM(options, () => { instances.delete(options.SDKAppID); });
    instances.set(options.SDKAppID, im);
    return im;
  },
  createPusher: (): never => notOffered('createPusher'),
  createPlayer: (): never => notOffered('createPlayer'),
};

export default TWebLive;
export { TWebLive, IM, EVENT, TYPES, VERSION };
export type { CustomFields, SendTo } from './im.js';
export type { DataOf, ImEvent, ImEvents } from './constants.js';
export { Code, HawkerError } from '@hawker/tim';
