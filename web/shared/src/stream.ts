// The video of a room: since when there is any, and where it comes from.

import type { Chat } from '@hawker/tim';

export const STREAM_FIELD = 'live_stream';

/** Where a player finds the stream; empty: not in this form. */
export interface StreamSources {
  readonly flv: string;
  readonly hls: string;
}

/** What the room's field says: since when there is video, in Unix milliseconds; 0: there is none. */
export function streamSince(value: string | undefined): number {
  try {
    const { state, since } = JSON.parse(value ?? '') as { state?: unknown; since?: unknown };
    return state === 'live' ? Math.max(1, Number(since) || 0) : 0;
  } catch {
    return 0;
  }
}

/** Where the room's stream is now, for somebody who is signed in; null when there is none. */
export async function streamSources(chat: Pick<Chat, 'request'>, groupID: string): Promise<StreamSources | null> {
  const answer = await chat.request('live_media.get_stream', { GroupId: groupID });
  const { State, Urls } = answer.data as { State?: unknown; Urls?: { Flv?: unknown; Hls?: unknown } };
  return State === 'live' ? { flv: text(Urls?.Flv), hls: text(Urls?.Hls) } : null;
}

/** Where a stream is that everybody may see: an anonymous viewer cannot ask. */
export function publicSources(groupID: string): StreamSources {
  const place = `/live/${encodeURIComponent(groupID)}`;
  return { flv: `${place}.flv`, hls: `${place}.m3u8` };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
