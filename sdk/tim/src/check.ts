import { Code, bad, byteLength, isBody, textOf } from '@hawker/client';

/** A message with its custom data is at most this long, in bytes of UTF-8 JSON. Source: limits, section 6. */
export const MESSAGE_BYTES_MAX = 12 * 1024;
/** A user id is at most this long, in bytes. */
export const USER_ID_BYTES_MAX = 32;
/** A group id is at most this long, in bytes. */
export const GROUP_ID_BYTES_MAX = 48;
/** Users in one request at most. */
export const ID_LIST_MAX = 100;
/** Members in one request for what a group knows about them. */
export const MEMBER_LIST_MAX = 50;
/** The server's code for a message that is too long, given before it is sent. */
const MESSAGE_TOO_LONG = 80002;

/** The options object itself. */
export function objectOf(value: unknown, method: string): Readonly<Record<string, unknown>> {
  if (!isBody(value)) throw bad(Code.noOptions, 'options', `of ${method} must be an object`);
  return value;
}

/** A string, which may be empty. */
export function textFrom(value: unknown, field: string): string {
  if (typeof value !== 'string') throw bad(Code.badArgument, field, 'must be a string');
  return value;
}

export function groupIdFrom(value: unknown): string {
  return textOf(value, 'groupID', Code.badGroupId, GROUP_ID_BYTES_MAX);
}

export function userIdFrom(value: unknown, field = 'userID'): string {
  return textOf(value, field, Code.noUserId, USER_ID_BYTES_MAX);
}

/** A list of 1 to `max` user ids. */
export function userIdsFrom(value: unknown, max = ID_LIST_MAX): string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > max) {
    throw bad(Code.badUserList, 'userIDList', `must list 1 to ${max} users`);
  }
  return value.map((id) => userIdFrom(id, 'userIDList'));
}

/** A whole number of at least `min`. */
export function wholeFrom(value: unknown, field: string, min: number, code: number = Code.badArgument): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min) throw bad(code, field, `must be a whole number from ${min}`);
  return value;
}

/** `[{key, value}]` in the wire's spelling. */
export function fieldsFrom(value: unknown, field: string): { Key: string; Value: string }[] {
  if (!Array.isArray(value)) throw bad(Code.badArgument, field, 'must list {key, value}');
  return value.map((entry: unknown) => {
    if (!isBody(entry) || typeof entry.value !== 'string') throw bad(Code.badArgument, field, 'must list {key, value} of strings');
    return { Key: textOf(entry.key, `${field}.key`, Code.badArgument), Value: entry.value };
  });
}

/** Refuses what the server would refuse for its length, before it is sent. */
export function checkMessageSize(body: unknown, cloudCustomData: string): void {
  if (byteLength(JSON.stringify(body)) + byteLength(cloudCustomData) > MESSAGE_BYTES_MAX) {
    throw bad(MESSAGE_TOO_LONG, 'payload', `is longer than ${MESSAGE_BYTES_MAX} bytes`);
  }
}
