/**
 * Names on the wire: the shop's JSON with the first letter of each key in upper case, and the room as `GroupId`.
 */
import { type Body, isBody } from '@hawker/client';

const ROOM = 'room';
const GROUP_ID = 'GroupId';
/** Of every answer; whether it is a success was read before. */
const ENVELOPE: readonly string[] = ['ActionStatus', 'ErrorCode', 'ErrorInfo'];

/** A request in the wire's names; what is undefined is left out. */
export function raised(body: Body): Body {
  return renamed(body, (key) => (key === ROOM ? GROUP_ID : key.charAt(0).toUpperCase() + key.slice(1))) as Body;
}

/** An answer in the shop's names, without the envelope. */
export function lowered(body: Body): Body {
  const entries = Object.entries(body).filter(([key]) => !ENVELOPE.includes(key));
  return renamed(Object.fromEntries(entries), (key) => (key === GROUP_ID ? ROOM : key.charAt(0).toLowerCase() + key.slice(1))) as Body;
}

function renamed(value: unknown, name: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => renamed(entry, name));
  if (!isBody(value)) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries.map(([key, field]) => [name(key), renamed(field, name)]));
}
