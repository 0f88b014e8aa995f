// The video behind everything else. Its player is loaded when there is something to play.

import type { Player } from '@hawker/player';
import type { StreamSources } from '@hawker/web-shared';
import { h, icon } from '../dom';
import { words, type Page, type PageState } from '../page';

interface Film {
  readonly since: number;
  player: Player | null;
}

/** `screen` shows it, `ask` asks for the tap that a browser wants before it plays, or before it lets it be heard. */
export interface Video {
  readonly screen: HTMLElement;
  readonly ask: HTMLElement;
}

export function video({ store }: Page, sources: () => Promise<StreamSources | null>): Video {
  const screen = h('div', { class: 'video' });
  const ask = h('button', { class: 'video-ask', type: 'button', onclick: tapped });
  let film: Film | null = null;

  function tapped(): void {
    const player = film?.player;
    if (player?.state === 'blocked') player.play();
    else if (player) player.muted = false;
  }

  const draw = () => {
    const player = film?.player;
    const state = player?.state ?? 'idle';
    screen.dataset['state'] = state;
    store.set({ watching: state === 'playing' || state === 'stalled' });
    const blocked = state === 'blocked';
    ask.hidden = !blocked && !(player?.silenced && store.state.watching);
    const w = words(store.state);
    if (!ask.hidden) ask.replaceChildren(icon(blocked ? 'play' : 'soundOff'), blocked ? w.tapToPlay : w.tapForSound);
  };

  const begin = async (since: number) => {
    const mine: Film = (film = { since, player: null });
    try {
      const [{ createPlayer }, found] = await Promise.all([import('@hawker/player'), sources()]);
      if (film !== mine || !found) return;
      mine.player = createPlayer(screen, { sources: found });
      fit(mine.player.video);
      mine.player.on('state', draw);
      mine.player.on('sound', draw);
      draw();
    } catch {
      // The player did not come. With the network back it may.
      if (film === mine) film = null;
    }
  };
  const end = () => {
    film?.player?.destroy();
    film = null;
    draw();
  };

  store.watch(['streamSince', 'status', 'presence', 'net'], (state) => {
    const since = wanted(state);
    if (since === (film?.since ?? 0) && !(state.net === 'connected' && isOver(film))) return;
    end();
    if (since > 0) void begin(since);
  });
  store.watch(['language'], draw);
  return { screen, ask };
}

/** Fills the screen with a film made upright; of one made lengthways it would show a third. */
function fit(picture: HTMLVideoElement): void {
  picture.addEventListener('resize', () => {
    const lengthways = picture.videoWidth > picture.videoHeight;
    picture.style.objectFit = lengthways ? 'contain' : 'cover';
    picture.style.objectPosition = lengthways ? '50% 30%' : '50% 50%';
  });
}

/** Which stream is to be seen, by its beginning; 0: none. A room that is out of reach may still have its video. */
function wanted({ presence, status, streamSince }: PageState): number {
  const here = presence === 'in' || presence === 'failed';
  return here && status !== 'paused' && status !== 'ended' ? streamSince : 0;
}

function isOver(film: Film | null): boolean {
  return film?.player?.state === 'failed' || film?.player?.state === 'ended';
}
