// Where an order goes: kept in this browser, asked once, changed when wanted.

import type { Address } from '@hawker/shop';
import { h, icon } from '../dom';
import { wordsOf, type ShopContext } from './context';
import { ADDRESS_CHARS_MAX } from './model';

export interface AddressForm {
  readonly element: HTMLElement;
  /** The address, kept; null while a part is missing. */
  read(): Address | null;
  /** Opens the form at what is missing. */
  ask(): void;
}

const PARTS = [['name', 'name'], ['phone', 'tel'], ['text', 'street-address']] as const;

export function addressForm(context: ShopContext, changed: () => void): AddressForm {
  const { model } = context;
  const w = wordsOf(context);
  const labels = { name: w.name, phone: w.phone, text: w.street };
  const known = model.store.state.address;
  const inputs = PARTS.map(([part, autocomplete]) => h('input', {
    id: `to-${part}`, type: part === 'phone' ? 'tel' : 'text', autocomplete, maxlength: ADDRESS_CHARS_MAX[part], value: known?.[part] ?? '', oninput: changed,
  }));
  const form = h('div', { class: 'address-form' },
    ...PARTS.map(([part], index) => h('label', { for: `to-${part}` }, h('span', {}, labels[part]), inputs[index] ?? null)));
  const shown = h('span', { class: 'address-shown' });
  const change = h('button', { class: 'row address-row', type: 'button', 'aria-expanded': 'false', onclick: () => open(form.hidden !== false) },
    icon('place'), shown, h('span', { class: 'address-change' }, w.change));

  const value = (): Address => {
    const [name = '', phone = '', text = ''] = inputs.map((input) => input.value.trim());
    return { name, phone, text };
  };
  const missing = () => inputs.find((input) => input.value.trim() === '');
  const open = (on: boolean) => {
    form.hidden = !on;
    change.setAttribute('aria-expanded', String(on));
    const { name, phone, text } = value();
    shown.replaceChildren(...(missing() ? [h('b', {}, w.addressNone)] : [h('b', {}, `${name} ${phone}`), h('small', {}, text)]));
  };
  open(false);

  return {
    element: h('section', { class: 'address', 'aria-label': w.address }, change, form),
    read() {
      if (missing()) return null;
      model.keepAddress(value());
      return value();
    },
    ask() {
      open(true);
      missing()?.focus();
    },
  };
}
