// All words in both languages: a key that one of them lacks is a type error.

import common from './common';
import coupons from './coupons';
import gate from './gate';
import goods from './goods';
import orders from './orders';
import overview from './overview';
import people from './people';
import refusals, { byStatus } from './refusals';
import rooms from './rooms';
import statistics from './statistics';
import system from './system';

export const en = {
  common: common.en,
  gate: gate.en,
  overview: overview.en,
  goods: goods.en,
  coupons: coupons.en,
  orders: orders.en,
  rooms: rooms.en,
  statistics: statistics.en,
  people: people.en,
  system: system.en,
  refusals: refusals.en,
  byStatus: byStatus.en,
};

export type Words = typeof en;

export const zh: Words = {
  common: common.zh,
  gate: gate.zh,
  overview: overview.zh,
  goods: goods.zh,
  coupons: coupons.zh,
  orders: orders.zh,
  rooms: rooms.zh,
  statistics: statistics.zh,
  people: people.zh,
  system: system.zh,
  refusals: refusals.zh,
  byStatus: byStatus.zh,
};
