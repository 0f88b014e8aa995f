// From goods to an order: which variant, how many, where to, with which coupon, and what it comes to.

import { newKey, SHOP_ERROR, type Address, type Goods, type Shelf } from '@hawker/shop';
import { bestClaim, claimDiscount, errorCode, formatCountdown, offerOf, type Offer } from '@hawker/web-shared';
import { h, icon } from '../dom';
import { addressForm } from './address';
import { count, money, refusal, wordsOf, type ShopContext } from './context';
import { orderLeaf } from './order';
import { goodsPicture, loading, waiting } from './parts';
import type { Leaf, Life } from './sheet';

/** The server takes no more of one variant at once. */
const QUANTITY_MAX = 999;
const REMARK_CHARS_MAX = 160;
const TICK_MS = 1000;
const NO_CLAIM = '';

export function buyLeaf(context: ShopContext, goodsID: number): Leaf {
  const { model } = context;
  return {
    title: () => wordsOf(context).checkout,
    draw(life) {
      const body = h('div', { class: 'shop-body' }, waiting(context));
      const foot = h('footer', { class: 'shop-foot', hidden: true });
      let drawn = false;
      const start = () => {
        const goods = goodsOn(model.store.state.shelf, goodsID);
        if (drawn || !goods) return;
        drawn = true;
        drawBuy(context, life, goods, body, foot);
      };
      life.watch(model.store, ['shelf'], start);
      loading(context, life, async () => {
        await Promise.all([model.store.state.shelf ? null : model.loadShelf(), model.loadClaims()]);
        // What is not on the shelf cannot be bought here, whatever the card says.
        if (life.on && !drawn) body.replaceChildren(h('p', { class: 'empty', role: 'alert' }, wordsOf(context).refusals.NOT_FOR_SALE ?? ''));
      }, body);
      return [body, foot];
    },
  };
}

function goodsOn(shelf: Shelf | null, id: number): Goods | undefined {
  return shelf?.items.find(({ goods }) => goods.id === id)?.goods;
}

function drawBuy(context: ShopContext, life: Life, opened: Goods, body: HTMLElement, foot: HTMLElement): void {
  const { model } = context;
  const w = wordsOf(context);
  const offers = (): Offer[] => {
    const { shelf } = model.store.state;
    const goods = goodsOn(shelf, opened.id);
    return shelf && goods ? goods.skus.map((sku) => offerOf(shelf, sku, model.now())) : [];
  };
  let chosen = (offers().find(({ left }) => left > 0) ?? offers()[0])?.sku.id ?? 0;
  let quantity = 1;
  /** What the buyer chose; null: the best one. */
  let wantedClaim: string | null = null;
  /** The same order is asked for with the same key, so that a second try after a lost answer is no second order. */
  let asked = { request: '', key: '' };

  const price = h('b', { class: 'buy-price' });
  const struck = h('s');
  const stock = h('span', { class: 'buy-stock' });
  const flash = h('p', { class: 'buy-flash' });
  const variants = h('div', { class: 'variants', role: 'group', 'aria-label': w.variant });
  const number = h('output', { class: 'stepper-number' });
  const step = (by: number) => { quantity += by; refresh(); };
  const less = h('button', { type: 'button', 'aria-label': w.less, onclick: () => step(-1) }, icon('minus'));
  const more = h('button', { type: 'button', 'aria-label': w.more, onclick: () => step(1) }, icon('plus'));
  const coupon = h('select', { class: 'coupon-select', id: 'buy-coupon', onchange: () => { wantedClaim = coupon.value; refresh(); } });
  const remark = h('input', { id: 'buy-remark', type: 'text', maxlength: REMARK_CHARS_MAX, placeholder: w.remarkHint, autocomplete: 'off' });
  const sums = h('dl', { class: 'sums' });
  const total = h('b', { class: 'foot-total' });
  const saved = h('small');
  const problem = h('p', { class: 'problem', role: 'alert' });
  const submit = h('button', { class: 'primary', type: 'button' }, w.order);
  const address = addressForm(context, () => { problem.textContent = ''; });

  const current = () => offers().find(({ sku }) => sku.id === chosen);
  const lines = (offer: Offer) => [{ goods: opened.id, price: offer.price, quantity }];
  const claimOf = (offer: Offer) => {
    const { claims } = model.store.state;
    if (wantedClaim === NO_CLAIM) return null;
    const picked = claims.find(({ id }) => String(id) === wantedClaim);
    const fits = picked && typeof claimDiscount(picked, lines(offer), model.now()) === 'number';
    return fits ? picked : bestClaim(claims, lines(offer), model.now());
  };

  let drawnVariants = '';
  const drawVariants = () => {
    const all = offers();
    // Time passes every second; a button that is drawn anew under a thumb is not pressed.
    const key = JSON.stringify(all.map(({ sku, left }) => [sku.id, sku.name, left > 0, sku.id === chosen]));
    if (key === drawnVariants) return;
    drawnVariants = key;
    variants.hidden = all.length < 2 && !all[0]?.sku.name;
    variants.replaceChildren(...all.map(({ sku, left }) => {
      const choose = () => { chosen = sku.id; refresh(); };
      return h('button', { type: 'button', class: 'variant', 'aria-pressed': String(sku.id === chosen), disabled: left === 0, onclick: choose },
        sku.name || opened.title);
    }));
  };
  const drawCoupons = (offer: Offer, used: number | null) => {
    const { claims } = model.store.state;
    const options = claims.filter(({ state }) => state === 'held').map((claim) => {
      const off = claimDiscount(claim, lines(offer), model.now());
      const label = typeof off === 'number' ? w.saves(claim.coupon.title, money(context, off)) : w.unfitOption(claim.coupon.title, w.unfit[off]);
      return h('option', { value: claim.id, disabled: typeof off !== 'number', selected: claim.id === used }, label);
    });
    const none = options.some((option) => !option.disabled) ? w.noCoupon : w.noCoupons;
    coupon.replaceChildren(...options, h('option', { value: NO_CLAIM, selected: used === null }, none));
    coupon.disabled = options.length === 0;
  };
  const refresh = () => {
    const offer = current();
    if (!offer) return;
    const { sale, left } = offer;
    const most = Math.max(1, Math.min(left, sale?.perBuyer ?? QUANTITY_MAX, QUANTITY_MAX));
    quantity = Math.min(Math.max(1, quantity), most);
    const claim = claimOf(offer);
    const goodsTotal = offer.price * quantity;
    const off = claim ? claimDiscount(claim, lines(offer), model.now()) : 0;
    const discount = typeof off === 'number' ? off : 0;
    price.textContent = money(context, offer.price);
    struck.textContent = offer.listPrice > offer.price ? money(context, offer.listPrice) : '';
    stock.textContent = left > 0 ? w.stock(count(context, left)) : w.soldOut;
    flash.hidden = !sale;
    if (sale) flash.replaceChildren(icon('bolt'), `${w.flash} · ${w.endsIn(formatCountdown(sale.endsAt - model.now()))} · ${w.perBuyer(sale.perBuyer)}`);
    number.textContent = String(quantity);
    less.disabled = quantity <= 1;
    more.disabled = quantity >= most;
    const row = (name: string, amount: string) => [h('dt', {}, name), h('dd', {}, amount)];
    sums.replaceChildren(...row(w.subtotal, money(context, goodsTotal)), ...(discount > 0 ? row(w.discount, `−${money(context, discount)}`) : []));
    total.textContent = money(context, goodsTotal - discount);
    saved.textContent = discount > 0 ? `−${money(context, discount)}` : '';
    if (!submitting) submit.disabled = left === 0;
    submit.textContent = submitting ? w.ordering : left === 0 ? w.soldOut : w.order;
    drawVariants();
    // A list that is open would close if it were drawn anew.
    if (document.activeElement !== coupon) drawCoupons(offer, claim?.id ?? null);
  };

  let submitting = false;
  const send = async (to: Address, offer: Offer) => {
    const claim = claimOf(offer);
    const off = claim ? claimDiscount(claim, lines(offer), model.now()) : 0;
    const request = {
      lines: [{ sku: offer.sku.id, quantity }], ...(claim ? { claim: claim.id } : {}), address: to, remark: remark.value.trim(),
      expectTotal: offer.price * quantity - (typeof off === 'number' ? off : 0),
    };
    const text = JSON.stringify(request);
    if (asked.request !== text) asked = { request: text, key: newKey() };
    return model.order({ ...request, key: asked.key });
  };
  submit.addEventListener('click', () => {
    const offer = current();
    const to = address.read();
    problem.textContent = to ? '' : w.addressMissing;
    if (!to) return address.ask();
    if (!offer || submitting) return;
    submitting = true;
    submit.disabled = true;
    refresh();
    send(to, offer).then((order) => {
      if (life.on) context.replace(orderLeaf(context, order, true));
    }, async (error: unknown) => {
      problem.textContent = refusal(context, error);
      // Refused is over: the next try is another order.
      if (errorCode(error) >= SHOP_ERROR.GOODS_MISSING) asked = { request: '', key: '' };
      await Promise.all([model.loadShelf(), model.loadClaims()]).catch(() => undefined);
    }).finally(() => {
      submitting = false;
      if (life.on) refresh();
    });
  });

  body.replaceChildren(
    h('div', { class: 'buy-head' }, goodsPicture(opened.pictures[0] ?? '', 'buy-picture'),
      h('div', { class: 'buy-text' }, h('div', {}, price, struck), h('strong', {}, opened.title), stock)),
    flash, variants,
    h('div', { class: 'row' }, h('span', {}, w.quantity), h('div', { class: 'stepper', role: 'group', 'aria-label': w.quantity }, less, number, more)),
    address.element,
    h('div', { class: 'row' }, h('label', { for: 'buy-coupon' }, icon('ticket'), w.coupon), coupon),
    h('div', { class: 'row' }, h('label', { for: 'buy-remark' }, w.remark), remark),
    sums, ...(opened.description !== '' ? [h('p', { class: 'description' }, opened.description)] : []));
  foot.replaceChildren(h('div', { class: 'foot-sum' }, h('span', {}, w.total), total, saved), submit, problem);
  foot.hidden = false;
  life.watch(model.store, ['shelf', 'claims'], refresh);
  life.every(TICK_MS, refresh);
  refresh();
}
