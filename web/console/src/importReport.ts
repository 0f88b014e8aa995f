// What the server found in a CSV file, line by line.

import { codeText } from './problems';
import type { Problem } from './http';
import type { ImportReport } from './types';
import type { Words } from './words/all';

export interface ReportRow {
  readonly line: number;
  readonly field: string;
  readonly text: string;
}

/** A file with wrong lines is refused, and the refusal holds the report. */
export function reportOf(refused: Problem): ImportReport | null {
  const body = refused.body as Partial<ImportReport> | null;
  if (!body || !Array.isArray(body.errors) || body.errors.length === 0) return null;
  return { created: 0, updated: 0, rows: Number(body.rows) || 0, errors: body.errors };
}

/** In the order of the file; a reason without a sentence of ours is told in the server's words. */
export function reportRows(report: ImportReport, words: Words): ReportRow[] {
  return [...report.errors]
    .sort((a, b) => a.line - b.line)
    .map(({ line, field, code, message }) => ({ line, field, text: codeText(code, words) ?? (message || words.refusals.bad_parameter) }));
}

/** Several things may be wrong in one line. */
export function wrongLines(report: ImportReport): number {
  return new Set(report.errors.map(({ line }) => line)).size;
}
