// What the pages ask over plain HTTP: what the SDK needs to start, and what an anonymous viewer, who may only receive,
// cannot ask the SDK.

export interface AppInfo {
  readonly sdkAppID: number;
  /** Whether a viewer may sign in with a name alone. */
  readonly guests: boolean;
}

export interface Guest {
  readonly sdkAppID: number;
  readonly userID: string;
  readonly userSig: string;
  /** Unix seconds. */
  readonly expires: number;
}

/** A pinned message of a room; its text is empty when it is a picture. */
export interface SnapshotPin {
  readonly seq: number;
  /** Unix seconds. */
  readonly time: number;
  readonly userID: string;
  readonly nick: string;
  readonly avatar: string;
  readonly text: string;
}

/** What everybody may know of a room. */
export interface RoomSnapshot {
  readonly name: string;
  readonly picture: string;
  readonly announcement: string;
  readonly host: { readonly userID: string; readonly nick: string; readonly avatar: string };
  readonly fields: Readonly<Record<string, string>>;
  readonly pinned: readonly SnapshotPin[];
  readonly muteAll: boolean;
  readonly viewers: number;
  readonly peak: number;
  readonly likes: number;
}

/** Null when the room does not exist or the server does not tell. */
export async function roomSnapshot(groupID: string): Promise<RoomSnapshot | null> {
  const response = await fetch(`/api/v1/rooms/${encodeURIComponent(groupID)}`).catch(() => null);
  return response?.ok ? ((await response.json()) as RoomSnapshot) : null;
}

export type GuestRefusal = 'off' | 'too_often' | 'bad_name' | 'unreachable';

export class GuestRefused extends Error {
  constructor(readonly reason: GuestRefusal) {
    super(reason);
  }
}

export async function appInfo(): Promise<AppInfo> {
  const response = await fetch('/api/v1/app');
  if (!response.ok) throw new Error(`/api/v1/app answered ${response.status}`);
  return (await response.json()) as AppInfo;
}

export async function signInAsGuest(nick: string): Promise<Guest> {
  const response = await fetch('/api/v1/guests', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ nick }),
  }).catch(() => null);
  if (!response) throw new GuestRefused('unreachable');
  if (!response.ok) throw new GuestRefused(refusalOf(response.status));
  return (await response.json()) as Guest;
}

function refusalOf(status: number): GuestRefusal {
  if (status === 403) return 'off';
  if (status === 429) return 'too_often';
  return status < 500 ? 'bad_name' : 'unreachable';
}
