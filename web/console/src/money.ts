// Amounts and counts as they stand in the fields of a form.

import { majorText, minorDigits, parsePrice } from '@hawker/web-shared';

/** The server's bound on any amount: far below what an integer of JavaScript holds exactly. */
export const AMOUNT_MAX = 1_000_000_000_000;
export const COUNT_MAX = 1_000_000_000;

/** What a field says: its number, or which sentence to show. */
export type Typed = { readonly value: number } | { readonly wrong: 'needed' | 'badMoney' | 'badNumber' | 'tooSmall' | 'tooLarge' };

export interface Bounds {
  readonly min?: number;
  readonly max?: number;
  /** What an empty field means; without it, the field is needed. */
  readonly empty?: number;
}

export function readMoney(text: string, currency: string, bounds: Bounds = {}): Typed {
  if (!text.trim()) return emptyField(bounds);
  const value = parsePrice(text, currency);
  return value === null ? { wrong: 'badMoney' } : within(value, { max: AMOUNT_MAX, ...bounds });
}

/** A whole number; with a negative `min` it may be negative, for changes of stock and of coins. */
export function readCount(text: string, bounds: Bounds = {}): Typed {
  const trimmed = text.trim().replace(/^−/, '-');
  if (!trimmed) return emptyField(bounds);
  if (!/^[+-]?\d{1,15}$/.test(trimmed)) return { wrong: 'badNumber' };
  return within(Number(trimmed), { min: 0, max: COUNT_MAX, ...bounds });
}

/** For a field that shows an amount again. */
export function moneyField(minor: number, currency: string): string {
  return majorText(minor, minorDigits(currency));
}

function emptyField({ empty }: Bounds): Typed {
  return empty === undefined ? { wrong: 'needed' } : { value: empty };
}

function within(value: number, { min = 0, max = COUNT_MAX }: Bounds): Typed {
  if (value < min) return { wrong: 'tooSmall' };
  return value > max ? { wrong: 'tooLarge' } : { value };
}
