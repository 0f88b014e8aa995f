// Numbers that people glance at: 9,431 · 1.2万 · 12K.

const formats = new Map<string, Intl.NumberFormat>();

function formatOf(locale: string, compact: boolean): Intl.NumberFormat {
  const key = `${locale} ${compact}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale, compact ? { notation: 'compact', maximumFractionDigits: 1 } : {});
    formats.set(key, format);
  }
  return format;
}

/** Exact below ten thousand, where people still notice one more; rounded above. */
export function formatCount(count: number, locale: string): string {
  return formatOf(locale, count >= 10_000).format(count);
}
