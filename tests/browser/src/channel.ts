// A film as a live stream, over HTTP: FLV from the last key picture on, and HLS whose newest segment is the last whole one.

import type { ServerResponse } from 'node:http';
import type { Film } from './film';
import { FRAMES_PER_SECOND, GROUP_FRAMES } from './film';
import { serve } from './origin';

const STEP_MS = 20;
const GROUP_MS = (GROUP_FRAMES / FRAMES_PER_SECOND) * 1000;
/** As long as it has been live when the first viewer comes: HLS has segments to begin with. */
const BEFORE_MS = 4 * GROUP_MS + 500;
const WINDOW_SEGMENTS = 6;
const FLV_HEAD_BYTES = 13;
const TAG_HEAD_BYTES = 11;
const AUDIO = 8;
const VIDEO = 9;

interface Tag { readonly at: number; readonly bytes: Buffer; readonly kind: 'header' | 'key' | 'other' }

export interface Channel {
  readonly flv: string;
  readonly hls: string;
  /** What is no FLV. */
  readonly noise: string;
  /** The number of the picture that is live now. */
  frame(): number;
  /** FLV connections that are open. */
  viewers(): number;
  /** FLV connections so far. */
  joins(): number;
  /** Ends what is open in the middle, as a lost network does. */
  cut(): void;
  /** Goes silent, with everything open. */
  hush(): void;
  close(): Promise<void>;
}

export async function openChannel(film: Film): Promise<Channel> {
  const tags = tagsOf(film.flv);
  const headers = tags.filter(({ kind }) => kind === 'header').map(({ bytes }) => bytes);
  const pictures = tags.filter(({ kind }) => kind !== 'header');
  const began = performance.now() - BEFORE_MS;
  const viewers = new Set<ServerResponse>();
  let joins = 0;
  let silent = false;
  const elapsed = () => performance.now() - began;
  const due = () => pictures.findIndex(({ at }) => at > elapsed());
  let next = due();

  const origin = await serve((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('cache-control', 'no-store');
    const name = (request.url ?? '').slice(1);
    if (name === 'live.flv') return join(response);
    const body = name === 'live.m3u8' ? playlist(elapsed()) : name === 'init.mp4' ? film.head : film.segments[parseInt(name)];
    if (!body) response.statusCode = 404;
    response.setHeader('content-type', name.endsWith('m3u8') ? 'application/vnd.apple.mpegurl' : 'video/mp4');
    response.end(body);
  });

  function join(response: ServerResponse): void {
    joins += 1;
    viewers.add(response);
    response.on('close', () => viewers.delete(response));
    response.setHeader('content-type', 'video/x-flv');
    const key = pictures.slice(0, next).map(({ kind }) => kind).lastIndexOf('key');
    response.write(Buffer.concat([film.flv.subarray(0, FLV_HEAD_BYTES), ...headers, ...pictures.slice(key, next).map(({ bytes }) => bytes)]));
  }

  const clock = setInterval(() => {
    const until = due();
    const fresh = Buffer.concat(pictures.slice(next, until).map(({ bytes }) => bytes));
    next = until;
    if (!silent && fresh.length > 0) for (const viewer of viewers) viewer.write(fresh);
  }, STEP_MS);

  return {
    flv: `${origin.url}live.flv`,
    hls: `${origin.url}live.m3u8`,
    noise: `${origin.url}init.mp4`,
    frame: () => Math.floor((elapsed() * FRAMES_PER_SECOND) / 1000),
    viewers: () => viewers.size,
    joins: () => joins,
    cut: () => viewers.forEach((viewer) => viewer.destroy()),
    hush: () => { silent = true; },
    close: () => { clearInterval(clock); return origin.close(); },
  };
}

function playlist(elapsed: number): string {
  const whole = Math.floor(elapsed / GROUP_MS);
  const first = Math.max(0, whole - WINDOW_SEGMENTS);
  const seconds = GROUP_MS / 1000;
  const lines = Array.from({ length: whole - first }, (_, index) => `#EXTINF:${seconds.toFixed(3)},\n${first + index}.m4s`);
  return ['#EXTM3U', '#EXT-X-VERSION:7', `#EXT-X-TARGETDURATION:${Math.ceil(seconds)}`, `#EXT-X-MEDIA-SEQUENCE:${first}`,
    '#EXT-X-INDEPENDENT-SEGMENTS', '#EXT-X-MAP:URI="init.mp4"', ...lines, ''].join('\n');
}

/** The tags of a whole FLV file, each with the size that follows it. */
function tagsOf(flv: Buffer): Tag[] {
  const tags: Tag[] = [];
  for (let from = FLV_HEAD_BYTES; from + TAG_HEAD_BYTES < flv.length;) {
    const to = from + TAG_HEAD_BYTES + flv.readUIntBE(from + 1, 3) + 4;
    const at = flv.readUIntBE(from + 4, 3) | (flv.readUInt8(from + 7) << 24);
    tags.push({ at, bytes: flv.subarray(from, to), kind: kindOf(flv.subarray(from, to)) });
    from = to;
  }
  return tags;
}

function kindOf(tag: Buffer): Tag['kind'] {
  const [type, first, packet] = [tag[0], tag[TAG_HEAD_BYTES] ?? 0, tag[TAG_HEAD_BYTES + 1]];
  if (type !== AUDIO && type !== VIDEO) return 'header';
  if (packet === 0) return 'header';
  return type === VIDEO && first >> 4 === 1 ? 'key' : 'other';
}
