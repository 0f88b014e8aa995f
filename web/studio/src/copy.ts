// Copying what stands in a field.

import { ref } from 'vue';

const COPIED_MS = 2000;

/** `field` is the input to be copied from, `copied` says for a moment that it was. */
export function useCopy() {
  const field = ref<HTMLInputElement>();
  const copied = ref(false);
  async function copy(): Promise<void> {
    const input = field.value;
    if (!input) return;
    try {
      await navigator.clipboard.writeText(input.value);
    } catch {
      // Without https there is no clipboard for pages; the old way still works there, but not out of a hidden field.
      const { type } = input;
      input.type = 'text';
      input.select();
      document.execCommand('copy');
      input.type = type;
    }
    copied.value = true;
    setTimeout(() => { copied.value = false; }, COPIED_MS);
  }
  return { field, copied, copy };
}
