// What the parts of the page know and may ask for.

import { emptyView, type GiftId, type Goods, type Language, type Person, type Picture, type RoomView } from '@hawker/web-shared';
import type { Store } from './store';
import { wordsOf, type Words } from './words';

export type Sheet = 'none' | 'name' | 'gift';

export interface PageState extends RoomView {
  language: Language;
  /** Null while the viewer is anonymous, and then only receives. */
  me: Person | null;
  /** Whether a name alone is enough to sign in here. */
  guests: boolean;
  sheet: Sheet;
  /** Unix milliseconds until which slow mode has us wait; 0 when it does not. */
  slowUntil: number;
  /** The picture over the whole screen, if one is open. */
  open: Picture | null;
}

export const initialState: Omit<PageState, 'language'> = {
  ...emptyView, me: null, guests: false, sheet: 'none', slowUntil: 0, open: null,
};

/** Each of these asks for a name first when the viewer has none. */
export interface Actions {
  say(text: string): Promise<boolean>;
  /** Shows a picture to the room; `progress` is told the part that is sent, 0 to 1. */
  picture(file: File): void;
  like(at?: { readonly x: number; readonly y: number }): void;
  gift(id: GiftId): void;
  follow(on: boolean): void;
  buy(goods: Goods): Promise<boolean>;
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

/** Speaking, liking and buying need an open room. */
export function isOpen(state: PageState): boolean {
  return state.presence === 'in' && state.status !== 'ended';
}
