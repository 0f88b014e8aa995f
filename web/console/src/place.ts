// Where in the console somebody is.

import { readonly, shallowRef } from 'vue';
import { hashFor, parseHash, type PageName, type Route } from './router';

const current = shallowRef<Route>(parseHash(location.hash));
window.addEventListener('hashchange', () => { current.value = parseHash(location.hash); });

export const route = readonly(current);

export function go(page: PageName, id: string | number = '', query: Readonly<Record<string, string>> = {}): void {
  location.hash = hashFor(page, id, query);
}

/** The same page with other filters: the way back leads to where one came from, not through every filter. */
export function refine(query: Readonly<Record<string, string>>): void {
  const { page, id } = current.value;
  if (!page) return;
  history.replaceState(null, '', hashFor(page, id, query));
  current.value = parseHash(location.hash);
}
