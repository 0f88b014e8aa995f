// The shelf: everything that the room sells, with what is left of it, and the coupons that can be claimed.

import type { Coupon, Shelf, ShelfItem } from '@hawker/shop';
import { formatCountdown, goodsOfferOf, isClaimable } from '@hawker/web-shared';
import { h, icon } from '../dom';
import { FEW } from '../view/goods';
import { buyLeaf } from './buy';
import { asSomebody, money, wordsOf, type ShopContext } from './context';
import { bagOf } from './model';
import { doer, emptyNote, goodsPicture, loading, waiting } from './parts';
import type { Leaf } from './sheet';
import { ticket } from './ticket';

const TICK_MS = 1000;

export function shelfLeaf(context: ShopContext): Leaf {
  const { model } = context;
  return {
    title: () => {
      const { shelf } = model.store.state;
      return shelf ? wordsOf(context).shelfCount(bagOf(shelf)) : wordsOf(context).shelf;
    },
    draw(life) {
      const w = wordsOf(context);
      const coupons = h('div', { class: 'strip', hidden: true });
      const list = h('div', { class: 'shelf' }, waiting(context));
      const unpaid = h('b', { class: 'nav-count' });
      let drawn = '';
      let drawnCoupons = '';
      let cards: readonly Card[] = [];
      const refresh = () => cards.forEach((card) => card.refresh());
      life.watch(model.store, ['shelf', 'claims'], ({ shelf, claims }) => {
        if (!shelf) return;
        // Numbers change every second; what can be tapped stays where it is as long as it is the same.
        const open = shelf.coupons.map((coupon) => ({ coupon, claimable: isClaimable(coupon, claims, model.now()) }))
          .filter(({ coupon, claimable }) => claimable || claims.some((claim) => claim.coupon.id === coupon.id));
        const couponKey = JSON.stringify(open.map(({ coupon, claimable }) => [coupon.id, coupon.title, claimable]));
        if (couponKey !== drawnCoupons) {
          drawnCoupons = couponKey;
          coupons.replaceChildren(...open.map(({ coupon, claimable }) => couponTicket(context, coupon, claimable)));
          coupons.hidden = open.length === 0;
        }
        const key = JSON.stringify([shelf.pushed, shelf.items.map(({ goods, badge }) => [goods.id, goods.changedAt, goods.state, badge])]);
        if (key !== drawn) {
          drawn = key;
          cards = cardsOf(context, shelf);
          list.replaceChildren(...(cards.length > 0 ? cards.map(({ element }) => element) : [emptyNote('bag', w.empty, w.emptyText)]));
        }
        refresh();
      });
      life.watch(model.store, ['orders'], ({ orders }) => {
        const count = (orders ?? []).filter(({ state }) => state === 'created').length;
        unpaid.textContent = count > 0 ? String(count) : '';
        unpaid.setAttribute('aria-label', w.unpaid(count));
      });
      life.every(TICK_MS, refresh);
      loading(context, life, model.loadShelf, list);
      // Everybody may look; who has a name, or gets one, sees what is theirs.
      life.watch(context.page.store, ['me'], ({ me }) => {
        if (me) void Promise.allSettled([model.loadClaims(), model.loadOrders()]);
      });
      return [
        h('nav', { class: 'shop-nav' },
          h('button', { class: 'plain', type: 'button', onclick: () => context.page.actions.shop({ place: 'orders' }) }, icon('list'), w.orders, unpaid),
          h('button', { class: 'plain', type: 'button', onclick: () => context.page.actions.shop({ place: 'coupons' }) }, icon('ticket'), w.coupons)),
        h('div', { class: 'shop-body' }, coupons, list),
      ];
    },
  };
}

interface Card {
  readonly element: HTMLElement;
  /** Draws what changes by itself: price, pieces, time. */
  refresh(): void;
}

/** What the host is showing comes first. */
function cardsOf(context: ShopContext, shelf: Shelf): Card[] {
  const items = shelf.items.map((item, index) => ({ item, number: index + 1 })).filter(({ item }) => item.goods.state === 'on');
  const first = items.filter(({ item }) => item.goods.id === shelf.pushed);
  const others = items.filter(({ item }) => item.goods.id !== shelf.pushed);
  return [...first, ...others].map(({ item, number }) => goodsItem(context, item, number, item.goods.id === shelf.pushed));
}

function goodsItem(context: ShopContext, { goods, badge }: ShelfItem, number: number, explaining: boolean): Card {
  const w = wordsOf(context);
  const flash = h('div', { class: 'flash-bar' });
  const price = h('div', { class: 'item-price' });
  const left = h('span', { class: 'item-left' });
  const buy = h('button', { class: 'buy', type: 'button' });
  const visit = () => context.page.actions.named(() => context.show(buyLeaf(context, goods.id)));
  buy.addEventListener('click', visit);
  const picture = goodsPicture(goods.pictures[0] ?? '', 'item-picture');
  picture.append(h('i', { class: 'item-number' }, String(number)));
  if (explaining) picture.append(h('span', { class: 'item-live' }, h('em', { 'aria-hidden': 'true' }), w.explaining));
  picture.addEventListener('click', visit);
  const element = h('article', { class: 'item' }, picture,
    h('div', { class: 'item-text' },
      h('strong', { class: 'item-title' }, badge !== '' && h('span', { class: 'item-badge' }, badge), goods.title),
      flash, h('div', { class: 'item-foot' }, h('div', {}, price, left), buy)));

  return {
    element,
    refresh() {
      const { shelf } = context.model.store.state;
      const fresh = shelf?.items.find((item) => item.goods.id === goods.id)?.goods;
      const now = context.model.now();
      const offer = shelf && fresh && goodsOfferOf(shelf, fresh, now);
      if (!shelf || !offer) return;
      const { sale } = offer;
      const struck = offer.listPrice > offer.price && h('s', {}, money(context, offer.listPrice));
      const mark = (text: string) => offer.from && text !== '' && h('small', {}, text);
      const parts = [mark(w.fromBefore), h('b', {}, money(context, offer.price)), mark(w.fromAfter), struck];
      price.replaceChildren(...parts.filter((part) => part !== false));
      left.textContent = offer.total > 0 && offer.total < FEW ? w.left(offer.total) : '';
      element.classList.toggle('gone', offer.total === 0);
      buy.disabled = offer.total === 0;
      buy.textContent = offer.total === 0 ? w.soldOut : sale ? w.grab : w.buy;
      buy.setAttribute('aria-label', `${buy.textContent}: ${goods.title}`);
      flash.hidden = !sale;
      if (!sale) return;
      const taken = Math.min(100, Math.max(0, Math.round(((sale.quota - sale.left) / Math.max(1, sale.quota)) * 100)));
      const bar = h('span', { class: 'quota', role: 'img', 'aria-label': w.taken(taken) }, h('i'), h('em', { 'aria-hidden': 'true' }, w.taken(taken)));
      bar.style.setProperty('--part', `${taken}%`);
      flash.replaceChildren(icon('bolt'), h('span', {}, w.endsIn(formatCountdown(sale.endsAt - now))), bar);
    },
  };
}

/** What cannot be claimed any more is here because it is the viewer's. */
function couponTicket(context: ShopContext, coupon: Coupon, claimable: boolean): HTMLElement {
  const w = wordsOf(context);
  const end = claimable
    ? doer(context, 'ticket-claim', w.claim, () => asSomebody(context, () => context.model.claim(coupon.id)))
    : h('span', { class: 'ticket-mine' }, icon('check'), w.claimed);
  return ticket(context, coupon, end);
}
