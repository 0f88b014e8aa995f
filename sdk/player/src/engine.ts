/** What every way to play looks like to the player. */
import type { Trouble } from './machine.js';

/** What a server answers for a stream that it does not have. */
export const NOT_FOUND = 404;

/** One connection that fills a video element. */
export interface Engine {
  /** Seconds behind the newest picture that the server offered; `null` when not known. */
  delay(): number | null;
  /** Seconds it should be behind; `null` when the browser sees to that itself. */
  target(): number | null;
  /** Lets go of the element and the network. */
  close(): void;
}

/** Begins to fill `video` from `url`. What goes wrong then is said to `report`. */
export type OpenEngine = (video: HTMLVideoElement, url: string, report: (trouble: Trouble) => void) => Engine;

/** Gets the code of an engine, which may take until nobody wants it any more. */
export type LoadEngine = () => Promise<OpenEngine>;

/** The end of what `video` holds, in the range that it plays or, past a hole, in the last one; `null` while it is empty. */
export function bufferedEnd({ buffered }: HTMLVideoElement): number | null {
  return buffered.length > 0 ? buffered.end(buffered.length - 1) : null;
}

/** Takes what it plays away from `video`, so that neither memory nor a last picture stays. */
export function empty(video: HTMLVideoElement): void {
  video.removeAttribute('src');
  video.load();
}
