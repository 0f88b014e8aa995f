// Lengths as the server counts them: the limits of fields and announcements are bytes of UTF-8, so a Chinese text
// is three times as long as it looks and an editor that counts characters would promise too much.

const encoder = new TextEncoder();

/** Longest announcement. */
export const NOTIFICATION_BYTES_MAX = 300;
/** Longest nickname the pages ask for; longer ones would not fit beside a comment anyway. */
export const NICK_BYTES_MAX = 60;

export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** The longest beginning of `text` that fits into `max` bytes without cutting a character in two. */
export function truncateBytes(text: string, max: number): string {
  let used = 0;
  let kept = '';
  for (const char of text) {
    used += byteLength(char);
    if (used > max) break;
    kept += char;
  }
  return kept;
}
