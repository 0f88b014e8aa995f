import { type Body, bodyOf, numberOf, stringOf } from './wire.js';

/** How many recent sequence numbers a room remembers; a resend or a history older than this cannot be told from new. */
const SEEN_MAX = 256;

/** How many of its own messages a client remembers, to drop their echo. */
const OWN_MAX = 200;

/** A set that forgets its oldest entry when it is full. */
export class RecentSet {
  private readonly entries = new Set<number>();

  constructor(private readonly max: number) {}

  /** Adds the value; false when it was there already. */
  add(value: number): boolean {
    if (this.entries.has(value)) return false;
    this.entries.add(value);
    if (this.entries.size > this.max) this.entries.delete(this.entries.values().next().value as number);
    return true;
  }

  has(value: number): boolean {
    return this.entries.has(value);
  }
}

/** The cursor of a room that is read by polling instead of pushes. */
export interface Pull {
  key: string;
  /** Next `MsgSeq` wanted, 0 for "from the recent history". It survives a lost socket. */
  cursor: number;
}

/** What the client knows about one joined room. */
export class Room {
  /** Highest `MsgSeq` delivered to the application, 0 before the first. */
  lastSeq = 0;
  /** Set when the server wants this room polled. */
  pull: Pull | null = null;
  private readonly seen = new RecentSet(SEEN_MAX);

  constructor(readonly id: string, readonly anonymous: boolean) {}

  /** Sets the place in the stream unless something was delivered already. */
  startAt(seq: number): void {
    if (this.lastSeq === 0 && seq > 0) this.lastSeq = seq;
  }

  /** True when `seq` was not delivered before. Items without a number (0) always count as new. */
  accept(seq: number): boolean {
    if (seq <= 0) return true;
    if (seq <= this.lastSeq - SEEN_MAX || !this.seen.add(seq)) return false;
    this.lastSeq = Math.max(this.lastSeq, seq);
    return true;
  }
}

/** Group id of a pushed or polled item. */
export function groupIdOf(item: Body): string {
  return stringOf(bodyOf(item.GroupInfo).GroupId) || stringOf(item.ToGroupId) || stringOf(item.GroupId);
}

/** What joins a room: with pushes, and with what was said last. */
export function joinBody(groupId: string): Body {
  return { GroupId: groupId, WebPushFlag: 1, HugeGroupHistoryMsgFlag: 1 };
}

/** System notices after which the client is no longer in the room: removed, dismissed, banned. */
const FAREWELLS: readonly number[] = [4, 5, 21];

/** All joined rooms, and which of what arrives for them is new. */
export class Rooms {
  private readonly rooms = new Map<string, Room>();
  private readonly own = new RecentSet(OWN_MAX);

  get(id: string): Room | undefined {
    return this.rooms.get(id);
  }

  all(): Room[] {
    return [...this.rooms.values()];
  }

  /** Enters a room, or returns the one that is there: a join that is repeated keeps its place in the stream. */
  enter(id: string, anonymous: boolean): Room {
    const known = this.rooms.get(id);
    if (known?.anonymous === anonymous) return known;
    const room = new Room(id, anonymous);
    this.rooms.set(id, room);
    return room;
  }

  leave(id: string): void {
    this.rooms.delete(id);
  }

  clear(): void {
    this.rooms.clear();
  }

  /** Remembers the random number of a message of our own, so that its echo is not shown twice. */
  sent(random: number): void {
    this.own.add(random);
  }

  /** Whether the item is for the application: of a joined room, not seen before, not our own echo. */
  isNew(item: Body, event: number, self: string): boolean {
    const room = this.rooms.get(groupIdOf(item));
    if (room && !room.accept(numberOf(item.MsgSeq))) return false;
    // Notices concern the receiver, also outside a room; a late message of a room just left concerns nobody.
    if (!room && event !== 5 && event !== 17) return false;
    return self === '' || item.From_Account !== self || !this.own.has(numberOf(item.MsgRandom));
  }

  /** True when the notice takes us out of its room. */
  isFarewell(item: Body, event: number): boolean {
    return event === 5 && FAREWELLS.includes(numberOf(bodyOf(item.MsgBody).ReportType));
  }
}
