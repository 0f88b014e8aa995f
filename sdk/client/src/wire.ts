/**
 * The envelope every frame has, in both directions: `{"head": …, "body": …}` as JSON text.
 *
 * Source: wire protocol, sections 1 and 2. Bodies stay untyped here (`Body`): what they mean belongs to the layer
 * that asked, and a server may add fields at any time.
 */

/** A JSON object as it came from the wire. Fields are read through the helpers below, never trusted. */
export type Body = Readonly<Record<string, unknown>>;

/** Head of a frame. Only these two fields are read by us. */
export interface Head {
  readonly servcmd: string;
  readonly seq: number;
}

/** One frame, decoded. */
export interface Frame {
  readonly head: Head;
  readonly body: Body;
}

/** Who a request is sent as. Before login `identifier` and `usersig`, afterwards the token `a2` with `tinyid`. */
export interface Identity {
  readonly identifier: string;
  readonly usersig: string;
  readonly a2: string;
  readonly tinyid: string;
  /** Instance id of the login reply, 0 before. */
  readonly instance: number;
}

/** Nobody: an anonymous viewer, or a client before its login. */
export const NOBODY: Identity = { identifier: '', usersig: '', a2: '', tinyid: '', instance: 0 };

/** Version of these packages, sent as `sdkversion` in the address. */
export const VERSION = '0.1.0';

/** Largest frame we read, in UTF-16 units. A server sends far less; more than this is not ours to hold in memory. */
export const FRAME_LENGTH_MAX = 4 * 1024 * 1024;

/** True for a JSON object, false for arrays, null and scalars. */
export function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as an object, an empty one when it is anything else. */
export function bodyOf(value: unknown): Body {
  return isBody(value) ? value : {};
}

/** The objects in a list, an empty list when the value is anything else. */
export function bodiesOf(value: unknown): Body[] {
  return Array.isArray(value) ? value.filter(isBody) : [];
}

/** The value as a string: numbers are written out, everything else is `''`. */
export function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** The value as a finite number; strings of digits count, everything else is `fallback`. */
export function numberOf(value: unknown, fallback = 0): number {
  const number = typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : NaN;
  return Number.isFinite(number) ? number : fallback;
}

/** Writes one request frame. `reqtime` is in seconds. */
export function encodeRequest(
  servcmd: string, seq: number, body: Body, sdkAppID: number, identity: Identity, reqtime: number,
): string {
  const { identifier, usersig, a2, tinyid, instance } = identity;
  const credentials = a2 === '' ? { identifier, usersig } : { a2, tinyid };
  return JSON.stringify({
    head: {
      servcmd, seq, ver: 'v4', platform: 7, websdkappid: 537048168, websdkversion: '1.7.3', contenttype: 'json',
      sdkappid: sdkAppID, reqtime, status_instid: instance, sdkability: 192371, ...credentials,
    },
    body,
  });
}

/** Reads one frame; `null` for anything that is not one (too long, not JSON, no command). */
export function decodeFrame(text: string): Frame | null {
  if (text.length > FRAME_LENGTH_MAX) return null;
  try {
    const frame = bodyOf(JSON.parse(text));
    const head = bodyOf(frame.head);
    const servcmd = stringOf(head.servcmd);
    return servcmd === '' ? null : { head: { servcmd, seq: numberOf(head.seq, -1) }, body: bodyOf(frame.body) };
  } catch {
    return null;
  }
}

/**
 * The address of the socket: text frames (`/info`), because every platform gives us a string there and needs no
 * decoder of bytes. `compress` is left out, so the server sends plain JSON.
 */
export function socketUrl(server: string, sdkAppID: number, instance: string, attempt: string): string {
  const query = `sdkappid=${sdkAppID}&instanceid=${instance}&random=${attempt}&platform=7&host=unknown&version=-1&sdkversion=${VERSION}`;
  return `${server.replace(/\/+$/, '')}/info?${query}`;
}
