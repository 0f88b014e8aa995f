// What an application may write, checked by the compiler (`npm run typecheck`); nothing here is run in a page.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createPlayer, definePlayer, type Failure, type HawkerPlayerElement, type Player, type PlayerEvents, type PlayerState } from '../src/index.js';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
function holds<T extends true>(_same?: T): void {
  // The compiler has said it all.
}

it('types say what is heard, and refuse what cannot be', () => {
  const use = (element: HTMLElement): (() => void) => {
    const player = createPlayer(element, { sources: { flv: '/live/42.flv' }, ways: ['flv', 'native'] });
    player.muted = false;
    holds<Same<PlayerEvents['state'], { state: PlayerState; failure: Failure | null }>>();
    holds<Same<typeof player.stats.delay, number | null>>();
    return player.on('state', ({ state, failure }) => {
      element.title = `${state} ${failure ?? ''}`;
    });
  };
  const find = (page: Document): Player | null => {
    definePlayer();
    return page.querySelector<HawkerPlayerElement>('hawker-player')?.player ?? null;
  };
  const wrong = (element: HTMLElement, player: Player): unknown[] => [
    // @ts-expect-error a player needs addresses
    createPlayer(element, {}),
    // @ts-expect-error no such way
    createPlayer(element, { sources: {}, ways: ['rtmp'] }),
    // @ts-expect-error no such event
    player.on('ended', () => undefined),
    // @ts-expect-error where it is cannot be set
    player.state = 'playing',
  ];
  assert.deepEqual([typeof use, typeof find, typeof wrong], ['function', 'function', 'function']);
});
