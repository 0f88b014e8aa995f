// The page of the test provider, which exists in development mode only and says so in red: what is to be paid, and two
// buttons.

import { currentLanguage, formatPrice, languageTag } from '@hawker/web-shared';
import { h, icon } from '../dom';
import { lookUp, payTest, referenceFrom, type Payment } from './payment';
import { payWords } from './words';

const language = currentLanguage();
const w = payWords(language);
const reference = referenceFrom(location.pathname);

/** A page that a program opened may close itself; any other goes back. */
function leave(): void {
  window.close();
  history.back();
}

function screen(...parts: (Node | false)[]): void {
  document.getElementById('pay')?.replaceChildren(
    h('p', { class: 'test' }, w.test), h('div', { class: 'card' }, ...parts), h('p', { class: 'warning' }, w.warning));
}

function note(title: string, text: string, kind: 'good' | 'bad'): void {
  screen(h('span', { class: `mark ${kind}` }, icon(kind === 'good' ? 'check' : 'close')),
    h('h1', { role: 'status' }, title), h('p', {}, text), h('button', { class: 'plain', type: 'button', onclick: leave }, w.close));
}

function show(payment: Payment | null): void {
  if (!payment) return note(w.missing, w.missingText, 'bad');
  if (payment.state === 'paid') return note(w.paid, w.paidText, 'good');
  if (payment.state === 'over') return note(w.over, w.overText, 'bad');
  const { kind, title, amount, currency } = payment;
  const pay = h('button', { class: 'pay', type: 'button', onclick: () => void go(pay) }, w.pay);
  screen(
    h('h1', {}, kind === 'top_up' ? w.topUp : title), h('p', {}, w.reference(reference)),
    h('p', { class: 'amount' }, h('span', {}, w.amount), h('b', {}, formatPrice(amount, currency, languageTag(language)))),
    pay, h('button', { class: 'plain', type: 'button', onclick: () => note(w.notPaid, w.leftOpen, 'bad') }, w.dont));
}

async function go(button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  button.textContent = w.paying;
  const paid = await payTest(reference).catch(() => undefined);
  if (paid === undefined) {
    button.disabled = false;
    button.textContent = w.pay;
    button.after(h('p', { class: 'problem', role: 'alert' }, w.failed));
    return;
  }
  show(paid);
}

async function start(): Promise<void> {
  screen(h('p', { role: 'status' }, w.loading));
  const payment = reference ? await lookUp(reference).catch(() => undefined) : null;
  if (payment !== undefined) return show(payment);
  screen(h('h1', { role: 'alert' }, w.failed), h('button', { class: 'plain', type: 'button', onclick: () => void start() }, w.again));
}

document.documentElement.lang = languageTag(language);
document.title = w.test;
void start();
