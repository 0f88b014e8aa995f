// The numbers of the moment: on the overview, and beside "Orders" in the menu.

import { inject, provide, type InjectionKey } from 'vue';
import { api } from './api';
import { useLoad, usePoll } from './load';

const PULSE_MS = 5000;

export type Pulse = ReturnType<typeof providePulse>;

const KEY = Symbol('pulse') as InjectionKey<Pulse>;

export function providePulse() {
  const pulse = useLoad(api.overview);
  usePoll(pulse.load, PULSE_MS);
  provide(KEY, pulse);
  return pulse;
}

export function usePulse(): Pulse {
  const pulse = inject(KEY);
  if (!pulse) throw new Error('no pulse here');
  return pulse;
}
