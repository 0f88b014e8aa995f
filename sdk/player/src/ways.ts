/** The ways to play, the best first: whoever adds one adds a row. */
import type { LoadEngine } from './engine.js';
import { openNative } from './native.js';
import type { Sources, WayName } from './types.js';

/** What the browser has. */
export interface Device {
  /** Takes pieces of H.264 from a script (Media Source Extensions, on iPhones since 17.1). */
  readonly pieces: boolean;
  /** Gives out a response as it comes. */
  readonly streams: boolean;
  /** Plays HLS by itself. */
  readonly hls: boolean;
}

export interface Way {
  readonly name: WayName;
  readonly source: keyof Sources;
  readonly works: (device: Device) => boolean;
  readonly load: LoadEngine;
}

const WAYS: readonly Way[] = [
  { name: 'flv', source: 'flv', works: ({ pieces, streams }) => pieces && streams, load: async () => (await import('./later/flv.js')).openFlv },
  { name: 'hls', source: 'hls', works: ({ pieces }) => pieces, load: async () => (await import('./later/hls.js')).openHls },
  { name: 'native', source: 'hls', works: ({ hls }) => hls, load: () => Promise.resolve(openNative) },
];

/** One way with the address that it takes. */
export interface Route {
  readonly way: Way;
  readonly url: string;
}

/** The ways that lead from `sources` to this device, in the order of `names` or else of the table. */
export function routesOf(sources: Sources, device: Device, names: readonly WayName[] = WAYS.map(({ name }) => name)): Route[] {
  return names.flatMap((name) => {
    const way = WAYS.find((one) => one.name === name);
    const url = way && sources[way.source];
    return url && way.works(device) ? [{ way, url }] : [];
  });
}

type MaybeSource = { isTypeSupported(type: string): boolean } | undefined;

/** What this browser has. */
export function deviceOf(video: HTMLVideoElement): Device {
  const { MediaSource: plain, ManagedMediaSource: managed } = globalThis as unknown as Record<string, MaybeSource>;
  return {
    pieces: [plain, managed].some((source) => source?.isTypeSupported('video/mp4; codecs="avc1.42E01E,mp4a.40.2"')),
    streams: typeof Response === 'function' && 'body' in Response.prototype,
    hls: video.canPlayType('application/vnd.apple.mpegurl') !== '',
  };
}
