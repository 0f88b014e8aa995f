// The card of the goods that the host is showing now: what they cost, and how many are left while they last.

import { formatCountdown, formatPrice, languageTag, pageAddress, type GoodsCard } from '@hawker/web-shared';
import { h, icon, replay } from '../dom';
import { isOpen, words, type CardOffer, type Page, type PageState } from '../page';

const TICK_MS = 1000;
/** Fewer than this are told: it is time to hurry. */
export const FEW = 10;

export function goodsCard({ store, actions }: Page): HTMLElement {
  const picture = h('div', { class: 'goods-picture' });
  const title = h('strong', { class: 'goods-title' });
  const price = h('b');
  const struck = h('s');
  const left = h('span', { class: 'goods-left' });
  const label = h('span', { class: 'goods-label' });
  const buy = h('button', { class: 'buy', type: 'button' });
  const element = h('section', { class: 'goods' }, picture,
    h('div', { class: 'goods-text' }, label, title, h('span', { class: 'goods-price' }, price, struck, left)), buy);
  let shown = '';
  let timer: ReturnType<typeof setInterval> | undefined;

  const visit = () => {
    const id = Number(store.state.goods?.id);
    if (Number.isSafeInteger(id)) actions.shop({ place: 'goods', id });
  };
  buy.addEventListener('click', visit);
  picture.addEventListener('click', visit);

  const draw = (state: Readonly<PageState>) => {
    const { goods } = state;
    clearInterval(timer);
    element.hidden = !goods || !isOpen(state);
    if (!goods) { shown = ''; return; }
    const w = words(state);
    const offer = offerOf(goods, state.offer);
    const money = (minor: number) => formatPrice(minor, goods.currency, languageTag(state.language));
    const wait = offer.saleEndsAt - Date.now();
    title.textContent = goods.title;
    price.textContent = money(offer.price);
    struck.textContent = offer.listPrice > offer.price ? money(offer.listPrice) : '';
    left.textContent = offer.left > 0 && offer.left < FEW ? w.left(offer.left) : '';
    label.replaceChildren(...(wait > 0 ? [icon('bolt'), `${w.flash} ${formatCountdown(wait)}`] : [w.goods]));
    element.classList.toggle('flash', wait > 0);
    element.setAttribute('aria-label', w.goods);
    // Cards of other applications have names, not numbers: nothing of ours can be bought under them.
    buy.hidden = (!state.me && !state.guests) || !Number.isSafeInteger(Number(goods.id));
    buy.disabled = offer.left === 0;
    buy.textContent = offer.left === 0 ? w.soldOut : wait > 0 ? w.grab : w.buy;
    if (wait > 0) timer = setInterval(() => draw(store.state), TICK_MS);
    const key = `${goods.id} ${goods.title} ${goods.picture}`;
    if (key === shown) return;
    shown = key;
    drawPicture(picture, goods);
    replay(element, 'arriving');
  };
  store.watch(['goods', 'offer', 'language', 'presence', 'status', 'me', 'guests'], draw);
  return element;
}

/** The shelf knows better than the card, which was written when it was pushed. -1 left: nobody counts them. */
function offerOf(goods: GoodsCard, offer: CardOffer | null): CardOffer {
  if (offer && String(offer.id) === goods.id) return offer;
  const { price, listPrice, stock, sale } = goods;
  const runs = sale !== null && sale.endsAt > Date.now();
  return {
    id: 0, price: runs ? sale.price : price, listPrice: runs ? Math.max(listPrice, price) : listPrice, left: stock ?? -1,
    saleEndsAt: runs ? sale.endsAt : 0,
  };
}

function drawPicture(element: HTMLElement, goods: GoodsCard): void {
  const address = pageAddress(goods.picture);
  element.replaceChildren(icon('bag'));
  if (!address) return;
  const image = h('img', { src: address, alt: '', referrerpolicy: 'no-referrer', onerror: () => image.remove() });
  element.append(image);
}
