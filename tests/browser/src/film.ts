// A film that says of every picture which one it is, made by ffmpeg: real H.264 and AAC, in the forms that a server sends.

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

export const FRAMES_PER_SECOND = 25;
/** Between two key pictures, and in a segment. */
export const GROUP_FRAMES = 32;
const GROUPS = 40;
/** Bars under the test picture, black or white: the bits of the picture's number. */
export const BARS = 8;
/** Width of a bar, and height of the strip. */
export const BAR = 32;
const WIDTH = BARS * BAR;
const HEIGHT = 128;

export interface Film {
  readonly flv: Buffer;
  /** The head of the fMP4 segments, then the segments, a group of pictures each. */
  readonly head: Buffer;
  readonly segments: readonly Buffer[];
}

export async function makeFilm(): Promise<Film> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hawker-film-'));
  const file = (name: string) => path.join(folder, name);
  try {
    const bars = `color=s=${WIDTH}x${BAR}:r=${FRAMES_PER_SECOND},format=yuv420p,geq=lum='if(mod(floor(N/pow(2,floor(X/${BAR}))),2),235,16)':cb=128:cr=128`;
    await run([
      '-f', 'lavfi', '-i', `testsrc2=s=${WIDTH}x${HEIGHT}:r=${FRAMES_PER_SECOND}`, '-f', 'lavfi', '-i', bars,
      '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000',
      '-filter_complex', '[0:v][1:v]vstack,format=yuv420p[v]', '-map', '[v]', '-map', '2:a',
      '-frames:v', String(GROUPS * GROUP_FRAMES), '-t', String((GROUPS * GROUP_FRAMES) / FRAMES_PER_SECOND),
      '-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'ultrafast', '-g', String(GROUP_FRAMES), '-sc_threshold', '0',
      '-c:a', 'aac', '-b:a', '64k', '-flvflags', 'no_duration_filesize', file('film.flv'),
    ]);
    await run([
      '-i', file('film.flv'), '-c', 'copy', '-f', 'hls', '-hls_segment_type', 'fmp4', '-hls_list_size', '0',
      '-hls_time', String(GROUP_FRAMES / FRAMES_PER_SECOND), '-hls_segment_filename', file('%03d.m4s'), file('list.m3u8'),
    ]);
    const names = (await readdir(folder)).filter((name) => name.endsWith('.m4s')).sort();
    return {
      flv: await readFile(file('film.flv')),
      head: await readFile(file('init.mp4')),
      segments: await Promise.all(names.map((name) => readFile(file(name)))),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Pushes a film in its own time to an address of RTMP, as an encoder does. */
export function pushFilm({ flv }: Film, address: string): ChildProcess {
  const encoder = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-re', '-f', 'flv', '-i', '-', '-c', 'copy', '-f', 'flv', address], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // It reads at its pace, and is ended before it has read all.
  encoder.stdin?.on('error', () => undefined);
  encoder.stdin?.end(flv);
  return encoder;
}

async function run(args: readonly string[]): Promise<void> {
  await promisify(execFile)('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', ...args]);
}
