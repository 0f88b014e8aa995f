// One room as its host works in it: what is shown, and what can be done.

import type { Message, RoomStats, RoomWords } from '@hawker/tim';
import { inject, provide, reactive, ref, shallowRef, type InjectionKey } from 'vue';
import {
  CommentRing, emptyView, errorCode, CODE, RoomFeed, STATUS_FIELD,
  pictureOf, SLOW_FIELD, type ChatMessage, type Happening, type Person, type Picture, type RoomStatus,
} from '@hawker/web-shared';
import type { Sdk } from '@hawker/web-shared/sdk';
import { shopErrorName } from '@hawker/shop';
import { createShopDesk } from './shop';
import { createStreamDesk } from './stream';

const COMMENTS_KEPT = 300;
const EVENTS_KEPT = 200;
/** Often enough to feel live; the server counts anyway. */
const STATS_MS = 3000;
/** A list that nobody reads to its end. */
const BANS_SHOWN = 300;
/** Ten minutes of viewers in the small chart. */
const SAMPLES_MAX = 200;

export interface Comment {
  readonly id: string;
  readonly who: Person;
  readonly text: string;
  readonly picture: Picture | null;
  readonly time: number;
  /** As the SDK gave it, to pin it or take it back. */
  readonly message: ChatMessage;
}

/** Somebody who was sent out; `until` is in Unix seconds. */
export interface Banned {
  readonly userID: string;
  readonly nick: string;
  readonly until: number;
}

export type LedgerRow = RoomStats['ledger'][number];

export type EventKind = 'gift' | 'buy' | 'follow' | 'join';

export interface ShowEvent {
  readonly id: string;
  readonly kind: EventKind;
  readonly happening: Extract<Happening, { readonly who: Person }>;
}

export type Desk = ReturnType<typeof createDesk>;

const key: InjectionKey<Desk> = Symbol('desk');

export function provideDesk(desk: Desk): void {
  provide(key, desk);
}

export function useDesk(): Desk {
  const desk = inject(key);
  if (!desk) throw new Error('used outside of an open room');
  return desk;
}

export function createDesk(sdk: Sdk, groupID: string, me: Person) {
  const view = reactive({ ...emptyView });
  const commentRing = new CommentRing<Comment>(COMMENTS_KEPT);
  const eventRing = new CommentRing<ShowEvent>(EVENTS_KEPT);
  const comments = shallowRef<readonly Comment[]>([]);
  const events = shallowRef<readonly ShowEvent[]>([]);
  const stats = shallowRef<RoomStats | null>(null);
  const samples = shallowRef<readonly number[]>([]);
  /** Until when somebody may not speak, in Unix milliseconds. */
  const mutedUntil = reactive(new Map<string, number>());
  /** Who is banned, once it was asked for. */
  const banned = ref<readonly Banned[]>([]);
  const problem = ref<'' | Problem>('');
  /** The part of a picture that is sent, 0 to 1; null when none is on its way. */
  const sending = ref<number | null>(null);

  const redraw = oncePerFrame(() => {
    comments.value = [...commentRing.list()];
    events.value = [...eventRing.list()].reverse();
  });
  const happen = (happening: Happening, past = false) => {
    if (happening.kind === 'comment') commentRing.push(happening);
    else if (happening.kind === 'mute' && !past) mutedUntil.set(happening.userID, Date.now() + happening.seconds * 1000);
    else if ('who' in happening) noteEvent(happening);
    if (!past) shop.hear(happening);
    redraw();
  };
  const noteEvent = (happening: ShowEvent['happening']) => {
    const kind = eventKind(happening);
    if (kind) eventRing.push({ id: happening.id, kind, happening });
  };
  const feed = new RoomFeed({
    chat: sdk.chat,
    groupID,
    userID: me.userID,
    recountMs: STATS_MS,
    change: (patch) => {
      Object.assign(view, patch);
      // Also after a cut: what was missed is not told again.
      if ((patch.presence ?? patch.net) && view.presence === 'in' && view.net === 'connected') {
        shop.open();
        stream.open();
      }
    },
    happen,
    revoke: (id) => { commentRing.remove(id); redraw(); },
    stats: (fresh) => {
      stats.value = fresh;
      samples.value = [...samples.value, fresh.onlineMemberCount].slice(-SAMPLES_MAX);
    },
  });

  /** True when it was done; otherwise the host is told. */
  const attempt = async (action: Promise<unknown>): Promise<boolean> => {
    try {
      await action;
      problem.value = '';
      return true;
    } catch (error) {
      problem.value = problemOf(errorCode(error));
      return false;
    }
  };
  const shop = createShopDesk(sdk.chat, groupID, attempt);
  const stream = createStreamDesk(sdk.chat, groupID, attempt);
  /** Sends a message of ours; the SDK does not hand it back to us, so it is shown here. */
  const send = (message: Message) => attempt(sdk.chat.sendMessage(message).then(({ data }) => {
    const sent = data.message;
    const payload = sent.payload as Record<string, unknown>;
    const text = typeof payload['text'] === 'string' ? payload['text'] : '';
    happen({ kind: 'comment', id: sent.ID, who: me, text, picture: pictureOf(payload), time: sent.time, message: sent });
  }));
  /** Everybody who is banned, with names: those whose ban ends last come first. */
  const allBans = async (): Promise<Banned[]> => {
    const found: Banned[] = [];
    let offset = 0;
    do {
      const { data } = await sdk.chat.getRoomBans({ groupID, offset });
      const { data: profiles } = data.banList.length > 0
        ? await sdk.chat.getUserProfile({ userIDList: data.banList.map(({ userID }) => userID) }) : { data: [] };
      const nicks = new Map(profiles.map(({ userID, nick }) => [userID, nick]));
      found.push(...data.banList.map(({ userID, bannedUntil }) => ({ userID, nick: nicks.get(userID) ?? '', until: bannedUntil })));
      offset = data.offset;
    } while (offset > 0 && found.length < BANS_SHOWN);
    return found.sort((a, b) => b.until - a.until);
  };
  const writeField = (field: string, value: string) =>
    sdk.chat.updateGroupProfile({ groupID, groupCustomField: [{ key: field, value }] });

  return {
    groupID, me, view, comments, events, stats, samples, mutedUntil, banned, problem, sending, shop, stream,
    start: () => feed.start(),
    stop() {
      feed.stop();
      shop.stop();
      stream.stop();
    },
    async setStatus(status: Exclude<RoomStatus, 'waiting'>) {
      if (await attempt(writeField(STATUS_FIELD, status))) view.status = status;
    },
    async announce(text: string) {
      const done = await attempt(sdk.chat.updateGroupProfile({ groupID, notification: text }));
      if (done) view.announcement = text;
      return done;
    },
    say: (text: string) => send(sdk.chat.createTextMessage({ to: groupID, conversationType: 'GROUP', payload: { text } })),
    async showPicture(file: File) {
      sending.value = 0;
      const onProgress = (part: number) => { sending.value = part; };
      try {
        await send(sdk.chat.createImageMessage({ to: groupID, conversationType: 'GROUP', payload: { file }, onProgress }));
      } catch (error) {
        // What is no picture is refused before anything is sent.
        problem.value = problemOf(errorCode(error));
      } finally {
        sending.value = null;
      }
    },
    pin: (comment: Comment, isPinned: boolean) =>
      attempt(sdk.chat.pinGroupMessage({ groupID, message: comment.message as Message, isPinned })),
    /** A pin of before this page was opened is known by its number only. */
    unpin: (seq: number) => attempt(sdk.chat.getPinnedGroupMessageList(groupID).then(async ({ data }) => {
      const message = data.messageList.find(({ sequence }) => sequence === seq);
      if (message) await sdk.chat.pinGroupMessage({ groupID, message, isPinned: false });
    })),
    async recall(comment: Comment) {
      const done = await attempt(sdk.chat.revokeMessage(comment.message as Message));
      if (!done) return;
      commentRing.remove(comment.id);
      redraw();
    },
    async ban({ userID, nick }: Person, seconds: number) {
      if (!await attempt(sdk.chat.deleteGroupMember({ groupID, userIDList: [userID], duration: seconds }))) return;
      const until = Math.floor(Date.now() / 1000) + seconds;
      banned.value = [{ userID, nick, until }, ...banned.value.filter((one) => one.userID !== userID)];
    },
    async learnBans() {
      await attempt(allBans().then((found) => { banned.value = found; }));
    },
    async liftBan(userID: string) {
      const done = await attempt(sdk.chat.liftRoomBans({ groupID, userIDList: [userID] }));
      if (done) banned.value = banned.value.filter((one) => one.userID !== userID);
    },
    async setSlowMode(seconds: number) {
      if (await attempt(writeField(SLOW_FIELD, seconds ? String(seconds) : ''))) view.slowSecs = seconds;
    },
    async words(): Promise<RoomWords | null> {
      let found: RoomWords | null = null;
      await attempt(sdk.chat.getRoomWords(groupID).then(({ data }) => { found = data; }));
      return found;
    },
    setWords: (words: RoomWords) => attempt(sdk.chat.setRoomWords({ groupID, ...words })),
    async mute(userID: string, seconds: number) {
      const done = await attempt(sdk.chat.setGroupMemberMuteTime({ groupID, userID, muteTime: seconds }));
      if (done) mutedUntil.set(userID, Date.now() + seconds * 1000);
    },
    async muteAll(on: boolean) {
      if (await attempt(sdk.chat.updateGroupProfile({ groupID, muteAllMembers: on }))) view.muteAll = on;
    },
    /** A mute of before this page was opened is not known here until somebody asks about that person. */
    async learnMute(userID: string) {
      const answer = await sdk.chat.getGroupMemberProfile({ groupID, userIDList: [userID] }).catch(() => null);
      const member = answer?.data.memberList[0];
      if (member) mutedUntil.set(userID, member.muteUntil * 1000);
    },
    dismiss: () => attempt(sdk.chat.dismissGroup(groupID)),
  };
}

/** What the host is told in words of its own; everything else is "did not work". */
const SHOP_PROBLEMS = ['GOODS_MISSING', 'SKU_MISSING', 'NOT_FOR_SALE', 'BAD_AMOUNT', 'COUPON_MISSING', 'COUPON_GONE', 'COUPON_NOT_NOW', 'SALE_MISSING'] as const;

type Problem = 'failed' | 'muted' | 'refused' | 'pinsFull' | 'badPicture' | (typeof SHOP_PROBLEMS)[number];

function problemOf(code: number): Problem {
  const refusal = SHOP_PROBLEMS.find((name) => name === shopErrorName(code));
  if (refusal) return refusal;
  switch (code) {
    case CODE.muted: return 'muted';
    case CODE.refusedContent: return 'refused';
    case CODE.pinsFull: return 'pinsFull';
    case 2251:
    case 2252:
    case 2253: return 'badPicture';
    default: return 'failed';
  }
}

function eventKind(happening: ShowEvent['happening']): EventKind | null {
  switch (happening.kind) {
    case 'gift': return 'gift';
    case 'buy':
    case 'drop':
    case 'coupon': return 'buy';
    case 'follow': return 'follow';
    case 'join': return 'join';
    default: return null;
  }
}

/** A busy room changes many times between two frames; the page is drawn for the last of them. */
function oncePerFrame(draw: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    const run = () => { waiting = false; draw(); };
    if (document.hidden) setTimeout(run, 250);
    else requestAnimationFrame(run);
  };
}
