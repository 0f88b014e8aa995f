// Light or dark: as the system says, until somebody says otherwise.

import { remember, remembered } from './languages';

const KEY = 'hawker.theme';

export function applyTheme(): void {
  const chosen = remembered(KEY);
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset['theme'] = chosen;
}

export function toggleTheme(): void {
  const shown = document.documentElement.dataset['theme'];
  const dark = shown ? shown === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  remember(KEY, dark ? 'light' : 'dark');
  applyTheme();
}
