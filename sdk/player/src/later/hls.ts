/** HLS, by hls.js. */
// @ts-expect-error The light build has no types of its own; they are those of the whole.
import Light from 'hls.js/light';
import type Whole from 'hls.js';
import { empty, NOT_FOUND, type OpenEngine } from '../engine.js';

/** What was played is kept for this long, in seconds. */
const BEHIND_S = 10;
/** Segments that are kept between what is played and the newest, where the playlist does not ask for more. */
const SEGMENTS_BEHIND = 2;

const Hls = Light as typeof Whole;

export const openHls: OpenEngine = (video, url, report) => {
  const hls = new Hls({
    // A worker would have to be made of a text, which careful pages forbid; fMP4 needs no work anyway.
    enableWorker: false,
    lowLatencyMode: true,
    backBufferLength: BEHIND_S,
    liveSyncDurationCount: SEGMENTS_BEHIND,
  });
  hls.on(Hls.Events.ERROR, (_event, { fatal, type, response }) => {
    if (!fatal) return;
    if (response?.code === NOT_FOUND) report('missing');
    else report(type === Hls.ErrorTypes.NETWORK_ERROR ? 'network' : 'media');
  });
  const ended = (): void => report('over');
  video.addEventListener('ended', ended);
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    delay: () => (hls.latency > 0 ? hls.latency : null),
    target: () => hls.targetLatency,
    close() {
      video.removeEventListener('ended', ended);
      hls.destroy();
      empty(video);
    },
  };
};
