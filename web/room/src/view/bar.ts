// The row at the bottom: the shop's bag, speak, give, like. A field that cannot be used says why in its own place.

import { formatCount, languageTag } from '@hawker/web-shared';
import { h, icon, replay } from '../dom';
import { isOpen, words, type Page, type PageState } from '../page';

/** Longer comments are no comments; the server's own limit is far above. */
const COMMENT_CHARS_MAX = 200;

export function bar({ store, actions }: Page): HTMLElement {
  const input = h('input', { class: 'say', type: 'text', maxlength: COMMENT_CHARS_MAX, enterkeyhint: 'send', autocomplete: 'off' });
  const why = h('span', { class: 'why', id: 'why' });
  const send = h('button', { class: 'send', type: 'submit' }, icon('send'));
  const chooser = h('input', { class: 'unseen', type: 'file', accept: 'image/*', tabindex: '-1', 'aria-hidden': 'true' });
  const show = h('button', { class: 'show-picture', type: 'button' }, icon('image'));
  const form = h('form', { class: 'say-form' }, input, why, show, chooser, send);
  const bag = h('button', { class: 'bag', type: 'button', onclick: () => actions.shop({ place: 'shelf' }) }, icon('bag'));
  const goods = h('span', { class: 'bag-count', 'aria-hidden': 'true' });
  bag.append(goods);
  const give = h('button', { class: 'round', type: 'button' }, icon('gift'));
  const likes = h('span', { class: 'like-count' });
  const like = h('button', { class: 'round like', type: 'button' }, icon('heart'), likes);
  const element = h('footer', { class: 'bar' }, bag, form, give, like);

  // An anonymous viewer is asked for a name before the keyboard comes up, not after typing.
  input.addEventListener('pointerdown', (event) => {
    if (store.state.me || input.disabled) return;
    event.preventDefault();
    actions.named(() => input.focus());
  });
  input.addEventListener('focus', () => { if (!store.state.me && !input.disabled) actions.named(() => input.focus()); });
  input.addEventListener('input', () => form.classList.toggle('typed', input.value.trim() !== ''));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  const submit = async () => {
    const text = input.value.trim();
    if (!text || input.disabled) return;
    input.value = '';
    form.classList.remove('typed');
    if (await actions.say(text)) return;
    // What was not taken is given back, unless something new is being typed.
    if (!input.value) input.value = text;
    form.classList.add('typed');
  };
  show.addEventListener('click', () => actions.named(() => chooser.click()));
  chooser.addEventListener('change', () => {
    const [file] = chooser.files ?? [];
    // The same picture may be chosen again.
    chooser.value = '';
    if (file) actions.picture(file);
  });
  give.addEventListener('click', () => actions.shop({ place: 'gifts' }));
  like.addEventListener('click', () => { replay(like, 'beat'); actions.like(); });

  let timer: ReturnType<typeof setInterval> | undefined;
  store.watch(['me', 'mutedUntil', 'slowUntil', 'muteAll', 'language', 'presence', 'status', 'guests', 'host'], (state) => {
    clearInterval(timer);
    element.hidden = !isOpen(state);
    drawInput(input, why, form, state);
    label({ input, give, like, send, show }, state);
    show.hidden = !state.me && !state.guests;
    bag.hidden = give.hidden = like.hidden = !state.me && !state.guests;
    if (Math.max(state.mutedUntil, state.slowUntil) > Date.now()) timer = setInterval(() => drawInput(input, why, form, store.state), 1000);
  });
  store.watch(['likes', 'language'], (state) => {
    likes.textContent = state.likes ? formatCount(state.likes, languageTag(state.language)) : '';
  });
  store.watch(['bag', 'language'], (state) => {
    goods.textContent = state.bag ? String(state.bag) : '';
    bag.setAttribute('aria-label', state.bag ? words(state).bagCount(state.bag) : words(state).bag);
  });
  return element;
}

function drawInput(input: HTMLInputElement, why: HTMLElement, form: HTMLElement, state: PageState): void {
  const reason = silence(state);
  input.disabled = reason !== '';
  why.textContent = reason;
  form.classList.toggle('silent', reason !== '');
  if (reason) input.setAttribute('aria-describedby', 'why');
  else input.removeAttribute('aria-describedby');
}

/** Why the viewer may not speak, or nothing. */
function silence(state: PageState): string {
  const w = words(state);
  if (!state.me) return state.guests ? '' : w.readOnly;
  const left = Math.ceil((state.mutedUntil - Date.now()) / 1000);
  if (left > 86_400) return w.mutedLong;
  if (left > 0) return w.muted(left > 90 ? w.minutes(Math.ceil(left / 60)) : w.seconds(left));
  const wait = Math.ceil((state.slowUntil - Date.now()) / 1000);
  if (wait > 0 && state.slowSecs > 0) return w.slow(w.seconds(wait));
  return state.muteAll && state.me.userID !== state.host?.userID ? w.muteAll : '';
}

type Parts = Record<'input' | 'give' | 'like' | 'send' | 'show', HTMLElement>;

function label({ input, give, like, send, show }: Parts, state: PageState): void {
  const w = words(state);
  show.setAttribute('aria-label', w.sendPicture);
  input.setAttribute('placeholder', silence(state) ? '' : w.say);
  input.setAttribute('aria-label', state.me?.nick ? w.sayAs(state.me.nick) : w.say);
  give.setAttribute('aria-label', w.gift);
  like.setAttribute('aria-label', w.like);
  send.setAttribute('aria-label', w.send);
}
