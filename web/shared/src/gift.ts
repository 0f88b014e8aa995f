// The value of a gift message.
//
// Ours is `{"id","count"}`, the ID one of a few drawings that every page carries. Applications of the old component
// send what they like, JSON or a bare name; those are shown by the name they gave.

export const GIFT_IDS = ['rose', 'tea', 'candy', 'lantern', 'balloon', 'crown', 'rocket', 'firework'] as const;

export type GiftId = (typeof GIFT_IDS)[number];

export interface Gift {
  /** One of our drawings, or null for a gift we only know by name. */
  readonly id: GiftId | null;
  readonly name: string;
  readonly count: number;
}

/** A gift that claims to be more than this is shown as this many: the number has to fit the banner. */
const COUNT_MAX = 9999;
const NAME_CHARS_MAX = 24;

export function encodeGift(id: GiftId, count = 1): string {
  return JSON.stringify({ id, count });
}

export function decodeGift(value: string): Gift {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    parsed = value;
  }
  if (typeof parsed !== 'object' || parsed === null) return named(String(parsed ?? ''), 1);
  const fields = parsed as Record<string, unknown>;
  const name = [fields['name'], fields['title'], fields['id'], fields['gift']].find((it) => typeof it === 'string');
  const count = Number(fields['count'] ?? fields['num'] ?? 1);
  const gift = named(typeof name === 'string' ? name : '', count);
  return { ...gift, id: giftId(fields['id']) ?? giftId(fields['gift']) ?? gift.id };
}

function named(name: string, count: number): Gift {
  const whole = Number.isFinite(count) ? Math.min(Math.max(Math.trunc(count), 1), COUNT_MAX) : 1;
  return { id: giftId(name), name: name.slice(0, NAME_CHARS_MAX), count: whole };
}

function giftId(value: unknown): GiftId | null {
  return GIFT_IDS.find((id) => id === value) ?? null;
}
