// Numbers over time, as a chart wants them.

export interface Point {
  readonly at: number;
  readonly value: number;
}

/** At most `max` sums of neighbouring points, so that a show of three hours is still readable. */
export function bucketed(points: readonly Point[], max: number): Point[] {
  const size = Math.max(1, Math.ceil(points.length / max));
  const sums: Point[] = [];
  for (let at = 0; at < points.length; at += size) {
    const some = points.slice(at, at + size);
    sums.push({ at: some[0]?.at ?? 0, value: some.reduce((sum, { value }) => sum + value, 0) });
  }
  return sums;
}

/** A round number at or above the largest: where the axis ends. */
export function axisTop(largest: number): number {
  if (largest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= largest) ?? 10;
  return Math.max(1, Math.ceil(step * power));
}
