/** HLS, by the browser itself. */
import { empty, NOT_FOUND, type OpenEngine } from './engine.js';

export const openNative: OpenEngine = (video, url, report) => {
  const ended = (): void => report('over');
  const broken = (): void => {
    const unplayable = video.error?.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED || video.error?.code === MediaError.MEDIA_ERR_DECODE;
    if (!unplayable) return report('network');
    // A playlist that is not there looks like one that cannot be played.
    fetch(url, { cache: 'no-store' }).then(
      ({ ok, status }) => report(ok ? 'media' : status === NOT_FOUND ? 'missing' : 'network'), () => report('network'));
  };
  video.addEventListener('ended', ended);
  video.addEventListener('error', broken);
  video.src = url;
  return {
    delay() {
      const { seekable } = video;
      return seekable.length > 0 ? Math.max(0, seekable.end(seekable.length - 1) - video.currentTime) : null;
    },
    target: () => null,
    close() {
      video.removeEventListener('ended', ended);
      video.removeEventListener('error', broken);
      empty(video);
    },
  };
};
