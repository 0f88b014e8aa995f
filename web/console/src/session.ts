// Who is signed in.

import { computed, reactive } from 'vue';
import { api } from './api';
import { onSignedOut, Problem, useCsrf } from './http';
import { setupToken } from './router';
import type { Me } from './types';

const SETUP_KEY = 'hawker.console.setup';
const RETRY_MS = 3000;

type Stage = 'loading' | 'unreachable' | 'setup' | 'login' | 'in';

export const session = reactive({
  stage: 'loading' as Stage,
  me: null as Me | null,
  /** The session ended while somebody was working: what they typed stays, and they sign in above it. */
  expired: false,
  token: takeToken(),
  development: false,
});

export const currency = computed(() => session.me?.currency ?? 'CNY');

onSignedOut(() => { session.expired = true; });

/** The token leaves the address at once, so that it is not shared with a link; a reload of the tab still knows it. */
function takeToken(): string {
  const token = setupToken(location.hash);
  try {
    if (!token) return sessionStorage.getItem(SETUP_KEY) ?? '';
    sessionStorage.setItem(SETUP_KEY, token);
  } catch {
    // Storage is refused: a reload needs the link again.
  }
  if (token) history.replaceState(null, '', location.pathname + location.search);
  return token;
}

export function enter(me: Me): void {
  try {
    sessionStorage.removeItem(SETUP_KEY);
  } catch {
    // Nothing was kept either.
  }
  useCsrf(me.csrf);
  Object.assign(session, { me, stage: 'in', expired: false, token: '', development: me.development });
}

export async function begin(): Promise<void> {
  try {
    const state = await api.state();
    session.development = state.development;
    if (!state.setUp) session.stage = 'setup';
    else enter(await api.me());
  } catch (refused) {
    if (refused instanceof Problem && refused.decided) {
      session.stage = 'login';
      return;
    }
    session.stage = 'unreachable';
    setTimeout(() => void begin(), RETRY_MS);
  }
}

export async function leave(): Promise<void> {
  await api.logout().catch(() => undefined);
  useCsrf('');
  Object.assign(session, { me: null, stage: 'login', expired: false });
}
