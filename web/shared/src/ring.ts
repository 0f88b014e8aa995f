// The last comments of a room.
//
// A busy room says more in an hour than a cheap phone can hold, so only the newest are kept, and a comment that
// arrives twice (once from the recent history on joining, once pushed) is taken once.

export class CommentRing<T extends { readonly id: string }> {
  private readonly items: T[] = [];
  private readonly ids = new Set<string>();
  /** How many have fallen out at the old end. */
  forgotten = 0;

  constructor(readonly capacity: number) {
    if (capacity < 1) throw new RangeError('a ring holds at least one');
  }

  /** False when it is already there. */
  push(item: T): boolean {
    if (this.ids.has(item.id)) return false;
    this.ids.add(item.id);
    this.items.push(item);
    if (this.items.length > this.capacity) this.forgetOldest();
    return true;
  }

  list(): readonly T[] {
    return this.items;
  }

  remove(id: string): boolean {
    if (!this.ids.delete(id)) return false;
    const at = this.items.findIndex((item) => item.id === id);
    this.items.splice(at, 1);
    return true;
  }

  clear(): void {
    this.items.length = 0;
    this.ids.clear();
  }

  private forgetOldest(): void {
    const oldest = this.items.shift();
    if (oldest) this.ids.delete(oldest.id);
    this.forgotten += 1;
  }
}
