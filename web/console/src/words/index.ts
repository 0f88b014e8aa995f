// The words of the chosen language.

import { computed, ref } from 'vue';
import { currentLanguage, languageTag, rememberLanguage } from '@hawker/web-shared';
import { en, zh, type Words } from './all';

export type { Words };

export const language = ref(currentLanguage());
export const w = computed(() => (language.value === 'zh' ? zh : en));
/** For `lang` attributes and `Intl`. */
export const tag = computed(() => languageTag(language.value));

export function switchLanguage(): void {
  language.value = language.value === 'zh' ? 'en' : 'zh';
  rememberLanguage(language.value);
}
