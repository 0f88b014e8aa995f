// Times as fields and clocks show them.

const pad = (value: number) => String(value).padStart(2, '0');

/** For `<input type="datetime-local">`, in the time of this machine; empty for 0. */
export function timeField(ms: number): string {
  if (!ms) return '';
  const date = new Date(ms);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** 0 for an empty field. */
export function readTime(text: string): number {
  const ms = text ? new Date(text).getTime() : 0;
  return Number.isFinite(ms) ? ms : 0;
}

/** First moment of a day that somebody chose, and the first moment after it. */
export function dayBounds(day: string): { readonly from: number; readonly to: number } | null {
  const from = day ? new Date(`${day}T00:00`) : null;
  if (!from || Number.isNaN(from.getTime())) return null;
  const to = new Date(from);
  to.setDate(to.getDate() + 1);
  return { from: from.getTime(), to: to.getTime() };
}

/** 1:05 · 12:30 · 1:02:03 */
export function countdown(ms: number): string {
  const secs = Math.max(0, Math.ceil(ms / 1000));
  const hours = Math.floor(secs / 3600);
  const rest = `${pad(Math.floor((secs % 3600) / 60))}:${pad(secs % 60)}`;
  return hours ? `${hours}:${rest}` : rest.replace(/^0/, '');
}
