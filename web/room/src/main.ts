// Puts the page together: one picture, one visit, and the parts that draw.

import {
  appInfo, CODE, currentLanguage, errorCode, groupFromPath, languageTag, readFragment, rememberLanguage,
  type Credentials, type Happening,
} from '@hawker/web-shared';
import { h } from './dom';
import { followKeyboard } from './keyboard';
import { initialState, isOpen, words, type Actions, type Page, type PageState, type ShopPlace } from './page';
import { Session } from './session';
import { createStore, type Store } from './store';
import type { ShopPart } from './shop';
import type { Words } from './words';
import { announcement } from './view/announcement';
import { bar } from './view/bar';
import { comments } from './view/comments';
import { connection } from './view/connection';
import { gifts } from './view/gifts';
import { goodsCard } from './view/goods';
import { hearts } from './view/hearts';
import { lightbox } from './view/lightbox';
import { nameSheet } from './view/name';
import { pinned } from './view/pinned';
import { stage } from './view/stage';
import { toast } from './view/toast';
import { languageSwitch, top } from './view/top';
import { veil } from './view/veil';
import { video } from './view/video';

/** No picture, too large, or not of a kind that the server takes. */
const PICTURE_CODES = new Set([2251, 2252, 2253]);

/** The page may come up before the server does (or before the phone has a network): ask again until it answers. */
const APP_RETRY_MS = 2500;
/** The shop waits so long for a quiet moment. */
const IDLE_MS = 1500;

function start(root: HTMLElement): void {
  const groupID = groupFromPath(location.pathname);
  const store = createStore<PageState>({ ...initialState, language: currentLanguage() });
  const parts = build(root, store);
  if (!groupID) return store.set({ presence: 'missing' });
  void open(groupID, store, parts);
}

type Parts = ReturnType<typeof build>;

async function open(groupID: string, store: Store<PageState>, parts: Parts): Promise<void> {
  const app = await appInfo().catch(() => null);
  if (!app) {
    store.set({ presence: 'failed', net: 'disconnected' });
    setTimeout(() => void open(groupID, store, parts), APP_RETRY_MS);
    return;
  }
  store.set({ guests: app.guests });
  const session = new Session(app, groupID, store, { happen: parts.happen, revoke: parts.revoke });
  parts.attach(session);
  await session.open(takeCredentials());
}

/** A signature does not stay in the address, where it would be shared with the link; a reload of this tab keeps it. */
function takeCredentials(): Credentials | null {
  const key = `hawker.signed-in ${location.pathname}`;
  const { credentials } = readFragment(location.hash);
  try {
    if (!credentials) return JSON.parse(sessionStorage.getItem(key) ?? 'null') as Credentials | null;
    sessionStorage.setItem(key, JSON.stringify(credentials));
    history.replaceState(null, '', location.pathname + location.search);
  } catch {
    // Storage is refused: then the address has to keep it.
  }
  return credentials;
}

function build(root: HTMLElement, store: Store<PageState>) {
  let session: Session | null = null;
  let afterName: (() => void) | null = null;
  let shop: Promise<ShopPart> | null = null;
  let ownLines = 0;
  /** Our own likes come back in the counter; they have had their hearts already. */
  let ownLikes = 0;
  const rising = hearts();
  const note = toast();

  const complain = (error: unknown) => {
    const code = errorCode(error);
    const w = words(store.state);
    note.say(complaint(code, w));
  };
  const trying = async (attempt: Promise<unknown> | undefined): Promise<boolean> => {
    try {
      await attempt;
      return true;
    } catch (error) {
      complain(error);
      return false;
    }
  };

  const actions: Actions = {
    named(then) {
      if (store.state.me) return then();
      afterName = then;
      store.set({ naming: true });
    },
    async enter(nick) {
      await session?.enter(nick);
      const then = afterName;
      afterName = null;
      store.set({ naming: false });
      then?.();
    },
    picture: (file) => actions.named(() => {
      const { me } = store.state;
      if (!me || !session) return;
      const sending = talk.showSending(`own ${(ownLines += 1)}`, me, file);
      session.picture(file, sending.progress).then(sending.done, (error: unknown) => {
        sending.done(null);
        complain(error);
      });
    }),
    say: (text) => trying(session?.say(text).then((me) => {
      if (me) talk.showOwn(`own ${(ownLines += 1)}`, me, text);
    })),
    like(at) {
      if (!isOpen(store.state)) return;
      actions.named(() => {
        ownLikes += 1;
        rising.rise(at);
        store.set({ likes: (store.state.likes ?? 0) + 1 });
        session?.like();
      });
    },
    follow: (on) => actions.named(() => withShop((shop) => shop.follow(on))),
    shop(place: ShopPlace) {
      const open = () => withShop((shop) => shop.open(place));
      // Everybody may look at the shelf; what is done with it is somebody's.
      if (place.place === 'shelf') open();
      else actions.named(open);
    },
    switchLanguage() {
      const language = store.state.language === 'zh' ? 'en' : 'zh';
      rememberLanguage(language);
      store.set({ language });
    },
    reload: () => location.reload(),
  };

  /** The shop is loaded when the room is shown, or when somebody wants it before that. */
  const loadShop = () => {
    const opened = session;
    if (!opened) return Promise.reject(new Error('there is no visit yet'));
    shop ??= Promise.all([import('./shop'), opened.chat()]).then(
      ([{ openShop }, chat]) => openShop({ page, chat, groupID: opened.groupID, screen, say: note.say, gave: banners.show }),
      (error: unknown) => {
        shop = null;
        throw error;
      });
    return shop;
  };
  const withShop = (use: (shop: ShopPart) => void) => {
    loadShop().then(use, () => note.say(words(store.state).shopFailed));
  };

  const page: Page = { store, actions };
  const talk = comments(page);
  const banners = gifts(page);
  const film = video(page, () => session?.sources() ?? Promise.resolve(null));
  const screen = h('main', { class: 'screen' },
    stage(page, film.screen), h('div', { class: 'shade', 'aria-hidden': 'true' }),
    h('div', { class: 'upper' }, top(page), connection(page),
      h('div', { class: 'second' }, announcement(page), languageSwitch(page)), film.ask),
    banners.element,
    h('div', { class: 'lower' }, pinned(page), talk.element, goodsCard(page), bar(page)),
    rising.element, veil(page), note.element, nameSheet(page), lightbox(page));
  root.replaceChildren(screen);

  let likesBefore: number | null = null;
  store.watch(['likes'], ({ likes }) => {
    const fresh = likesBefore === null || likes === null ? 0 : likes - likesBefore;
    likesBefore = likes;
    const others = Math.max(0, fresh - ownLikes);
    ownLikes = Math.max(0, ownLikes - Math.max(0, fresh));
    rising.shower(others);
  });
  store.watch(['language', 'name', 'host'], (state) => {
    document.documentElement.lang = languageTag(state.language);
    document.title = state.name ? `${state.name} · hawker` : 'hawker';
  });
  store.watch(['status', 'presence'], (state) => root.classList.toggle('open', isOpen(state)));
  store.watch(['presence', 'me'], (state) => { if (state.presence === 'in') whenIdle(() => loadShop().catch(() => undefined)); });

  return {
    attach(opened: Session) { session = opened; },
    revoke: (messageID: string) => talk.remove(messageID),
    happen(happening: Happening, past: boolean) {
      if (happening.kind === 'gift' && happening.real && !past) banners.show(happening.who, happening.gift);
      talk.show(happening, past);
      if (!past) shop?.then((part) => part.hear(happening), () => undefined);
    },
  };
}

/** The words for what the server, or the SDK before it, did not take. */
function complaint(code: number, w: Words): string {
  if (code === CODE.muted) return w.mutedLong;
  if (code === CODE.refusedContent) return w.refused;
  if (code === CODE.tooOften) return w.tooOften;
  return PICTURE_CODES.has(code) ? w.badPicture : w.failed;
}

/** Lets what is shown be shown first. */
function whenIdle(then: () => void): void {
  if ('requestIdleCallback' in window) requestIdleCallback(then, { timeout: IDLE_MS });
  else setTimeout(then, IDLE_MS);
}

const root = document.getElementById('room');
if (root) {
  followKeyboard(root);
  start(root);
}
