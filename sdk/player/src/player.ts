/** The edge of {@link step}: feeds it with what the browser tells, and does what it says. */
import type { Engine } from './engine.js';
import { type Action, initial, type Input, type Model, type Sight, step, type Trouble } from './machine.js';
import type { Player, PlayerEvents, PlayerOptions, PlayerState, Failure, Stats } from './types.js';
import { deviceOf, type Route, routesOf } from './ways.js';

const TICK_MS = 200;
/** Ticks between two `stats`. */
const STATS_TICKS = 5;

type Handlers = { [Name in keyof PlayerEvents]: Set<(data: PlayerEvents[Name]) => void> };

/**
 * Plays a stream in `element`, which the picture fills.
 *
 * ```ts
 * const player = createPlayer(document.querySelector('#stage'), { sources: { flv: '/live/42.flv', hls: '/live/42.m3u8' } });
 * player.on('state', ({ state }) => { spinner.hidden = state !== 'loading' && state !== 'stalled'; });
 * player.on('sound', ({ silenced }) => { unmute.hidden = !silenced; });
 * unmute.onclick = () => { player.muted = false; };
 * ```
 */
export function createPlayer(element: HTMLElement, options: PlayerOptions): Player {
  return new VideoPlayer(element, options);
}

class VideoPlayer implements Player {
  readonly video: HTMLVideoElement;
  private readonly routes: readonly Route[];
  private readonly handlers: Handlers = { state: new Set(), sound: new Set(), stats: new Set() };
  private readonly leaving = new AbortController();
  private model: Model;
  private engine: Engine | null = null;
  private route: Route | null = null;
  /** Counts what was opened and closed: an engine may be loaded when it is wanted no more. */
  private opened = 0;
  private silent = false;
  private timer: ReturnType<typeof setInterval> | undefined;
  private ticks = 0;

  constructor(element: HTMLElement, { sources, poster = '', muted = false, volume = 1, autoplay = true, ways }: PlayerOptions) {
    this.video = element.ownerDocument.createElement('video');
    this.routes = routesOf(sources, deviceOf(this.video), ways);
    this.model = initial(this.routes.length);
    Object.assign(this.video, { playsInline: true, muted, volume, poster });
    // Chat apps open a player of their own over the page without these.
    for (const name of ['webkit-playsinline', 'x5-playsinline']) this.video.setAttribute(name, '');
    this.video.setAttribute('x5-video-player-type', 'h5');
    this.video.style.cssText = 'display:block;width:100%;height:100%;object-fit:cover';
    element.append(this.video);
    this.listen(element);
    if (autoplay) this.play();
  }

  get state(): PlayerState { return this.model.state; }
  get failure(): Failure | null { return this.model.failure; }
  get silenced(): boolean { return this.silent && this.video.muted; }

  get muted(): boolean { return this.video.muted; }
  set muted(muted: boolean) { this.video.muted = muted; }

  get volume(): number { return this.video.volume; }
  set volume(volume: number) { this.video.volume = Math.min(1, Math.max(0, volume)); }

  get poster(): string { return this.video.poster; }
  set poster(poster: string) { this.video.poster = poster; }

  get stats(): Stats {
    return {
      way: this.route?.way.name ?? null, delay: this.engine?.delay() ?? null, buffered: this.ahead(), speed: this.model.speed,
    };
  }

  play(): void { this.take({ kind: 'play' }); }
  stop(): void { this.take({ kind: 'stop' }); }

  on<Name extends keyof PlayerEvents>(event: Name, handler: (data: PlayerEvents[Name]) => void): () => void {
    const handlers: Handlers[Name] = this.handlers[event];
    handlers.add(handler);
    return () => { handlers.delete(handler); };
  }

  destroy(): void {
    this.leaving.abort();
    for (const handlers of Object.values(this.handlers)) handlers.clear();
    this.stop();
    this.video.remove();
  }

  private emit<Name extends keyof PlayerEvents>(event: Name, data: PlayerEvents[Name]): void {
    const handlers: Handlers[Name] = this.handlers[event];
    for (const handler of [...handlers]) handler(data);
  }

  private listen(element: HTMLElement): void {
    const { video } = this;
    const { signal } = this.leaving;
    const page = element.ownerDocument;
    video.addEventListener('pause', () => {
      // Loading another stream, and its end, pause it too.
      if (this.engine && video.paused && !video.ended) this.take({ kind: 'paused' });
    }, { signal });
    video.addEventListener('volumechange', () => {
      const { muted, volume, silenced } = this;
      this.emit('sound', { muted, volume, silenced });
    }, { signal });
    // Sooner than the next tick.
    for (const name of ['playing', 'timeupdate']) video.addEventListener(name, () => this.look(), { signal });
    element.addEventListener('click', () => { if (this.state === 'blocked') this.play(); }, { signal });
    page.addEventListener('visibilitychange', () => { if (!page.hidden) this.take({ kind: 'visible' }); }, { signal });
    page.defaultView?.addEventListener('online', () => this.take({ kind: 'online' }), { signal });
  }

  private take(input: Input): void {
    const { state, failure } = this.model;
    const { model, actions } = step(this.model, input, performance.now(), this.routes.length);
    this.model = model;
    for (const action of actions) this.act(action);
    this.keepTime();
    if (model.state !== state || model.failure !== failure) this.emit('state', { state: model.state, failure: model.failure });
  }

  private act(action: Action): void {
    switch (action.kind) {
      case 'open': return this.open(action.way);
      case 'close': return this.close();
      case 'start': return this.start();
      case 'silence':
        this.silent = true;
        this.video.muted = true;
        return;
      case 'speed':
        this.video.playbackRate = action.speed;
        return;
      case 'leap':
        this.video.currentTime += action.seconds;
    }
  }

  private open(index: number): void {
    this.close();
    const route = this.routes[index];
    if (!route) return;
    this.route = route;
    const mine = this.opened;
    const report = (trouble: Trouble): void => { if (this.opened === mine) this.take({ kind: 'trouble', trouble }); };
    route.way.load().then((fill) => {
      if (this.opened !== mine) return;
      this.engine = fill(this.video, new URL(route.url, this.video.baseURI).href, report);
      this.start();
    }, () => report('network'));
  }

  private close(): void {
    this.opened += 1;
    this.engine?.close();
    this.engine = null;
    this.route = null;
  }

  private start(): void {
    if (!this.engine) return;
    const mine = this.opened;
    this.video.play().catch((error: unknown) => {
      // Others tell of an element that was given something else to play meanwhile, or of what its engine reports.
      const refused = error instanceof DOMException && error.name === 'NotAllowedError';
      if (refused && this.opened === mine) this.take({ kind: 'refused', muted: this.video.muted });
    });
  }

  /** Time matters while something is open, or will be. */
  private keepTime(): void {
    const needed = this.model.open || this.model.reopenAt !== null;
    if (needed && this.timer === undefined) this.timer = setInterval(() => this.tick(), TICK_MS);
    if (needed || this.timer === undefined) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private tick(): void {
    this.look();
    this.ticks += 1;
    if (this.ticks % STATS_TICKS === 0) this.emit('stats', this.stats);
  }

  private look(): void {
    const sight: Sight = {
      position: this.video.currentTime, ahead: this.ahead(), delay: this.engine?.delay() ?? null, target: this.engine?.target() ?? null,
    };
    this.take({ kind: 'tick', sight });
  }

  private ahead(): number {
    const { buffered, currentTime } = this.video;
    for (let at = 0; at < buffered.length; at += 1) {
      if (buffered.start(at) <= currentTime && currentTime <= buffered.end(at)) return buffered.end(at) - currentTime;
    }
    return 0;
  }
}
