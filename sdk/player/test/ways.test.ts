import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Sources, WayName } from '../src/index.js';
import { type Device, routesOf } from '../src/ways.js';

const BOTH: Sources = { flv: '/a.flv', hls: '/a.m3u8' };
const DESK: Device = { pieces: true, streams: true, hls: false };

const names = (device: Device, sources: Sources = BOTH, order?: WayName[]): string[] =>
  routesOf(sources, device, order).map(({ way, url }) => `${way.name} ${url}`);

it('the best comes first, and only what the device can', () => {
  assert.deepEqual(names(DESK), ['flv /a.flv', 'hls /a.m3u8']);
  assert.deepEqual(names({ ...DESK, hls: true }), ['flv /a.flv', 'hls /a.m3u8', 'native /a.m3u8']);
  assert.deepEqual(names({ pieces: false, streams: true, hls: true }), ['native /a.m3u8']);
  assert.deepEqual(names({ ...DESK, streams: false }), ['hls /a.m3u8']);
  assert.deepEqual(names({ pieces: false, streams: false, hls: false }), []);
});

it('an address that is missing or empty is not tried', () => {
  assert.deepEqual(names(DESK, { hls: '/a.m3u8' }), ['hls /a.m3u8']);
  assert.deepEqual(names(DESK, { flv: '/a.flv', hls: '' }), ['flv /a.flv']);
});

it('a page may say which ways, and in which order', () => {
  assert.deepEqual(names({ ...DESK, hls: true }, BOTH, ['native', 'flv']), ['native /a.m3u8', 'flv /a.flv']);
});
