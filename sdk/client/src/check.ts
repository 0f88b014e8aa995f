import { Code, HawkerError } from './errors.js';

/** Refuses an argument: the message begins with the field's name. */
export function bad(code: number, field: string, should: string): HawkerError {
  return new HawkerError(code, `${field} ${should}`);
}

/** A string that is not empty. */
export function textOf(value: unknown, field: string, code: number = Code.badArgument, bytesMax = Infinity): string {
  if (typeof value !== 'string' || value === '') throw bad(code, field, 'must be a non-empty string');
  if (byteLength(value) > bytesMax) throw bad(code, field, `must not be longer than ${bytesMax} bytes`);
  return value;
}

/** Bytes of the text in UTF-8. Mini programs have no TextEncoder. */
export function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) as number;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
