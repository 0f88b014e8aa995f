/** How fast to play so that the delay stays what it should be. Changes are small enough not to be heard. */

/** Further behind than this, in seconds, is jumped and not caught up with. */
const JUMP_S = 5;
/** Behind by more than this, in seconds, is caught up with... */
const LATE_S = 0.5;
/** ...in haste when it is this much. */
const VERY_LATE_S = 2;
/** Caught up. */
const ON_TIME_S = 0.1;
/** No haste with less than this in the buffer. */
const HASTE_BUFFER_S = 0.4;
/** A buffer of less than this share of what is wanted is let grow... */
const THIN = 0.35;
/** ...up to this share. */
const THICK = 0.75;

const SLOW = 0.95;
const FAST = 1.05;
const FASTEST = 1.1;

/** What the delay and the buffer are, and should be, in seconds. */
export interface Lag {
  readonly delay: number;
  readonly target: number;
  readonly ahead: number;
  /** Speed so far. */
  readonly speed: number;
}

/** The speed to go on with. */
export function paceOf({ delay, target, ahead, speed }: Lag): number {
  const late = delay - target;
  const hasty = speed > 1 ? late > ON_TIME_S : late > LATE_S;
  if (hasty && ahead > HASTE_BUFFER_S) return late > VERY_LATE_S ? FASTEST : FAST;
  return ahead < target * (speed < 1 ? THICK : THIN) && late < 0 ? SLOW : 1;
}

/** Seconds to jump forward; 0 when there is no need. */
export function leapOf({ delay, target }: Pick<Lag, 'delay' | 'target'>): number {
  return delay - target > JUMP_S ? delay - target : 0;
}
