// The card of the goods that the host is showing now.

import { formatPrice, languageTag, pictureAddress, type Goods } from '@hawker/web-shared';
import { h, icon, replay } from '../dom';
import { isOpen, words, type Page } from '../page';

const TOLD_MS = 2600;

export function goodsCard({ store, actions }: Page): HTMLElement {
  const picture = h('div', { class: 'goods-picture' });
  const title = h('strong', { class: 'goods-title' });
  const price = h('span', { class: 'goods-price' });
  const label = h('span', { class: 'goods-label' });
  const buy = h('button', { class: 'buy', type: 'button' });
  const element = h('section', { class: 'goods' }, picture,
    h('div', { class: 'goods-text' }, label, title, price), buy);
  let shownID = '';
  let told = false;

  const drawButton = () => {
    const w = words(store.state);
    buy.classList.toggle('told', told);
    buy.replaceChildren(...(told ? [icon('check'), w.bought] : [w.buy]));
  };
  const tell = async () => {
    const goods = store.state.goods;
    if (!goods || told || !(await actions.buy(goods))) return;
    told = true;
    drawButton();
    setTimeout(() => { told = false; drawButton(); }, TOLD_MS);
  };
  buy.addEventListener('click', () => actions.named(() => void tell()));

  store.watch(['goods', 'language', 'presence', 'status', 'me', 'guests'], (state) => {
    const { goods } = state;
    element.hidden = !goods || !isOpen(state);
    if (!goods) { shownID = ''; return; }
    title.textContent = goods.title;
    price.textContent = formatPrice(goods.price, goods.currency, languageTag(state.language));
    label.textContent = words(state).goods;
    element.setAttribute('aria-label', words(state).goods);
    buy.hidden = !state.me && !state.guests;
    drawButton();
    const key = JSON.stringify(goods);
    if (key === shownID) return;
    shownID = key;
    drawPicture(picture, goods);
    replay(element, 'arriving');
  });
  return element;
}

function drawPicture(element: HTMLElement, goods: Goods): void {
  const address = pictureAddress(goods.picture);
  element.replaceChildren(icon('bag'));
  if (!address) return;
  const image = h('img', { src: address, alt: '', referrerpolicy: 'no-referrer', onerror: () => image.remove() });
  element.append(image);
}
