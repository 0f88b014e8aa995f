// What the address of a page says: which room, and with a fragment, who.
//
// A signature travels in the fragment because browsers do not send it to any server or put it in a referrer.

export interface Credentials {
  readonly userID: string;
  readonly userSig: string;
}

/** `/room/<groupID>`; the ID may hold escaped characters. */
export function groupFromPath(path: string): string {
  const match = /\/room\/([^/?#]+)/.exec(path);
  if (!match?.[1]) return '';
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return match[1];
  }
}

export function roomPath(groupID: string): string {
  return `/room/${encodeURIComponent(groupID)}`;
}

export interface Fragment {
  readonly room: string;
  readonly credentials: Credentials | null;
}

/** `#room=…&user=…&sig=…`. A UserSig has no `+`, but one that passed through a form may have become a space. */
export function readFragment(hash: string): Fragment {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const userID = fields.get('user') ?? '';
  const userSig = (fields.get('sig') ?? '').replace(/ /g, '+');
  return {
    room: fields.get('room') ?? '',
    credentials: userID && userSig ? { userID, userSig } : null,
  };
}

/** The address when a page may load or open it (`http`, `https`, or a path on this server), else empty. */
export function pageAddress(address: string): string {
  const trimmed = address.trim();
  return /^https?:\/\//i.test(trimmed) || /^\/(?!\/)/.test(trimmed) ? trimmed : '';
}
