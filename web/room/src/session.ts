// The viewer's visit: anonymous at first, with a name later, and what they may do then.

import {
  CODE, errorCode, pictureOf, publicSources, remember, remembered, RoomFeed, signInAsGuest, streamSources,
  type AppInfo, type Credentials, type Happening, type Person, type Picture, type StreamSources,
} from '@hawker/web-shared';
import { openSdk, type Sdk, type Seller } from '@hawker/web-shared/sdk';
import type { PageState } from './page';
import type { Store } from './store';

const GUEST_KEY = 'hawker.guest';
/** A guest signature closer to its end than this is not worth starting with. */
const GUEST_LEFT_MIN_SECS = 3600;
/** Likes leave one by one at this pace: a thumb is faster than the server's rate for one user. */
const LIKE_PACE_MS = 150;
/** Taps beyond this are shown to the one who taps and to nobody else. */
const LIKES_WAITING_MAX = 40;

interface KnownGuest extends Credentials {
  readonly nick: string;
  readonly sdkAppID: number;
  readonly expires: number;
}

export class Session {
  private readonly sdk: Sdk;
  private feed: RoomFeed | null = null;
  private seller: Seller | null = null;
  /** Ends when we are in the room: what a quick thumb does before waits for it. */
  private joined: Promise<void> = Promise.resolve();
  private likesWaiting = 0;
  private likeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly app: AppInfo,
    readonly groupID: string,
    private readonly store: Store<PageState>,
    private readonly on: { happen: (happening: Happening, past: boolean) => void; revoke: (messageID: string) => void },
  ) {
    this.sdk = openSdk(app.sdkAppID);
  }

  /** The connection, for the shop; it is ours when we are in the room. */
  async chat(): Promise<Sdk['chat']> {
    await this.joined;
    return this.sdk.chat;
  }

  /** Where the video is. */
  async sources(): Promise<StreamSources | null> {
    return this.store.state.me ? streamSources(this.sdk.chat, this.groupID) : publicSources(this.groupID);
  }

  /** Comes in with what we have: a signature from the address, the name of the last visit, or nothing. */
  async open(credentials: Credentials | null): Promise<void> {
    const guest = credentials ? null : this.knownGuest();
    const known = credentials ?? guest;
    if (known && (await this.signIn(known, guest?.nick ?? ''))) return;
    this.startFeed('');
  }

  /** Gives an anonymous viewer a name. Throws `GuestRefused`. */
  async enter(nick: string): Promise<void> {
    const guest = await signInAsGuest(nick);
    remember(GUEST_KEY, JSON.stringify({ ...guest, nick } satisfies KnownGuest));
    this.feed?.stop();
    await this.sdk.chat.quitGroup(this.groupID).catch(() => undefined);
    if (await this.signIn(guest, nick)) return;
    this.startFeed('');
    throw new Error('the server gave a guest a signature it does not take');
  }

  async say(text: string): Promise<Person | null> {
    await this.joined;
    if (!this.seller) return null;
    await this.seller.sendMessage(text);
    this.startPause();
    return this.store.state.me;
  }

  /** Uploads a picture and shows it to the room; `progress` is told the part that is sent, 0 to 1. */
  async picture(file: File, progress: (part: number) => void): Promise<Picture | null> {
    await this.joined;
    const { chat } = this.sdk;
    const message = chat.createImageMessage({
      to: this.groupID, conversationType: 'GROUP', payload: { file }, onProgress: progress,
    });
    const { data } = await chat.sendMessage(message);
    this.startPause();
    return pictureOf(data.message.payload as Record<string, unknown>);
  }

  /** In slow mode the server would refuse what comes too soon; the page says so before. */
  private startPause(): void {
    const { slowSecs, me, host } = this.store.state;
    if (slowSecs > 0 && me?.userID !== host?.userID) this.store.set({ slowUntil: Date.now() + slowSecs * 1000 });
  }

  like(): void {
    if (!this.seller || this.likesWaiting >= LIKES_WAITING_MAX) return;
    this.likesWaiting += 1;
    if (this.likeTimer === undefined) this.sendLikes();
  }

  private async signIn(credentials: Credentials, nick: string): Promise<boolean> {
    try {
      await this.sdk.signIn(credentials);
      this.seller = this.sdk.sellerIn(this.groupID);
    } catch (error) {
      // Without a network the name is still ours at the next visit.
      if (isRefused(errorCode(error))) remember(GUEST_KEY, null);
      return false;
    }
    this.store.set({ me: { userID: credentials.userID, nick, avatar: '' } });
    this.startFeed(credentials.userID);
    if (!nick) void this.learnOwnName(credentials.userID);
    return true;
  }

  private async learnOwnName(userID: string): Promise<void> {
    const answer = await this.sdk.chat.getUserProfile({ userIDList: [userID] }).catch(() => null);
    const profile = answer?.data[0];
    if (profile) this.store.set({ me: { userID, nick: profile.nick, avatar: profile.avatar } });
  }

  private startFeed(userID: string): void {
    this.feed = new RoomFeed({
      chat: this.sdk.chat,
      groupID: this.groupID,
      userID,
      change: (patch) => this.store.set(this.withOwnLikes(patch)),
      happen: this.on.happen,
      revoke: this.on.revoke,
    });
    this.joined = this.feed.start();
  }

  /** The counter lags behind our own taps; a number that jumps back would look as if they had been lost. */
  private withOwnLikes(patch: Partial<PageState>): Partial<PageState> {
    if (typeof patch.likes !== 'number') return patch;
    return { ...patch, likes: Math.max(patch.likes, this.store.state.likes ?? 0) };
  }

  private sendLikes(): void {
    if (this.likesWaiting === 0) {
      this.likeTimer = undefined;
      return;
    }
    this.likesWaiting -= 1;
    this.seller?.like().catch((error: unknown) => {
      // A room where we may not speak does not count our likes either.
      if (errorCode(error) === CODE.muted) this.likesWaiting = 0;
    });
    this.likeTimer = setTimeout(() => this.sendLikes(), LIKE_PACE_MS);
  }

  private knownGuest(): KnownGuest | null {
    try {
      const guest = JSON.parse(remembered(GUEST_KEY) ?? 'null') as KnownGuest | null;
      const fresh = guest && guest.expires - Date.now() / 1000 > GUEST_LEFT_MIN_SECS;
      return fresh && guest.sdkAppID === this.app.sdkAppID && this.app.guests ? guest : null;
    } catch {
      return null;
    }
  }
}

/** The server's numbers for a signature that it does not take. */
function isRefused(code: number): boolean {
  return code >= 70_000 && code < 80_000;
}
