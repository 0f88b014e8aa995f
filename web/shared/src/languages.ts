// Chinese or English: what was chosen on this machine, else what the browser asks for.

export type Language = 'zh' | 'en';

const KEY = 'hawker.language';

export function preferredLanguage(remembered: string | null, asked: readonly string[]): Language {
  if (remembered === 'zh' || remembered === 'en') return remembered;
  for (const tag of asked) {
    if (/^zh\b/i.test(tag)) return 'zh';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'en';
}

export function currentLanguage(): Language {
  return preferredLanguage(remembered(KEY), navigator.languages);
}

export function rememberLanguage(language: Language): void {
  remember(KEY, language);
}

/** The tag for `lang` attributes and `Intl`. */
export function languageTag(language: Language): string {
  return language === 'zh' ? 'zh-CN' : 'en';
}

/** Private windows and embedded browsers may refuse storage; a page that forgets is better than one that stops. */
export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Nothing to do: the next visit starts from the defaults.
  }
}
