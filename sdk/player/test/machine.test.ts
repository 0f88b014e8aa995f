import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import {
  type Action, BLOCKED_OPEN_MS, FIRST_PICTURE_MS, initial, type Input, LEAP_MS, type Model, REOPEN_MS, REOPEN_STALL_MS, type Sight,
  STALL_MS, STEADY_MS, step, type Trouble,
} from '../src/machine.js';

const TICK_MS = 200;
const WAYS = 2;
const [FIRST_PAUSE] = REOPEN_MS;

let model: Model;
let now: number;
let position: number;

beforeEach(() => { model = initial(WAYS); now = 1000; position = 0; });

/** Names of the actions, a way's number and a speed with them. */
function say(action: Action): string {
  switch (action.kind) {
    case 'open': return `open ${action.way}`;
    case 'speed': return `speed ${action.speed}`;
    case 'leap': return `leap ${action.seconds.toFixed(1)}`;
    default: return action.kind;
  }
}
function take(input: Input): string[] {
  const taken = step(model, input, now, WAYS);
  model = taken.model;
  return taken.actions.map(say);
}
const trouble = (what: Trouble): string[] => take({ kind: 'trouble', trouble: what });

/** Lets time pass tick by tick, with the picture moving or not. */
function pass(ms: number, moving: boolean, sight: Partial<Sight> = {}): string[] {
  const actions: string[] = [];
  for (let passed = 0; passed < ms; passed += TICK_MS) {
    now += TICK_MS;
    if (moving) position += TICK_MS / 1000;
    actions.push(...take({ kind: 'tick', sight: { position, ahead: 0.8, delay: 0.8, target: 0.8, ...sight } }));
    if (actions.some((action) => action.startsWith('open'))) position = 0;
  }
  return actions;
}
const EMPTY = { ahead: 0, delay: null };
function playing(): void {
  take({ kind: 'play' });
  pass(1000, true);
  assert.equal(model.state, 'playing');
}
/** What happens until it is opened again, or given up. */
function reopened(): string[] {
  const actions: string[] = [];
  while (actions.length === 0) actions.push(...pass(TICK_MS, false, EMPTY));
  return actions;
}

describe('the first picture', () => {
  it('comes by the best way, and playing is what moves', () => {
    assert.deepEqual(take({ kind: 'play' }), ['open 0']);
    assert.equal(model.state, 'loading');
    pass(1000, false);
    assert.equal(model.state, 'loading');
    pass(TICK_MS, true);
    assert.equal(model.state, 'playing');
    assert.deepEqual(take({ kind: 'play' }), []);
  });

  it('does not come by a way that cannot play what there is: the next is taken at once, the last tried again', () => {
    take({ kind: 'play' });
    assert.deepEqual(trouble('media'), ['open 1']);
    for (let tries = 0; tries < REOPEN_MS.length; tries += 1) {
      assert.deepEqual(trouble('media'), []);
      assert.deepEqual(reopened(), ['open 1']);
    }
    assert.deepEqual(trouble('media'), ['close']);
    assert.deepEqual([model.state, model.failure], ['failed', 'unsupported']);
  });

  it('may not come at all: the other way is tried after a while', () => {
    take({ kind: 'play' });
    pass(FIRST_PICTURE_MS, false, EMPTY);
    assert.deepEqual(reopened(), ['open 1']);
    assert.equal(model.state, 'loading');
  });

  it('a jump to where a live stream begins is not a picture that moves', () => {
    take({ kind: 'play' });
    position = 3600;
    pass(TICK_MS, false);
    assert.equal(model.state, 'loading');
    pass(TICK_MS, true);
    assert.equal(model.state, 'playing');
  });

  it('nothing here can play: failed without a try', () => {
    const { model: none, actions } = step(initial(0), { kind: 'play' }, now, 0);
    assert.deepEqual([none.state, none.failure, actions], ['failed', 'unsupported', []]);
  });
});

describe('a lost connection', () => {
  it('is opened again after a pause, by the way that has worked, while what is left is played', () => {
    playing();
    assert.deepEqual(trouble('network'), []);
    assert.deepEqual(pass(TICK_MS, true), []);
    assert.equal(model.state, 'playing');
    assert.deepEqual(reopened(), ['open 0']);
    assert.equal(model.state, 'stalled');
    pass(1000, true);
    assert.equal(model.state, 'playing');
  });

  it('pauses grow, and end', () => {
    playing();
    const pauses = REOPEN_MS.map(() => {
      trouble('network');
      const before = now;
      assert.deepEqual(reopened(), ['open 0']);
      return now - before;
    });
    pauses.forEach((pause, index) => assert.ok(pause >= (REOPEN_MS[index] ?? 0) && pause <= (REOPEN_MS[index] ?? 0) + TICK_MS, String(pause)));
    assert.deepEqual(trouble('network'), ['close']);
    assert.deepEqual([model.state, model.failure], ['failed', 'network']);
  });

  it('after a steady while pauses begin anew', () => {
    playing();
    trouble('network');
    reopened();
    pass(STEADY_MS / 2, true);
    assert.equal(model.tries, 1);
    pass(STEADY_MS, true);
    assert.equal(model.tries, 0);
  });

  it('is opened at once when the network is back, also after giving up', () => {
    playing();
    trouble('network');
    assert.deepEqual(take({ kind: 'online' }), ['open 0']);
    assert.deepEqual(take({ kind: 'online' }), []);
    for (let tries = 0; model.state !== 'failed'; tries += 1) {
      assert.ok(tries <= REOPEN_MS.length);
      trouble('network');
      if (model.reopenAt !== null) reopened();
    }
    assert.deepEqual(take({ kind: 'online' }), ['open 0']);
    assert.equal(model.state, 'loading');
  });

  it('says one trouble once', () => {
    playing();
    trouble('network');
    const before = model;
    trouble('over');
    assert.equal(model, before);
  });

  it('a broken picture is opened again, not left for another way', () => {
    playing();
    trouble('media');
    assert.deepEqual(reopened(), ['open 0']);
  });

  it('that brings what cannot be played any more is left for the other way', () => {
    playing();
    trouble('network');
    reopened();
    assert.deepEqual(trouble('media'), ['open 1']);
  });
});

describe('the end', () => {
  /** Tries until it is given up. */
  function exhaust(what: Trouble): void {
    for (let tries = 0; model.state === 'loading' || model.state === 'playing' || model.state === 'stalled'; tries += 1) {
      assert.ok(tries <= REOPEN_MS.length);
      trouble(what);
      if (model.reopenAt !== null) reopened();
    }
  }

  it('is an end only when nothing follows it', () => {
    playing();
    trouble('over');
    assert.deepEqual(reopened(), ['open 0']);
    exhaust('missing');
    assert.deepEqual([model.state, model.failure, model.open], ['ended', null, false]);
  });

  it('of a stream that never was is a failure, and no other way is loaded for it', () => {
    take({ kind: 'play' });
    trouble('missing');
    assert.deepEqual(reopened(), ['open 0']);
    exhaust('missing');
    assert.deepEqual([model.state, model.failure], ['failed', 'missing']);
    assert.deepEqual(take({ kind: 'play' }), ['open 0']);
    assert.deepEqual([model.state, model.failure, model.tries], ['loading', null, 0]);
  });

  it('stop closes what is open, once', () => {
    playing();
    assert.deepEqual(take({ kind: 'stop' }), ['close']);
    assert.deepEqual(take({ kind: 'stop' }), []);
    assert.equal(model.state, 'idle');
    assert.deepEqual(trouble('network'), []);
  });
});

describe('a stall', () => {
  it('shows after a moment, is leapt out of where there is more, and costs some delay', () => {
    playing();
    assert.deepEqual(pass(STALL_MS + TICK_MS, false, { ahead: 0, delay: 3 }), []);
    assert.equal(model.state, 'stalled');
    assert.deepEqual(pass(LEAP_MS, false, { ahead: 0, delay: 3 }), ['leap 2.2', 'start']);
    pass(1000, true);
    assert.equal(model.state, 'playing');
    assert.equal(model.cushion, 0.5);
    pass(60_000, true);
    assert.equal(model.cushion, 0);
  });

  it('that lasts ends the connection', () => {
    playing();
    assert.deepEqual(pass(REOPEN_STALL_MS, false, EMPTY), []);
    assert.deepEqual(reopened(), ['open 0']);
  });

  it('is none when the page slept', () => {
    playing();
    now += 60_000;
    assert.deepEqual(pass(TICK_MS, false), []);
    assert.equal(model.state, 'playing');
    pass(TICK_MS, true);
    assert.equal(model.state, 'playing');
  });
});

describe('a browser that refuses', () => {
  it('sound gets none, and plays', () => {
    take({ kind: 'play' });
    assert.deepEqual(take({ kind: 'refused', muted: false }), ['silence', 'start']);
    assert.equal(model.state, 'loading');
  });

  it('all gets a tap', () => {
    take({ kind: 'play' });
    take({ kind: 'refused', muted: false });
    assert.deepEqual(take({ kind: 'refused', muted: true }), []);
    assert.equal(model.state, 'blocked');
    assert.deepEqual(take({ kind: 'play' }), ['start']);
    pass(TICK_MS, true);
    assert.equal(model.state, 'playing');
  });

  it('long is not sent a stream that nobody sees; the tap opens it again', () => {
    take({ kind: 'play' });
    take({ kind: 'refused', muted: true });
    assert.deepEqual(pass(BLOCKED_OPEN_MS, false), ['close']);
    assert.equal(model.state, 'blocked');
    assert.deepEqual(take({ kind: 'play' }), ['open 0']);
    assert.equal(model.state, 'loading');
  });

  it('pauses a hidden page: it goes on when it is seen again', () => {
    playing();
    take({ kind: 'paused' });
    assert.equal(model.state, 'blocked');
    assert.deepEqual(trouble('network'), ['close']);
    assert.deepEqual(take({ kind: 'visible' }), ['open 0']);
  });
});

describe('the delay', () => {
  it('is made up gently, and leapt over when it is long', () => {
    playing();
    assert.deepEqual(pass(TICK_MS, true, { ahead: 2, delay: 2 }), ['speed 1.05']);
    assert.deepEqual(pass(TICK_MS, true, { ahead: 2, delay: 2 }), []);
    assert.deepEqual(pass(TICK_MS, true, { ahead: 4, delay: 4 }), ['speed 1.1']);
    assert.deepEqual(pass(TICK_MS, true, { ahead: 0.8, delay: 0.8 }), ['speed 1']);
    assert.deepEqual(pass(TICK_MS, true, { ahead: 9, delay: 9 }), ['leap 8.2']);
  });

  it('is the browser\'s business where that plays by itself', () => {
    playing();
    assert.deepEqual(pass(TICK_MS, true, { delay: 20, target: null }), []);
  });

  it('has a first pause that is shorter than the buffer', () => {
    assert.ok(FIRST_PAUSE < 800);
  });
});
