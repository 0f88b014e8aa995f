// Prices are integers of minor units with a currency; how many digits a currency has is known to `Intl`, not to us.

/** How many digits stand behind the point: 2 for CNY, 0 for JPY, 3 for KWD. */
export function minorDigits(currency: string): number {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** "3990 minor units as 39.90", by moving the point in the text: a float would round large prices. */
export function majorText(minor: number, digits: number): string {
  const sign = minor < 0 ? '-' : '';
  const padded = String(Math.abs(minor)).padStart(digits + 1, '0');
  const whole = padded.slice(0, padded.length - digits);
  return digits === 0 ? sign + whole : `${sign}${whole}.${padded.slice(padded.length - digits)}`;
}

/** The price as the viewer's language writes it. A currency `Intl` does not know is written out in letters. */
export function formatPrice(minor: number, currency: string, locale: string): string {
  const digits = minorDigits(currency);
  const major = majorText(minor, digits);
  try {
    const whole = minor % 10 ** digits === 0;
    const format = new Intl.NumberFormat(locale, {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      minimumFractionDigits: whole ? 0 : digits,
      maximumFractionDigits: digits,
    });
    return format.format(Number(major));
  } catch {
    return `${currency} ${major}`.trim();
  }
}

/** What a host typed as a price, in minor units; `null` when it is not one, or has more digits than the currency. */
export function parsePrice(text: string, currency: string): number | null {
  const match = /^(\d{1,12})(?:[.,](\d*))?$/.exec(text.trim());
  if (!match) return null;
  const digits = minorDigits(currency);
  const fraction = match[2] ?? '';
  if (fraction.length > digits) return null;
  const minor = Number(match[1] + fraction.padEnd(digits, '0'));
  return Number.isSafeInteger(minor) ? minor : null;
}
