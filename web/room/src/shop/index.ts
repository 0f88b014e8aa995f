// The shop of the room's page, loaded after the room is shown: the sheet with shelf, orders, coupons and gifts, the rain of
// coupons, and whether we follow the host.

import type { ShopChat } from '@hawker/shop';
import type { GiftSent, Happening, Person } from '@hawker/web-shared';
import type { Page, ShopPlace } from '../page';
import { buyLeaf } from './buy';
import { refusal, type ShopContext } from './context';
import { couponsLeaf } from './coupons';
import { giftsLeaf } from './gifts';
import { bagOf, cardOffer, createModel } from './model';
import { ordersLeaf } from './orders';
import { couponRain } from './rain';
import { shopSheet } from './sheet';
import { shelfLeaf } from './shelf';
import './style.css';

export interface ShopPart {
  open(place: ShopPlace): void;
  follow(on: boolean): void;
  hear(happening: Happening): void;
}

export interface ShopPartOptions {
  readonly page: Page;
  readonly chat: ShopChat & { getServerTime(): number };
  readonly groupID: string;
  /** Where the rain falls and the sheet comes up. */
  readonly screen: HTMLElement;
  say(text: string): void;
  gave(who: Person, gift: GiftSent): void;
}

export function openShop({ page, chat, groupID, screen, say, gave }: ShopPartOptions): ShopPart {
  const model = createModel(chat, groupID);
  const { store } = page;
  const sheet = shopSheet(page);
  const open = (place: ShopPlace) => {
    if (place.place === 'goods') return sheet.show(buyLeaf(context, place.id));
    const leaf = { shelf: shelfLeaf, gifts: giftsLeaf, orders: ordersLeaf, coupons: couponsLeaf }[place.place];
    sheet.show(leaf(context));
  };
  const context: ShopContext = {
    page, model, gave, open, show: sheet.show, replace: sheet.replace, back: sheet.back, close: sheet.close,
    // The sheet lies over the page, and over what the page says.
    say: (text) => (sheet.open ? sheet.say(text) : say(text)),
  };
  const rain = couponRain(context);
  screen.append(rain.element, sheet.element);

  const tellPage = () => {
    const { shelf } = model.store.state;
    if (!shelf) return;
    const card = Number(store.state.goods?.id);
    store.set({ bag: bagOf(shelf), offer: Number.isSafeInteger(card) ? cardOffer(shelf, card, model.now()) : null });
  };
  model.store.watch(['shelf'], tellPage);
  store.watch(['goods'], tellPage);
  let askedFor = '';
  store.watch(['host'], ({ host, me }) => {
    if (!host || host.userID === askedFor || host.userID === me?.userID) return;
    askedFor = host.userID;
    model.shop.isFollowing(host.userID).then(({ following }) => store.set({ following }), () => undefined);
  });
  model.loadShelf().catch(() => undefined);
  let cut = false;
  store.watch(['net'], ({ net }) => {
    // What was missed is not told again.
    if (net === 'connected' && cut) model.shelfChanged(sheet.open);
    cut = net !== 'connected';
  });

  return {
    open,
    follow(on) {
      const host = store.state.host?.userID;
      if (!host) return;
      // Seen at once, taken back when it was refused.
      store.set({ following: on });
      (on ? model.shop.follow(host) : model.shop.unfollow(host)).catch((error: unknown) => {
        store.set({ following: !on });
        context.say(refusal(context, error));
      });
    },
    hear(happening) {
      model.hear(happening, sheet.open);
      if (happening.kind === 'buy' && happening.real && happening.who.userID === store.state.me?.userID) model.loadOrders().catch(() => undefined);
      // Who is paying is not disturbed; the coupon is on the shelf.
      if (happening.kind === 'drop' && !sheet.open) rain.fall(happening.coupon);
    },
  };
}
