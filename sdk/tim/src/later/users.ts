import { type Body, Code, bad, bodiesOf, isBody, numberOf, stringOf } from '@hawker/client';
import { objectOf, userIdsFrom } from '../check.js';
import { EVENT, TYPES } from '../constants.js';
import { type Core, ok } from '../core.js';
import type { UserStatus } from '../types.js';
import type { Handlers } from './calls.js';

/** Users in one question for their status. */
const STATUS_MAX = 500;
const STATUS = 'im_open_status.';
/** Reads of the blacklist at most; each brings a thousand. */
const BLACKLIST_PAGES_MAX = 10;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Text from base64 of UTF-8. Mini programs have no `atob`; what is neither comes out as it is. */
export function fromBase64(text: string): string {
  let percent = '';
  let bits = 0;
  let held = 0;
  for (const character of text.replace(/=+$/, '')) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return text;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    percent += `%${((held >> bits) & 0xff).toString(16).padStart(2, '0')}`;
  }
  try {
    return decodeURIComponent(percent);
  } catch {
    return text;
  }
}

function statusOf(entry: Body): UserStatus {
  return { userID: stringOf(entry.To_Account), statusType: numberOf(entry.Status), customStatus: fromBase64(stringOf(entry.CustomStatus)) };
}

function failuresOf(list: unknown): { userID: string; code: number; message: string }[] {
  return bodiesOf(list).map((entry) => ({
    userID: stringOf(entry.To_Account) || stringOf(entry.Invalid_Account), code: numberOf(entry.ErrorCode), message: stringOf(entry.ErrorInfo),
  }));
}

/** What others say about themselves has changed. */
export function onUserStatus(core: Core, item: Body): void {
  const list = bodiesOf(item.UserStatusList).map(statusOf);
  if (list.length > 0) core.emit(EVENT.USER_STATUS_UPDATED, list);
}

async function blacklist(core: Core): Promise<string[]> {
  const users: string[] = [];
  let StartIndex = 0;
  for (let page = 0; page < BLACKLIST_PAGES_MAX; page += 1) {
    const body = { From_Account: core.userID, StartIndex, MaxLimited: 1000, LastSequence: 0 };
    const reply = await core.ask('getBlacklist', 'sns.black_list_get', body);
    users.push(...bodiesOf(reply.BlackListItem).map((entry) => stringOf(entry.To_Account)));
    StartIndex = numberOf(reply.StartIndex);
    if (StartIndex === 0) break;
  }
  return users;
}

async function changeBlacklist(core: Core, method: string, command: string, options: unknown): ReturnType<Handlers<'getBlacklist'>['getBlacklist']> {
  const ids = userIdsFrom(objectOf(options, method).userIDList);
  if (ids.includes(core.userID)) throw bad(Code.blockSelf, 'userIDList', 'must not name oneself');
  await core.ask(method, `sns.${command}`, { From_Account: core.userID, To_Account: ids });
  const users = await blacklist(core);
  core.emit(EVENT.BLACKLIST_UPDATED, users);
  return ok(users);
}

/** Status and blacklist. Source: docs/direct-messages.md. */
export const userCalls: Handlers<
  'getUserStatus' | 'setSelfStatus' | 'subscribeUserStatus' | 'unsubscribeUserStatus' | 'getBlacklist' | 'addToBlacklist' | 'removeFromBlacklist'
> = {
  async getUserStatus(core, options) {
    const ids = userIdsFrom(objectOf(options, 'getUserStatus').userIDList, STATUS_MAX);
    const others = ids.filter((id) => id !== core.userID);
    const reply = others.length > 0 ? await core.ask('getUserStatus', `${STATUS}ws_get_user_status`, { To_Account: others }) : {};
    const own = others.length < ids.length ? [{ userID: core.userID, statusType: TYPES.USER_STATUS_ONLINE, customStatus: core.customStatus }] : [];
    return ok({ successUserList: [...own, ...bodiesOf(reply.UserStatusList).map(statusOf)], failureUserList: failuresOf(reply.ErrorList) });
  },

  async setSelfStatus(core, options) {
    const { customStatus } = objectOf(options, 'setSelfStatus');
    if (typeof customStatus !== 'string') throw bad(Code.badArgument, 'customStatus', 'must be a string');
    await core.ask('setSelfStatus', `${STATUS}ws_set_custom_status`, { CustomStatus: customStatus });
    core.customStatus = customStatus;
    return ok({ userID: core.userID, statusType: TYPES.USER_STATUS_ONLINE, customStatus });
  },

  async subscribeUserStatus(core, options) {
    const ids = userIdsFrom(objectOf(options, 'subscribeUserStatus').userIDList);
    return ok({ failureUserList: failuresOf((await core.ask('subscribeUserStatus', `${STATUS}ws_status_subscribe`, { To_Account: ids })).ErrorList) });
  },

  async unsubscribeUserStatus(core, options) {
    const list = isBody(options) ? options.userIDList : undefined;
    const all = list === undefined || (Array.isArray(list) && list.length === 0);
    const body = all ? { UnsubscribeAll: 1 } : { To_Account: userIdsFrom(list) };
    return ok({ failureUserList: failuresOf((await core.ask('unsubscribeUserStatus', `${STATUS}ws_status_unsubscribe`, body)).ErrorList) });
  },

  getBlacklist: async (core) => ok(await blacklist(core)),
  addToBlacklist: (core, options) => changeBlacklist(core, 'addToBlacklist', 'black_list_add', options),
  removeFromBlacklist: (core, options) => changeBlacklist(core, 'removeFromBlacklist', 'black_list_delete', options),
};
