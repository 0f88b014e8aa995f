// What the server found in a CSV file, line by line.

import { codeText, VAGUE } from './problems';
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

/** A vague code says less than the server's own words do. */
function reasonOf(code: string, message: string, words: Words): string {
  return code === VAGUE ? words.goods.report.vague(message) : (codeText(code, words) ?? (message || words.refusals.bad_parameter));
}

/** In the order of the file. */
export function reportRows(report: ImportReport, words: Words): ReportRow[] {
  return [...report.errors]
    .sort((a, b) => a.line - b.line)
    .map(({ line, field, code, message }) => ({ line, field, text: reasonOf(code, message, words) }));
}

/** Several things may be wrong in one line. */
export function wrongLines(report: ImportReport): number {
  return new Set(report.errors.map(({ line }) => line)).size;
}
