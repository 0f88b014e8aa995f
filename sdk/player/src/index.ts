export { createPlayer } from './player.js';
export { definePlayer, type HawkerPlayerElement } from './element.js';
export type {
  Failure, Player, PlayerEvents, PlayerOptions, PlayerState, Sources, Stats, WayName,
} from './types.js';
