// Buying coins: how many, then the payment page, then they are there.

import { newKey, type TopUp } from '@hawker/shop';
import { pageAddress } from '@hawker/web-shared';
import { h, icon } from '../dom';
import { count, money, wordsOf, type ShopContext } from './context';
import { doer } from './parts';
import type { Leaf } from './sheet';

const PACKS = [60, 300, 980, 1980, 4980, 9980] as const;
/** How often the wallet is asked whether the coins have come. */
const FOLLOW_MS = 2500;

export function topUpLeaf(context: ShopContext): Leaf {
  const { model } = context;
  return {
    look: 'tray',
    title: () => wordsOf(context).topUpTitle,
    draw(life) {
      const w = wordsOf(context);
      let pack: number = PACKS[1];
      // The same wish again is the same top-up, as long as this leaf is open.
      const keys = new Map<number, string>();
      const place = h('div', { class: 'top-up' });
      const choose = () => {
        const tiles = PACKS.map((coins) => h('button', { class: 'pack', type: 'button', 'aria-pressed': String(coins === pack), onclick: () => { pack = coins; choose(); } },
          icon('coin'), h('b', {}, count(context, coins))));
        place.replaceChildren(
          h('p', { class: 'soft' }, w.topUpText), h('div', { class: 'packs', role: 'group', 'aria-label': w.topUpTitle }, ...tiles),
          doer(context, 'primary', w.next, async () => {
            const key = keys.get(pack) ?? newKey();
            keys.set(pack, key);
            const { coins } = await model.shop.getWallet();
            const topUp = await model.shop.topUp(pack, { key });
            if (life.on) pay(topUp, coins);
          }));
      };
      const pay = (topUp: TopUp, before: number) => {
        const address = pageAddress(topUp.payUrl);
        const amount = money(context, topUp.amount, topUp.currency);
        place.replaceChildren(
          h('div', { class: 'pack-chosen' }, icon('coin'), h('b', {}, count(context, topUp.coins)), h('span', {}, amount)),
          address ? h('a', { class: 'primary', href: address, target: '_blank', rel: 'noopener' }, w.pay(amount)) : h('p', { class: 'problem' }, w.payNowhere),
          h('p', { class: 'soft small', role: 'status' }, address ? w.payWaiting : ''));
        follow(topUp.coins, before);
      };
      const follow = (coins: number, before: number) => {
        const ask = async () => {
          const wallet = await model.shop.getWallet();
          if (!life.on || wallet.coins < before + coins) return;
          model.store.set({ coins: wallet.coins });
          context.say(w.arrived(count(context, coins)));
          context.back();
        };
        const look = () => { if (!document.hidden) ask().catch(() => undefined); };
        life.every(FOLLOW_MS, look);
        document.addEventListener('visibilitychange', look);
        life.onEnd(() => document.removeEventListener('visibilitychange', look));
      };
      choose();
      return [place];
    },
  };
}
