// The gift tray. A tap gives one; taps in a row become one message to the server every now and then, and the number grows
// under the thumb meanwhile.

import { newKey, SHOP_ERROR, type Gift } from '@hawker/shop';
import { errorCode, giftId, type Person } from '@hawker/web-shared';
import { giftIcon, h, icon, replay } from '../dom';
import { boardLeaf } from './board';
import { count, refusal, wordsOf, type ShopContext } from './context';
import { goodsPicture, loading, waiting } from './parts';
import type { Leaf } from './sheet';
import { topUpLeaf } from './topup';

/** Taps within this time go to the server together. */
const GATHER_MS = 450;
/** No more at once; the rest goes with the next. */
const GATHERED_MAX = 99;
/** After so long without a tap the row of gifts is over, as it is for the server. */
const COMBO_MS = 5000;

export function giftsLeaf(context: ShopContext): Leaf {
  const { model } = context;
  return {
    look: 'tray',
    title: () => wordsOf(context).gifts,
    draw(life) {
      const w = wordsOf(context);
      const grid = h('div', { class: 'gift-grid', role: 'group', 'aria-label': w.gifts }, waiting(context));
      const balance = h('b');
      let chosen = '';
      const combo = comboButton(context, () => model.store.state.gifts?.find(({ id }) => id === chosen) ?? null);
      const choose = (gift: Gift) => {
        const again = chosen === gift.id;
        chosen = gift.id;
        for (const tile of grid.querySelectorAll('button')) tile.setAttribute('aria-pressed', String(tile.dataset['gift'] === chosen));
        if (!again) combo.reset();
      };
      life.watch(model.store, ['gifts'], ({ gifts }) => {
        if (!gifts) return;
        grid.replaceChildren(...gifts.map((gift) => giftTile(context, gift, () => choose(gift))));
        const first = gifts.find(({ id }) => id === chosen) ?? gifts[0];
        if (first) choose(first);
        combo.element.disabled = !first;
      });
      life.watch(model.store, ['coins'], ({ coins }) => { balance.textContent = coins === null ? '–' : count(context, coins); });
      loading(context, life, model.loadGifts, grid);
      life.onEnd(combo.end);
      return [
        h('button', { class: 'board-link', type: 'button', onclick: () => context.show(boardLeaf(context)) }, icon('crown'), w.board),
        grid,
        h('footer', { class: 'tray-foot' },
          h('button', { class: 'balance', type: 'button', onclick: () => context.show(topUpLeaf(context)) },
            h('span', { class: 'unseen' }, w.balance), icon('coin'), balance, h('span', {}, w.topUp), icon('plus')),
          combo.element),
      ];
    },
  };
}

function giftTile(context: ShopContext, gift: Gift, choose: () => void): HTMLElement {
  const { language } = context.page.store.state;
  const drawing = giftId(gift.id);
  const picture = drawing || gift.picture === '' ? giftIcon(drawing) : goodsPicture(gift.picture, 'gift-picture');
  const name = (language === 'zh' ? gift.name : gift.nameEn) || gift.name;
  return h('button', { class: 'gift-tile', type: 'button', 'data-gift': gift.id, 'aria-pressed': 'false', onclick: choose },
    picture, h('span', {}, name), h('small', {}, icon('coin'), count(context, gift.coins)));
}

/** Sends the chosen gift, once for each tap. */
function comboButton(context: ShopContext, chosen: () => Gift | null) {
  const { model, page } = context;
  const w = wordsOf(context);
  const times = h('b', { class: 'combo-times' });
  const label = h('span', {}, w.send);
  const element = h('button', { class: 'combo', type: 'button', disabled: true }, label, times);
  let tapped = 0;
  let waiting = 0;
  let sending: Gift | null = null;
  let gatherTimer: ReturnType<typeof setTimeout> | undefined;
  let comboTimer: ReturnType<typeof setTimeout> | undefined;
  let busy = false;

  const reset = () => {
    flush();
    tapped = 0;
    times.textContent = '';
    label.textContent = w.send;
    element.classList.remove('running');
  };
  const fail = (error: unknown, count: number, gift: Gift) => {
    model.store.set({ coins: (model.store.state.coins ?? 0) + count * gift.coins });
    waiting = 0;
    reset();
    context.say(refusal(context, error));
    if (errorCode(error) === SHOP_ERROR.BALANCE_LOW) context.show(topUpLeaf(context));
  };
  const send = (gift: Gift, number: number, me: Person) => {
    busy = true;
    model.shop.sendGift(gift.id, number, { key: newKey() }).then(({ coins, combo }) => {
      // Taps that are still waiting are paid already as far as the viewer can see.
      model.store.set({ coins: coins - waiting * gift.coins });
      context.gave(me, { id: giftId(gift.id), name: gift.name, count: number, combo, coins: number * gift.coins });
    }, (error: unknown) => fail(error, number + waiting, gift)).finally(() => {
      busy = false;
      if (waiting > 0) flush();
    });
  };
  /** One message at a time, so that the numbers come in order. */
  const flush = () => {
    clearTimeout(gatherTimer);
    const { me } = page.store.state;
    if (busy || waiting === 0 || !sending || !me) return;
    const number = Math.min(waiting, GATHERED_MAX);
    waiting -= number;
    send(sending, number, me);
  };
  element.addEventListener('click', () => {
    const gift = chosen();
    if (!gift) return;
    const { coins } = model.store.state;
    if (coins !== null && coins < gift.coins) {
      context.say(w.coinsLow);
      return context.show(topUpLeaf(context));
    }
    // What was tapped for another gift goes first.
    if (sending?.id !== gift.id && waiting > 0) {
      if (busy) return;
      flush();
    }
    sending = gift;
    tapped += 1;
    waiting += 1;
    model.store.set({ coins: coins === null ? null : coins - gift.coins });
    times.textContent = `×${tapped}`;
    label.textContent = w.combo;
    element.classList.add('running');
    replay(element, 'beat');
    replay(times, 'bump');
    clearTimeout(gatherTimer);
    gatherTimer = setTimeout(flush, GATHER_MS);
    clearTimeout(comboTimer);
    comboTimer = setTimeout(reset, COMBO_MS);
  });
  const end = () => {
    clearTimeout(comboTimer);
    flush();
  };
  return { element, reset, end };
}
