// What the parts of the shop know and may ask for, and what they all say in the same way.

import { shopErrorName } from '@hawker/shop';
import { errorCode, formatCount, formatPrice, languageTag, type GiftSent, type Person } from '@hawker/web-shared';
import type { Page, ShopPlace } from '../page';
import type { ShopModel } from './model';
import type { Leaf } from './sheet';
import { shopWords, type ShopWords } from './words';

export interface ShopContext {
  readonly page: Page;
  readonly model: ShopModel;
  open(place: ShopPlace): void;
  /** Goes to a leaf of the sheet; the one before is a step back. */
  show(leaf: Leaf): void;
  /** Shows the leaf instead of the one that is shown. */
  replace(leaf: Leaf): void;
  /** Goes to the leaf before. */
  back(): void;
  /** Closes the sheet. */
  close(): void;
  /** Says something for a moment. */
  say(text: string): void;
  /** A gift of one's own, for the room's banners. */
  gave(who: Person, gift: GiftSent): void;
}

export function wordsOf({ page }: ShopContext): ShopWords {
  return shopWords(page.store.state.language);
}

/** Does something that a viewer without a name is asked for one before. */
export async function asSomebody(context: ShopContext, run: () => Promise<unknown>): Promise<void> {
  const { actions, store } = context.page;
  if (store.state.me) await run();
  else actions.named(() => { run().catch((error: unknown) => context.say(refusal(context, error))); });
}

export function money({ page, model }: ShopContext, minor: number, currency = model.store.state.shelf?.currency ?? ''): string {
  return formatPrice(minor, currency, languageTag(page.store.state.language));
}

export function count({ page }: ShopContext, number: number): string {
  return formatCount(number, languageTag(page.store.state.language));
}

/** A day and a time of it. */
export function when({ page }: ShopContext, at: number): string {
  return new Intl.DateTimeFormat(languageTag(page.store.state.language), { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}

/** The same without the year, for what is not far off. */
export function soon({ page }: ShopContext, at: number): string {
  return new Intl.DateTimeFormat(languageTag(page.store.state.language), { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' }).format(at);
}

/** The shop's words for a refusal. */
export function refusal(context: ShopContext, error: unknown): string {
  const w = wordsOf(context);
  const name = shopErrorName(errorCode(error));
  return (name && w.refusals[name]) ?? w.failed;
}
