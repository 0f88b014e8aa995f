import assert from 'node:assert/strict';
import { it } from 'node:test';
import { leapOf, paceOf } from '../src/pace.js';

/** Plays a live stream for a while from this delay; the buffer holds all of it. */
function watch(delay: number, target: number, seconds: number): { delay: number; speeds: number[] } {
  const TICK_S = 0.2;
  const speeds = [1];
  for (let passed = 0; passed < seconds; passed += TICK_S) {
    const speed = paceOf({ delay, target, ahead: delay, speed: speeds.at(-1) ?? 1 });
    if (speed !== speeds.at(-1)) speeds.push(speed);
    delay -= (speed - 1) * TICK_S;
  }
  return { delay, speeds };
}

it('a late viewer is brought to the target and left there', () => {
  const { delay, speeds } = watch(4, 0.8, 60);
  assert.ok(Math.abs(delay - 0.8) <= 0.15, String(delay));
  assert.deepEqual(speeds, [1, 1.1, 1.05, 1]);
});

it('a thin buffer is let grow', () => {
  const { delay, speeds } = watch(0.1, 0.8, 60);
  assert.ok(delay >= 0.55 && delay < 0.8, String(delay));
  assert.deepEqual(speeds, [1, 0.95, 1]);
});

it('small differences are left alone', () => {
  for (const delay of [0.5, 0.8, 1.2]) assert.deepEqual(watch(delay, 0.8, 10).speeds, [1]);
});

it('nobody hurries with an empty buffer', () => {
  assert.equal(paceOf({ delay: 4, target: 2, ahead: 0.2, speed: 1 }), 1);
});

it('what cannot be made up is leapt over', () => {
  assert.equal(leapOf({ delay: 4, target: 0.8 }), 0);
  assert.equal(leapOf({ delay: 10, target: 1 }), 9);
});
