// Who is signed in. Kept for this tab only: a host's signature opens the whole shop, so it does not stay on the
// machine after the tab is closed, and not in the address where it would be shared with a link.

import { readFragment, remember, remembered, type Credentials } from '@hawker/web-shared';

const KEY = 'hawker.studio';
const ROOMS_KEY = 'hawker.studio.rooms';
const ROOMS_MAX = 8;

export interface Start {
  readonly credentials: Credentials | null;
  readonly room: string;
}

export function takeStart(): Start {
  const { credentials, room } = readFragment(location.hash);
  if (credentials) {
    keepStart({ credentials, room });
    history.replaceState(null, '', location.pathname + location.search);
    return { credentials, room };
  }
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Start | null;
    return { credentials: kept?.credentials ?? null, room: room || (kept?.room ?? '') };
  } catch {
    return { credentials: null, room };
  }
}

export function keepStart(start: Start | null): void {
  try {
    if (start?.credentials) sessionStorage.setItem(KEY, JSON.stringify(start));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Storage is refused: a reload asks again.
  }
}

export interface KnownRoom {
  readonly id: string;
  readonly name: string;
}

export function knownRooms(userID: string): KnownRoom[] {
  try {
    const rooms = JSON.parse(remembered(`${ROOMS_KEY}.${userID}`) ?? '[]') as KnownRoom[];
    return Array.isArray(rooms) ? rooms.filter((room) => typeof room.id === 'string' && typeof room.name === 'string') : [];
  } catch {
    return [];
  }
}

export function rememberRoom(userID: string, room: KnownRoom): void {
  const others = knownRooms(userID).filter((known) => known.id !== room.id);
  remember(`${ROOMS_KEY}.${userID}`, JSON.stringify([room, ...others].slice(0, ROOMS_MAX)));
}

export function forgetRoom(userID: string, id: string): void {
  remember(`${ROOMS_KEY}.${userID}`, JSON.stringify(knownRooms(userID).filter((known) => known.id !== id)));
}
