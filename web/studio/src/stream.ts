// The video of one room as its host runs it: where it is pushed to, with which key, and what arrives.

import { shallowRef } from 'vue';
import { streamSources } from '@hawker/web-shared';
import type { Sdk } from '@hawker/web-shared/sdk';

/** What arrives is asked for at this pace, by a page that is looked at. */
const PUSH_MS = 3000;

/** Where to push, and what comes of it. */
export interface Push {
  readonly address: string;
  readonly key: string;
  readonly live: boolean;
  readonly kbps: number;
  readonly viewers: number;
}

export type StreamDesk = ReturnType<typeof createStreamDesk>;

/** `attempt` does something and tells the host when it could not be done. */
export function createStreamDesk(chat: Sdk['chat'], groupID: string, attempt: (action: Promise<unknown>) => Promise<boolean>) {
  /** Null as long as this server is not known to take video. */
  const push = shallowRef<Push | null>(null);
  let timer: ReturnType<typeof setInterval> | undefined;

  const ask = async (command: 'get_push' | 'renew_key') => {
    const { data } = await chat.request(`live_media.${command}`, { GroupId: groupID });
    push.value = pushOf(data);
  };
  const learn = () => {
    if (!document.hidden) ask('get_push').catch(() => undefined);
  };

  return {
    push,
    /** Asks, now and from now on; the room is open. */
    open() {
      timer ??= setInterval(learn, PUSH_MS);
      learn();
    },
    stop() {
      clearInterval(timer);
    },
    /** Whoever pushes with the old key is cut off. */
    renewKey: () => attempt(ask('renew_key')),
    sources: () => streamSources(chat, groupID),
  };
}

/** A server that knows nothing of video answers as well, with nothing in it. */
function pushOf(answer: Record<string, unknown>): Push | null {
  const { Url, Key, State, BitrateKbps, Viewers } = answer;
  if (typeof Url !== 'string' || Url === '' || typeof Key !== 'string') return null;
  return { address: Url, key: Key, live: State === 'live', kbps: Number(BitrateKbps) || 0, viewers: Number(Viewers) || 0 };
}
