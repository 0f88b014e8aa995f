// Sending what somebody typed or pressed: one at a time, with a key for retries, and with sentences for refusals.

import { computed, nextTick, ref, shallowRef } from 'vue';
import { Problem } from './http';
import { fieldTexts, problemText } from './problems';
import { SubmitKey } from './submitKey';
import { toast } from './toasts';
import { w } from './words';

export function useSubmit({ aloud = false }: { /** For buttons without a form: refusals become toasts. */ readonly aloud?: boolean } = {}) {
  const key = new SubmitKey();
  const busy = ref(false);
  const refused = shallowRef<Problem | null>(null);
  const problem = computed(() => (refused.value ? problemText(refused.value, w.value) : ''));
  const fields = computed(() => (refused.value ? fieldTexts(refused.value, w.value) : {}));

  async function submit<T>(body: unknown, send: (key: string) => Promise<T>, done: (answer: T) => unknown = () => undefined): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    refused.value = null;
    try {
      const answer = await send(key.for(body));
      key.settled();
      await done(answer);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.decided) key.settled();
      refused.value = error;
      if (aloud) toast(problem.value, true);
      else void focusWrong();
    } finally {
      busy.value = false;
    }
  }

  return { busy, refused, problem, fields, submit };
}

/** Leads to the first field that needs a correction. */
export async function focusWrong(): Promise<void> {
  await nextTick();
  document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
