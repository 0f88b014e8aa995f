// What the parts of the page know and may ask for.

import { emptyView, type Language, type Person, type Picture, type RoomView } from '@hawker/web-shared';
import type { Store } from './store';
import { wordsOf, type Words } from './words';

/** Where in the shop somebody wants to go. */
export type ShopPlace =
  | { readonly place: 'shelf' | 'gifts' | 'orders' | 'coupons' }
  | { readonly place: 'goods'; readonly id: number };

/** What the card's goods cost now and how many are left, known once the shelf is. */
export interface CardOffer {
  /** Of the goods. */
  readonly id: number;
  readonly price: number;
  readonly listPrice: number;
  readonly left: number;
  /** Unix milliseconds at which the flash sale ends; 0: there is none. */
  readonly saleEndsAt: number;
}

export interface PageState extends RoomView {
  language: Language;
  /** Null while the viewer is anonymous, and then only receives. */
  me: Person | null;
  /** Whether a name alone is enough to sign in here. */
  guests: boolean;
  /** Whether the viewer is being asked for a name. */
  naming: boolean;
  /** Unix milliseconds until which slow mode has us wait; 0 when it does not. */
  slowUntil: number;
  /** Whether we follow the host. */
  following: boolean;
  /** How many goods are on the shelf; null before that is known. */
  bag: number | null;
  offer: CardOffer | null;
  /** Whether the video is seen. */
  watching: boolean;
  /** The picture over the whole screen, if one is open. */
  open: Picture | null;
}

export const initialState: Omit<PageState, 'language'> = {
  ...emptyView, me: null, guests: false, naming: false, slowUntil: 0, following: false, bag: null, offer: null, watching: false, open: null,
};

/** Each of these asks for a name first when the viewer has none. */
export interface Actions {
  say(text: string): Promise<boolean>;
  /** Shows a picture to the room; `progress` is told the part that is sent, 0 to 1. */
  picture(file: File): void;
  like(at?: { readonly x: number; readonly y: number }): void;
  follow(on: boolean): void;
  shop(place: ShopPlace): void;
  /** Runs `then` once the viewer has a name; at once when they have one. */
  named(then: () => void): void;
  enter(nick: string): Promise<void>;
  switchLanguage(): void;
  reload(): void;
}

export interface Page {
  readonly store: Store<PageState>;
  readonly actions: Actions;
}

export function words(state: Pick<PageState, 'language'>): Words {
  return wordsOf(state.language);
}

/** Speaking, liking and giving need an open room. */
export function isOpen(state: PageState): boolean {
  return state.presence === 'in' && state.status !== 'ended';
}
