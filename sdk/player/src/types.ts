/** What a page says and hears: states, sources, options, events. */

/**
 * Where a player is.
 *
 * - `idle`: nothing was asked for yet, or it was stopped.
 * - `loading`: on the way to the first picture.
 * - `playing`: the picture moves.
 * - `stalled`: the picture stands still and is being brought back.
 * - `blocked`: the browser wants a tap before it plays on; a tap on the player does it, or `play()` in a handler of one.
 * - `ended`: the stream is over.
 * - `failed`: given up, see {@link Failure}; `play()` tries anew.
 */
export type PlayerState = 'idle' | 'loading' | 'playing' | 'stalled' | 'blocked' | 'ended' | 'failed';

/**
 * Why a player gave up.
 *
 * - `network`: the stream cannot be reached.
 * - `missing`: there is no such stream (404).
 * - `unsupported`: nothing here can play what there is.
 */
export type Failure = 'network' | 'missing' | 'unsupported';

/** Name of a way to play: `flv` and `hls` bring their own engine, `native` is HLS by the browser itself. */
export type WayName = 'flv' | 'hls' | 'native';

/** Addresses of one stream, relative to the page or absolute. What is left out, or empty, is not tried. */
export interface Sources {
  /** HTTP-FLV, or FLV over WebSocket with a `ws:` address. */
  flv?: string;
  /** An HLS playlist. */
  hls?: string;
}

/** Options of `createPlayer`. */
export interface PlayerOptions {
  sources: Sources;
  /** Picture for as long as there is none of the stream. */
  poster?: string;
  /** Start without sound. Default `false`: with sound, and without where the browser refuses it (`silenced`). */
  muted?: boolean;
  /** 0 to 1, default 1. */
  volume?: number;
  /** Play at once. Default `true`; otherwise `play()` begins. */
  autoplay?: boolean;
  /** Which ways may be taken, the best first. Default: all that the device can, `flv` before `hls` before `native`. */
  ways?: readonly WayName[];
}

/** What is measured while it plays. */
export interface Stats {
  way: WayName | null;
  /** Seconds behind the newest picture that the server has offered; `null` while not known. */
  delay: number | null;
  /** Seconds that can be played without the network. */
  buffered: number;
  /** How fast it plays: 1 but for gentle corrections of the delay. */
  speed: number;
}

/** Events of a player with their data. */
export interface PlayerEvents {
  state: { state: PlayerState; failure: Failure | null };
  /** `silenced`: muted because the browser refuses sound before somebody has touched the page. */
  sound: { muted: boolean; volume: number; silenced: boolean };
  /** About once a second while something is asked for. */
  stats: Stats;
}

/** Plays one stream. */
export interface Player {
  /** The element that shows the picture, for its style; it is the player's to steer. */
  readonly video: HTMLVideoElement;
  readonly state: PlayerState;
  readonly failure: Failure | null;
  readonly stats: Stats;
  /** Muted because the browser refuses sound before somebody has touched the page: offer a button that unmutes. */
  readonly silenced: boolean;
  /** Unmute in the handler of a tap or key. */
  muted: boolean;
  /** 0 to 1. Phones may ignore it. */
  volume: number;
  poster: string;
  /** Begins, goes on after `blocked`, or tries again after `failed` and `ended`. */
  play(): void;
  /** Ends the connection; `play()` begins anew. */
  stop(): void;
  /** Calls `handler` at every `event` until the returned function is called. */
  on<Name extends keyof PlayerEvents>(event: Name, handler: (data: PlayerEvents[Name]) => void): () => void;
  /** Ends everything and takes the picture out of the page. Nothing can be done with the player afterwards. */
  destroy(): void;
}
