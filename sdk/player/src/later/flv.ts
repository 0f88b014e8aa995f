/** FLV over fetch or WebSocket, by mpegts.js. */
import mpegts from 'mpegts.js';
import { bufferedEnd, NOT_FOUND, type OpenEngine } from '../engine.js';
import { FetchLoader } from './loader.js';

/** How far behind its end the buffer is played, in seconds. */
const TARGET_S = 0.8;
/** What was played is kept for this long at most, and cut down to this much, in seconds. */
const BEHIND_MAX_S = 30;
const BEHIND_MIN_S = 10;

// What is wrong is reported; a shop's console is not the place for it.
mpegts.LoggingControl.applyConfig({ enableAll: false });

export const openFlv: OpenEngine = (video, url, report) => {
  const player = mpegts.createPlayer({ type: 'flv', isLive: true, url }, {
    enableStashBuffer: false,
    lazyLoad: false,
    // A page opened in the background would wait for its video otherwise, with the connection open or not.
    deferLoadAfterSourceOpen: false,
    autoCleanupSourceBuffer: true,
    autoCleanupMaxBackwardDuration: BEHIND_MAX_S,
    autoCleanupMinBackwardDuration: BEHIND_MIN_S,
    ...(/^ws/.test(url) ? {} : { customLoader: FetchLoader as unknown as mpegts.CustomLoaderConstructor }),
  });
  player.on(mpegts.Events.ERROR, (type: string, _detail: string, info: { code?: number } | undefined) => {
    if (type === mpegts.ErrorTypes.MEDIA_ERROR) report('media');
    else report(info?.code === NOT_FOUND ? 'missing' : 'network');
  });
  player.on(mpegts.Events.LOADING_COMPLETE, () => report('over'));
  player.attachMediaElement(video);
  player.load();
  return {
    delay() {
      const end = bufferedEnd(video);
      return end === null ? null : Math.max(0, end - video.currentTime);
    },
    target: () => TARGET_S,
    close: () => player.destroy(),
  };
};
