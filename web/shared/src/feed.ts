// One room as one person sees it: joins, keeps the picture up to date, and tells what happens.
//
// Everything the pages show of a room comes through here, whether the person is anonymous or signed in. The picture
// (`RoomView`) is what holds now; happenings are what passes by. A change of the picture is never told as a happening
// only, so a page that draws the picture cannot fall behind.

import type { Chat, DataOf, Group, RoomStats } from '@hawker/tim';
import { roomSnapshot, type RoomSnapshot } from './api';
import { CODE, errorCode, isMissing } from './chat';
import { decodeGoods, GOODS_FIELD, type GoodsCard } from './goods';
import { happeningsOf, roomStatus, SLOW_FIELD, slowSeconds, STATUS_FIELD, type Happening, type Person, type RoomStatus } from './happening';
import { STREAM_FIELD, streamSince } from './stream';

export type NetState = 'connected' | 'connecting' | 'disconnected';

/** Whether we are in the room, and if not, why. */
export type Presence =
  | 'opening' | 'in' | 'missing' | 'failed' | 'kicked' | 'banned' | 'dismissed'
  /** The account signed in on another device. */
  | 'elsewhere'
  /** The signature ran out or was withdrawn. */
  | 'expired';

/** A pinned message. */
export interface Pin {
  readonly seq: number;
  readonly who: Person;
  /** Empty when it is a picture. */
  readonly text: string;
  readonly time: number;
}

export interface RoomView {
  net: NetState;
  presence: Presence;
  name: string;
  picture: string;
  announcement: string;
  host: Person | null;
  status: RoomStatus;
  /** Unix milliseconds since when there is video; 0: there is none. */
  streamSince: number;
  goods: GoodsCard | null;
  viewers: number | null;
  peak: number | null;
  likes: number | null;
  /** What the host keeps in sight, in the order of pinning. */
  pins: readonly Pin[];
  /** Viewers wait so many seconds between two comments; 0: they do not. */
  slowSecs: number;
  muteAll: boolean;
  /** Unix milliseconds until which we may not speak; 0 when we may. */
  mutedUntil: number;
}

export const emptyView: Readonly<RoomView> = {
  net: 'connecting',
  presence: 'opening',
  name: '',
  picture: '',
  announcement: '',
  host: null,
  status: 'waiting',
  streamSince: 0,
  goods: null,
  viewers: null,
  peak: null,
  likes: null,
  pins: [],
  slowSecs: 0,
  muteAll: false,
  mutedUntil: 0,
};

/** Joins and quits bring the count at once; this only corrects what was missed. */
const RECOUNT_MS = 15_000;
/** A join that failed for want of a network is tried again this often, as long as the page is open. */
const REJOIN_MS = 3_000;

type EventName =
  | 'onMessageReceived' | 'onMessageRevoked' | 'netStateChange' | 'kickedOut' | 'onGroupCounterUpdated' | 'hawkerRoomLost'
  | 'onPinnedGroupMessageUpdated';
type Handler<E extends EventName> = (event: { readonly data: DataOf<E> }) => void;

export interface FeedOptions {
  readonly chat: Chat;
  readonly groupID: string;
  /** Empty for an anonymous viewer. */
  readonly userID: string;
  readonly change: (patch: Partial<RoomView>) => void;
  /** `past`: it happened before we came, and is told so that the page does not begin empty. */
  readonly happen: (happening: Happening, past: boolean) => void;
  readonly revoke?: (messageID: string) => void;
  /** Each time the numbers have been asked for. */
  readonly stats?: (stats: RoomStats) => void;
  readonly recountMs?: number;
}

export class RoomFeed {
  private stopped = false;
  private joined = false;
  private pins: readonly Pin[] = [];
  private pastTold = false;
  private recount: ReturnType<typeof setInterval> | undefined;
  private readonly undo: (() => void)[] = [];

  constructor(private readonly options: FeedOptions) {}

  /** Joins; the answer is in the picture's `presence`. */
  async start(): Promise<void> {
    this.listen('onMessageReceived', ({ data }) => {
      const past = this.isPast();
      data.forEach((message) => this.receive(message, past));
    });
    this.listen('onMessageRevoked', ({ data }) => data.forEach((message) => this.options.revoke?.(message.ID)));
    this.listen('netStateChange', ({ data }) => this.netChanged(data.state));
    this.listen('kickedOut', ({ data }) => this.signedOut(data.type));
    this.listen('onGroupCounterUpdated', ({ data }) => {
      if (data.groupID === this.options.groupID && data.key === 'likes') this.options.change({ likes: data.value });
    });
    this.listen('onPinnedGroupMessageUpdated', ({ data }) => {
      if (data.groupID === this.options.groupID) this.pinned(data.message, data.isPinned);
    });
    this.listen('hawkerRoomLost', ({ data }) => { if (data.groupID === this.options.groupID) this.lost(data.code); });
    // An anonymous viewer need not be in the room to see what it looks like.
    await Promise.all([this.options.userID ? this.lookAtPins() : this.look(), this.join()]);
  }

  /** Stops listening. Does not leave the room: the same person may come back under a name. */
  stop(): void {
    this.stopped = true;
    clearInterval(this.recount);
    this.undo.splice(0).forEach((undo) => undo());
  }

  private async join(): Promise<void> {
    const { chat, groupID } = this.options;
    try {
      const { data } = await chat.joinGroup({ groupID, type: 'AVChatRoom' });
      if (this.stopped) return;
      this.joined = true;
      this.options.change({ presence: 'in', net: 'connected' });
      await this.describe(data.group);
      this.startCounting();
    } catch (error) {
      this.joinFailed(errorCode(error));
    }
  }

  /** The server no longer knows us in the room. A notice that said why has come before, if there was one. */
  private lost(code: number): void {
    if (!this.joined) return;
    if (isMissing(code)) this.options.change(this.left('dismissed'));
    else this.joinFailed(code);
  }

  private joinFailed(code: number): void {
    this.joined = false;
    clearInterval(this.recount);
    if (this.stopped) return;
    if (isMissing(code)) return this.options.change({ presence: 'missing' });
    if (code === CODE.notPermitted) return this.options.change({ presence: 'banned' });
    this.options.change({ presence: 'failed' });
    setTimeout(() => { if (!this.stopped && !this.joined) void this.join(); }, REJOIN_MS);
  }

  /** Fills the picture from the profile, then from who the host is and how we stand in the room ourselves. */
  private async describe(group: Group | undefined): Promise<void> {
    if (!group) return;
    this.options.change(viewOf(group));
    await Promise.all([this.describeHost(group.ownerID), this.describeSelf()]);
  }

  /** What an anonymous viewer can know: the public picture of the room. */
  private async look(): Promise<void> {
    const snapshot = await roomSnapshot(this.options.groupID);
    if (this.stopped || !snapshot) return;
    this.options.change(viewOfSnapshot(snapshot));
    this.setPins(pinsOf(snapshot));
  }

  /** What was pinned before we came. The page asks over HTTP, where one answer serves a crowd. */
  private async lookAtPins(): Promise<void> {
    const snapshot = await roomSnapshot(this.options.groupID);
    if (!this.stopped && snapshot) this.setPins(pinsOf(snapshot));
  }

  private setPins(pins: readonly Pin[]): void {
    this.pins = pins;
    this.options.change({ pins });
  }

  private pinned(message: DataOf<'onPinnedGroupMessageUpdated'>['message'], on: boolean): void {
    const others = this.pins.filter(({ seq }) => seq !== message.sequence);
    if (!on) return this.setPins(others);
    if (!('payload' in message)) return;
    const { from, nick, avatar, payload, time } = message;
    const text = 'text' in payload ? String(payload.text) : '';
    this.setPins([...others, { seq: message.sequence, who: { userID: from, nick, avatar }, text, time }]);
  }

  private async describeHost(ownerID: string): Promise<void> {
    if (!ownerID) return;
    const found = await quietly(this.options.chat.getUserProfile({ userIDList: [ownerID] }));
    if (this.stopped) return;
    const { nick, avatar } = found?.[0] ?? { nick: '', avatar: '' };
    this.options.change({ host: { userID: ownerID, nick, avatar } });
  }

  private async describeSelf(): Promise<void> {
    const { chat, groupID, userID } = this.options;
    if (!userID) return;
    const found = await quietly(chat.getGroupMemberProfile({ groupID, userIDList: [userID] }));
    const member = found?.memberList[0];
    if (this.stopped || !member) return;
    this.options.change({ mutedUntil: member.muteUntil * 1000 });
  }

  private startCounting(): void {
    clearInterval(this.recount);
    this.recount = setInterval(() => void this.count(), this.options.recountMs ?? RECOUNT_MS);
    if (this.options.userID) void this.count();
  }

  private async count(): Promise<void> {
    if (isHidden()) return;
    if (!this.options.userID) return this.look();
    const stats = await quietly(this.options.chat.getRoomStats(this.options.groupID));
    if (this.stopped || !stats) return;
    this.options.stats?.(stats);
    this.options.change({ viewers: stats.onlineMemberCount, peak: stats.peakMemberCount, likes: stats.likeCount });
  }

  /**
   * Whether what arrives now is the recent history of the room. A member is given it before the join is answered, and
   * before the profile, which must not be undone by an old change. An anonymous viewer is given it by the first poll,
   * all at once; where there is none, that is already news, so its changes count: the last of them is the newest there
   * is. Clocks are not asked: a viewer's may be wrong.
   */
  private isPast(): boolean {
    if (this.options.userID) return !this.joined;
    if (!this.pastTold) setTimeout(() => { this.pastTold = true; });
    return !this.pastTold;
  }

  private receive(message: DataOf<'onMessageReceived'>[number], past: boolean): void {
    if (message.to !== this.options.groupID) return;
    for (const happening of happeningsOf(message)) {
      const patch = past && this.options.userID ? null : this.patchOf(happening);
      if (patch) this.options.change(patch);
      this.options.happen(happening, past);
    }
  }

  private patchOf(happening: Happening): Partial<RoomView> | null {
    switch (happening.kind) {
      case 'goods': return { goods: happening.goods };
      case 'status': return { status: happening.status };
      case 'stream': return { streamSince: happening.since };
      case 'announcement': return { announcement: happening.text };
      case 'slow': return { slowSecs: happening.seconds };
      case 'mute_all': return { muteAll: happening.on };
      case 'mute': return happening.userID === this.options.userID ? { mutedUntil: untilOf(happening.seconds) } : null;
      case 'left': return this.left(happening.why);
      default: return null;
    }
  }

  private left(why: 'kicked' | 'dismissed' | 'banned'): Partial<RoomView> {
    this.joined = false;
    clearInterval(this.recount);
    return { presence: why };
  }

  private signedOut(type: string): void {
    this.left('kicked');
    this.options.change({ presence: type === 'userSigExpired' ? 'expired' : 'elsewhere' });
  }

  private netChanged(state: string): void {
    if (state !== 'connected' && state !== 'connecting' && state !== 'disconnected') return;
    this.options.change({ net: state });
    // What changed while we were cut off is not told again if the gap was too large, so ask.
    if (state === 'connected' && this.joined) void this.refresh();
  }

  private async refresh(): Promise<void> {
    const { chat, groupID, userID } = this.options;
    if (!userID) return this.look();
    const found = await quietly(chat.getGroupProfile({ groupID }));
    if (this.stopped || !this.joined) return;
    if (found) this.options.change(viewOf(found.group));
    await Promise.all([this.describeSelf(), this.count(), this.lookAtPins()]);
  }

  private listen<E extends EventName>(name: E, handler: Handler<E>): void {
    const { chat } = this.options;
    chat.on(name, handler);
    this.undo.push(() => chat.off(name, handler));
  }
}

/** Nobody looks at the numbers of a page in the background. */
function isHidden(): boolean {
  return typeof document !== 'undefined' && document.hidden;
}

function untilOf(seconds: number): number {
  return seconds > 0 ? Date.now() + seconds * 1000 : 0;
}

function viewOf(group: Group): Partial<RoomView> {
  const field = (key: string) => group.groupCustomField.find((it) => it.key === key)?.value;
  return {
    name: group.name,
    picture: group.avatar,
    announcement: group.notification,
    status: roomStatus(field(STATUS_FIELD)),
    streamSince: streamSince(field(STREAM_FIELD)),
    goods: decodeGoods(field(GOODS_FIELD)),
    slowSecs: slowSeconds(field(SLOW_FIELD)),
    muteAll: group.muteAllMembers,
  };
}

function viewOfSnapshot(snapshot: RoomSnapshot): Partial<RoomView> {
  const { name, picture, announcement, host, fields, muteAll, viewers, peak, likes } = snapshot;
  return {
    name, picture, announcement, host, muteAll, peak, likes,
    // It may have been taken before we were counted.
    viewers: Math.max(1, viewers),
    status: roomStatus(fields[STATUS_FIELD]),
    streamSince: streamSince(fields[STREAM_FIELD]),
    goods: decodeGoods(fields[GOODS_FIELD]),
    slowSecs: slowSeconds(fields[SLOW_FIELD]),
  };
}

function pinsOf({ pinned }: RoomSnapshot): Pin[] {
  return pinned.map(({ seq, userID, nick, avatar, text, time }) => ({ seq, who: { userID, nick, avatar }, text, time }));
}

/** For what a page can do without: the answer's data, or nothing. */
async function quietly<T>(promise: Promise<{ readonly data: T }>): Promise<T | null> {
  try {
    return (await promise).data;
  } catch {
    return null;
  }
}
