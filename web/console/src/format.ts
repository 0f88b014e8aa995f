// Amounts, counts and times as the language of the page writes them.

import { formatCount, formatPrice } from '@hawker/web-shared';
import { currency } from './session';
import { tag } from './words';

export function money(minor: number, of = currency.value): string {
  return formatPrice(minor, of, tag.value);
}

/** "¥10 – ¥25" for goods whose variants differ. */
export function moneyRange(prices: readonly number[]): string {
  if (prices.length === 0) return '–';
  const low = Math.min(...prices);
  const high = Math.max(...prices);
  return low === high ? money(low) : `${money(low)} – ${money(high)}`;
}

export function count(value: number): string {
  return formatCount(value, tag.value);
}

/** Never rounded: for ledgers. */
export function exact(value: number, signed = false): string {
  return new Intl.NumberFormat(tag.value, signed ? { signDisplay: 'exceptZero' } : {}).format(value);
}

const KIB = 1024;

export function bytes(size: number): string {
  const [value, unit] = size >= KIB * KIB ? [size / KIB / KIB, 'megabyte'] : [size / KIB, 'kilobyte'];
  return new Intl.NumberFormat(tag.value, { style: 'unit', unit, maximumFractionDigits: 1 }).format(value);
}

export function share(part: number, whole: number): string {
  return whole > 0 ? new Intl.NumberFormat(tag.value, { style: 'percent', maximumFractionDigits: 1 }).format(part / whole) : '–';
}

export function dateTime(ms: number): string {
  return ms ? new Intl.DateTimeFormat(tag.value, { dateStyle: 'medium', timeStyle: 'short' }).format(ms) : '–';
}

export function clock(ms: number): string {
  return new Intl.DateTimeFormat(tag.value, { hour: '2-digit', minute: '2-digit' }).format(ms);
}

/** Today as a time, other days with their date. */
export function when(ms: number): string {
  if (!ms) return '–';
  const sameDay = new Date(ms).toDateString() === new Date().toDateString();
  return sameDay ? clock(ms) : new Intl.DateTimeFormat(tag.value, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' }).format(ms);
}

/** A day as the server names it, `2026-11-20`. */
export function dayName(day: string): string {
  const date = new Date(`${day}T00:00`);
  return Number.isNaN(date.getTime()) ? day : new Intl.DateTimeFormat(tag.value, { month: 'short', day: 'numeric' }).format(date);
}
