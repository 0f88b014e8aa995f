/**
 * What a player does when: events and time in, actions out. No DOM, no clock, no network.
 *
 * A way is left for the next one when it cannot play what comes, or when it has never shown a picture; one that has, and the
 * last one, is reopened, after a pause that doubles, and only so many times in a row. That the picture moves is read from the position,
 * at every tick: browsers tell of stalls late, twice or never.
 */
import { leapOf, paceOf } from './pace.js';
import type { Failure, PlayerState } from './types.js';

/** Pauses before a stream is opened again; past the last the player gives up. Whoever plays for a while begins anew. */
export const REOPEN_MS = [300, 1000, 2000, 4000, 8000] as const;
/** After playing this long the pauses start from the first one. */
export const STEADY_MS = 10_000;
/** A picture that stands still for this long is a stall... */
export const STALL_MS = 700;
/** ...that is jumped out of after this long, where there is something to jump to... */
export const LEAP_MS = 2000;
/** ...and ended by a new connection after this long. */
export const REOPEN_STALL_MS = 6000;
/** The first picture may take this long. */
export const FIRST_PICTURE_MS = 10_000;
/** A stream that may not be played is received for this long, so that a tap shows it at once. */
export const BLOCKED_OPEN_MS = 20_000;
/** A longer gap between two ticks is a page that slept, not a stream that stood still. */
const SLEPT_MS = 5000;
/** Every stall lets the delay grow by this much, up to the most; it shrinks again while all is well. Seconds. */
const CUSHION_S = 0.5;
const CUSHION_MAX_S = 2.5;
const CUSHION_SHRINK_MS = 30_000;
/** A position that moves further than time can explain is a jump, in seconds beside twice the time. */
const JUMP_SLACK_S = 0.5;
/** With less than this, in seconds, a stall is want of data. */
const SOME_AHEAD_S = 0.2;

/** What goes wrong with a connection: `over` is an end without an error, `media` what this way cannot play. */
export type Trouble = 'network' | 'missing' | 'over' | 'media';

/** What is seen at a tick, in seconds. */
export interface Sight {
  readonly position: number;
  /** What can be played without the network. */
  readonly ahead: number;
  /** How far behind the newest picture, and how far it should be; `null` when not known, or the browser's business. */
  readonly delay: number | null;
  readonly target: number | null;
}

export type Input =
  | { readonly kind: 'play' | 'stop' }
  /** The network is back. */
  | { readonly kind: 'online' }
  /** The page is seen again. */
  | { readonly kind: 'visible' }
  /** The browser does not play without a gesture. */
  | { readonly kind: 'refused'; readonly muted: boolean }
  /** The browser stopped it by itself. */
  | { readonly kind: 'paused' }
  | { readonly kind: 'trouble'; readonly trouble: Trouble }
  | { readonly kind: 'tick'; readonly sight: Sight };

export type Action =
  /** Opens the way with this number, in place of what is open, and starts. */
  | { readonly kind: 'open'; readonly way: number }
  | { readonly kind: 'close' }
  | { readonly kind: 'start' }
  /** Mutes because the browser refuses sound. */
  | { readonly kind: 'silence' }
  | { readonly kind: 'speed'; readonly speed: number }
  | { readonly kind: 'leap'; readonly seconds: number };

export interface Model {
  readonly state: PlayerState;
  readonly failure: Failure | null;
  /** Numbers of the ways that may still work; the first is in use. */
  readonly ways: readonly number[];
  readonly open: boolean;
  /** Whether a picture was shown: by this connection, by the way in use, by any way since `play`. */
  readonly lit: boolean;
  readonly proven: boolean;
  readonly shown: boolean;
  /** Reopened so many times without playing steadily. */
  readonly tries: number;
  readonly reopenAt: number | null;
  readonly position: number;
  readonly tickedAt: number;
  readonly movedAt: number;
  readonly steadySince: number | null;
  readonly leapt: boolean;
  readonly speed: number;
  /** Seconds of delay on top of the way's own, bought by stalls. */
  readonly cushion: number;
  readonly cushionAt: number;
}

export interface Step {
  readonly model: Model;
  readonly actions: readonly Action[];
}

/** A player of `ways` ways that was not asked for anything yet. */
export function initial(ways: number): Model {
  return {
    state: 'idle', failure: null, ways: Array.from({ length: ways }, (_, way) => way), open: false, lit: false,
    proven: false, shown: false, tries: 0, reopenAt: null, position: 0, tickedAt: 0, movedAt: 0, steadySince: null, leapt: false, speed: 1, cushion: 0, cushionAt: 0,
  };
}

/** What `input` at `now` (ms) makes of a player that has `all` ways. */
export function step(model: Model, input: Input, now: number, all: number): Step {
  switch (input.kind) {
    case 'play': return play(model, now, all);
    case 'stop': return { model: initial(all), actions: model.open ? [{ kind: 'close' }] : [] };
    case 'online': return online(model, now, all);
    case 'visible': return model.state === 'blocked' ? play(model, now, all) : still(model);
    case 'refused': return refused(model, input.muted, now);
    case 'paused': return isOn(model) ? block(model, now) : still(model);
    case 'trouble': return trouble(model, input.trouble, now);
    case 'tick': return tick(model, input.sight, now);
  }
}

function still(model: Model): Step {
  return { model, actions: [] };
}

function isOn({ state }: Model): boolean {
  return state === 'loading' || state === 'playing' || state === 'stalled';
}

function play(model: Model, now: number, all: number): Step {
  if (isOn(model)) return still(model);
  if (model.state !== 'blocked') {
    const fresh: Model = { ...initial(all), state: 'loading' };
    return all > 0 ? open(fresh, now) : fail(fresh, 'unsupported');
  }
  // It says whether it moves; until then the tap is still wanted.
  return model.open ? { model: { ...model, movedAt: now }, actions: [{ kind: 'start' }] } : open({ ...model, state: 'loading' }, now);
}

function online(model: Model, now: number, all: number): Step {
  if (model.state === 'failed' && model.failure === 'network') return play(model, now, all);
  return model.reopenAt === null ? still(model) : open(model, now);
}

function refused(model: Model, muted: boolean, now: number): Step {
  if (!model.open) return still(model);
  if (muted) return isOn(model) ? block(model, now) : still(model);
  return { model, actions: [{ kind: 'silence' }, { kind: 'start' }] };
}

function block(model: Model, now: number): Step {
  return { model: { ...model, state: 'blocked', movedAt: now, steadySince: null }, actions: [] };
}

/** Opens the first way. */
function open(model: Model, now: number): Step {
  const [way = 0] = model.ways;
  const opened: Model = {
    ...model, state: model.state === 'playing' ? 'stalled' : model.state, open: true, lit: false, reopenAt: null,
    position: 0, tickedAt: now, movedAt: now, steadySince: null, leapt: false, speed: 1,
  };
  return { model: opened, actions: [{ kind: 'open', way }] };
}

function fail(model: Model, failure: Failure): Step {
  return end({ ...model, state: 'failed', failure });
}

function end(model: Model): Step {
  return { model: { ...model, open: false, reopenAt: null }, actions: model.open ? [{ kind: 'close' }] : [] };
}

function trouble(model: Model, what: Trouble, now: number): Step {
  // While nothing is played nothing needs be mended: a tap opens it again.
  if (model.state === 'blocked') return end(model);
  if (!isOn(model) || model.reopenAt !== null) return still(model);
  const [first, ...others] = model.ways;
  // The last way is tried again: of a stream that has just begun there may be too little for it.
  if (what === 'media' && !model.lit && others.length > 0) return open({ ...model, ways: others, proven: false }, now);
  const pause = REOPEN_MS[model.tries];
  if (pause === undefined) return giveUp(model, what);
  // Another way finds no stream either, where this one was told that there is none.
  const next = !model.proven && what !== 'missing' && first !== undefined ? [...others, first] : model.ways;
  // What is received already is played until then.
  return still({ ...model, ways: next, tries: model.tries + 1, reopenAt: now + pause, steadySince: null });
}

function giveUp(model: Model, what: Trouble): Step {
  if (what === 'network') return fail(model, 'network');
  if (what === 'media') return fail(model, 'unsupported');
  return model.shown ? end({ ...model, state: 'ended' }) : fail(model, 'missing');
}

function tick(model: Model, sight: Sight, now: number): Step {
  const elapsed = now - model.tickedAt;
  const moved = sight.position - model.position;
  const seen: Model = { ...model, position: sight.position, tickedAt: now };
  if (model.open && moved > 0 && moved < elapsed / 500 + JUMP_SLACK_S) return move(seen, sight, now);
  if (model.reopenAt !== null && now >= model.reopenAt) return open(seen, now);
  // A page that slept, and a jump, begin to count anew.
  return stand(elapsed > SLEPT_MS || moved !== 0 ? { ...seen, movedAt: now } : seen, sight, now);
}

/** The picture moves. */
function move(model: Model, sight: Sight, now: number): Step {
  const since = model.steadySince ?? now;
  const steady = now - since >= STEADY_MS && model.reopenAt === null;
  const shrinks = model.cushion > 0 && now - Math.max(since, model.cushionAt) >= CUSHION_SHRINK_MS;
  const moving: Model = {
    ...model, state: 'playing', failure: null, lit: true, proven: true, shown: true, movedAt: now, steadySince: since, leapt: false,
    tries: steady ? 0 : model.tries,
    cushion: shrinks ? model.cushion - CUSHION_S : model.cushion, cushionAt: shrinks ? now : model.cushionAt,
  };
  return model.reopenAt !== null && now >= model.reopenAt ? open(moving, now) : pace(moving, sight);
}

/** Keeps the delay. */
function pace(model: Model, { delay, target: own, ahead }: Sight): Step {
  if (delay === null || own === null) return still(model);
  const target = own + model.cushion;
  const leap = leapOf({ delay, target });
  if (leap > 0) return { model, actions: [{ kind: 'leap', seconds: leap }] };
  const speed = paceOf({ delay, target, ahead, speed: model.speed });
  return speed === model.speed ? still(model) : { model: { ...model, speed }, actions: [{ kind: 'speed', speed }] };
}

/** The picture stands still. */
function stand(model: Model, sight: Sight, now: number): Step {
  const stood = now - model.movedAt;
  switch (model.state) {
    case 'playing':
      return still(stood < STALL_MS ? model : {
        ...model, state: 'stalled', steadySince: null, cushion: Math.min(CUSHION_MAX_S, model.cushion + CUSHION_S), cushionAt: now,
      });
    case 'loading':
      return stood < FIRST_PICTURE_MS ? still(model) : trouble(model, 'network', now);
    case 'stalled':
      if (stood >= REOPEN_STALL_MS) return trouble(model, 'network', now);
      return stood < LEAP_MS || model.leapt ? still(model) : leapOut(model, sight);
    case 'blocked':
      return model.open && stood >= BLOCKED_OPEN_MS ? end(model) : still(model);
    default:
      return still(model);
  }
}

/** Out of a hole in the buffer, or of a picture that hangs although there is more. */
function leapOut(model: Model, { delay, target, ahead }: Sight): Step {
  const seconds = (delay ?? 0) - (target ?? 0);
  if (seconds < SOME_AHEAD_S && ahead < SOME_AHEAD_S) return still(model);
  return { model: { ...model, leapt: true }, actions: [{ kind: 'leap', seconds: Math.max(seconds, SOME_AHEAD_S / 2) }, { kind: 'start' }] };
}
