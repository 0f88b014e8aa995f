// What is said beside a field that the page itself found wrong.

import { computed, type ComputedRef } from 'vue';
import { w } from './words';

/** Sentences of all kinds of mistakes that forms find before they send anything. */
const sentences: ComputedRef<Readonly<Record<string, string>>> = computed(() => ({
  needed: w.value.common.fields.needed,
  badMoney: w.value.common.fields.badMoney,
  badNumber: w.value.common.fields.badNumber,
  tooSmall: w.value.common.fields.tooSmall,
  tooLarge: w.value.common.fields.tooLarge,
  listBelow: w.value.goods.listBelow,
  badRate: w.value.coupons.badRate,
  endBefore: w.value.coupons.endBefore,
  needGoods: w.value.coupons.needGoods,
  notCheaper: w.value.rooms.notCheaper,
  moreThanStock: w.value.rooms.moreThanStock,
  notZero: w.value.people.wallets.notZero,
}));

export function wrongText(reason: string | undefined): string {
  return reason ? (sentences.value[reason] ?? w.value.refusals.bad_parameter) : '';
}
