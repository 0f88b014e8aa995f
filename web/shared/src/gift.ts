// The value of a gift message.
//
// The shop writes `{"id","name","count","coins","combo"}`, the ID of the first catalogue one of a few drawings that every
// page carries. Applications of the old component send what they like, JSON or a bare name; those are shown by the name
// they gave.

export const GIFT_IDS = ['rose', 'tea', 'candy', 'lantern', 'balloon', 'crown', 'rocket', 'firework'] as const;

export type GiftId = (typeof GIFT_IDS)[number];

export interface GiftSent {
  /** One of our drawings, or null for a gift we only know by name. */
  readonly id: GiftId | null;
  readonly name: string;
  readonly count: number;
  /** How many of it in a row, these included. */
  readonly combo: number;
  /** What all of them cost; 0 where nobody says. */
  readonly coins: number;
}

/** A gift that claims to be more than this is shown as this many: the number has to fit the banner. */
const COUNT_MAX = 9999;
const NAME_CHARS_MAX = 24;

export function decodeGift(value: string): GiftSent {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    parsed = value;
  }
  if (typeof parsed !== 'object' || parsed === null) return named(String(parsed ?? ''), 1);
  const fields = parsed as Record<string, unknown>;
  const name = [fields['name'], fields['title'], fields['id'], fields['gift']].find((it) => typeof it === 'string');
  const gift = named(typeof name === 'string' ? name : '', fields['count'] ?? fields['num'] ?? 1);
  return {
    ...gift,
    id: giftId(fields['id']) ?? giftId(fields['gift']) ?? gift.id,
    combo: Math.max(gift.count, bounded(fields['combo'] ?? 1)),
    coins: Math.max(0, Math.trunc(Number(fields['coins'])) || 0),
  };
}

function named(name: string, said: unknown): GiftSent {
  const count = bounded(said);
  return { id: giftId(name), name: name.slice(0, NAME_CHARS_MAX), count, combo: count, coins: 0 };
}

function bounded(said: unknown): number {
  const count = Number(said);
  return Number.isFinite(count) ? Math.min(Math.max(Math.trunc(count), 1), COUNT_MAX) : 1;
}

/** The drawing of this name, if there is one. */
export function giftId(value: unknown): GiftId | null {
  return GIFT_IDS.find((id) => id === value) ?? null;
}
