// Refusals as sentences in the language of the page.

import type { Problem } from './http';
import type { Words } from './words/all';

export function problemText(problem: Problem, words: Words): string {
  return codeText(problem.code, words) ?? statusText(problem.status, words);
}

/** The code that says no more than that a field is wrong. */
export const VAGUE = 'bad_parameter';

/** What to say beside each field: the reason, where the code names one. */
export function fieldTexts({ code, fields }: Pick<Problem, 'code' | 'fields'>, words: Words): Record<string, string> {
  const reason = code === VAGUE ? null : codeText(code, words);
  return Object.fromEntries(fields.map(({ field, message }) => [field, reason ?? words.common.fields.told(message)]));
}

/** Null when the code has no sentence of its own. */
export function codeText(code: string, words: Words): string | null {
  const sentences: Readonly<Record<string, string>> = words.refusals;
  return Object.hasOwn(sentences, code) ? (sentences[code] ?? null) : null;
}

function statusText(status: number, words: Words): string {
  const sentences: Readonly<Record<string, string>> = words.byStatus;
  return sentences[status >= 500 ? 500 : status] ?? words.byStatus.other;
}
