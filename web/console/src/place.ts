// Where in the console somebody is.

import { readonly, ref, shallowRef } from 'vue';
import { hashFor, parseHash, type PageName, type Route } from './router';

const current = shallowRef<Route>(parseHash(location.hash));
/** Grows with every visit: the same page asked for again begins anew. */
const visit = ref(0);
window.addEventListener('hashchange', () => {
  current.value = parseHash(location.hash);
  visit.value += 1;
});

export const route = readonly(current);
export const visits = readonly(visit);

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
