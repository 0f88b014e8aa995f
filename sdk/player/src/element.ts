/** `<hawker-player>`, for pages that are written rather than programmed. */
import { createPlayer } from './player.js';
import type { Player, PlayerEvents } from './types.js';

const EVENTS: readonly (keyof PlayerEvents)[] = ['state', 'sound', 'stats'];

/** The element, which has its player while it is in a page. */
export interface HawkerPlayerElement extends HTMLElement {
  readonly player: Player | null;
}

/**
 * Makes `<hawker-player flv="/live/42.flv" hls="/live/42.m3u8" poster="/cover.jpg" muted>` known to the page.
 *
 * It plays while it is in the page, anew when an address changes. The attribute `state` says where it is, for styles; the
 * events `state`, `sound` and `stats` carry their data as `detail`; `player` is what {@link createPlayer} gives.
 */
export function definePlayer(name = 'hawker-player'): void {
  if (customElements.get(name)) return;
  customElements.define(name, class extends HTMLElement implements HawkerPlayerElement {
    static readonly observedAttributes = ['flv', 'hls', 'poster', 'muted'];
    player: Player | null = null;

    connectedCallback(): void {
      const read = (attribute: string): string => this.getAttribute(attribute) ?? '';
      const player = createPlayer(this, {
        sources: { flv: read('flv'), hls: read('hls') }, poster: read('poster'), muted: this.hasAttribute('muted'), autoplay: false,
      });
      this.player = player;
      this.setAttribute('state', player.state);
      player.on('state', ({ state }) => this.setAttribute('state', state));
      for (const event of EVENTS) player.on(event, (detail) => this.dispatchEvent(new CustomEvent(event, { detail })));
      if (read('flv') || read('hls')) player.play();
    }

    disconnectedCallback(): void {
      this.player?.destroy();
      this.player = null;
    }

    attributeChangedCallback(attribute: string, before: string | null, now: string | null): void {
      if (!this.player || before === now) return;
      if (attribute === 'poster') this.player.poster = now ?? '';
      else if (attribute === 'muted') this.player.muted = now !== null;
      else {
        this.disconnectedCallback();
        this.connectedCallback();
      }
    }
  });
}
