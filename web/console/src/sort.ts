// Lists that people put in order.

/** The list with one thing elsewhere. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = [...list];
  const [thing] = rest.splice(from, 1);
  if (thing === undefined) return rest;
  rest.splice(Math.min(Math.max(to, 0), rest.length), 0, thing);
  return rest;
}
