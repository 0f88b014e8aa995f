// Refusals as sentences in the language of the page.

import type { FieldProblem, Problem } from './http';
import type { Words } from './words/all';

export function problemText(problem: Problem, words: Words): string {
  return codeText(problem.code, words) ?? statusText(problem.status, words);
}

/** What to say beside each field; the server names the reason as a code where it has one. */
export function fieldTexts(fields: readonly FieldProblem[], words: Words): Record<string, string> {
  return Object.fromEntries(fields.map(({ field, message }) => [field, codeText(message, words) ?? words.common.fields.check]));
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
