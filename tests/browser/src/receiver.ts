// A merchant's own system, which is told what happens in the shop.

import { createHmac } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { text } from 'node:stream/consumers';
import { PATIENCE_MS } from './browser';
import { serve } from './origin';

export interface Told {
  readonly event: string;
  /** Within a stream everything comes in order. */
  readonly stream: string;
}

interface Letter {
  readonly told: Told;
  readonly signedWith: (secret: string) => boolean;
}

export interface Receiver {
  readonly url: string;
  /** What was told so far. */
  readonly letters: readonly Letter[];
  /** Waits until this was told. */
  until(event: string): Promise<void>;
  close(): Promise<void>;
}

export async function openReceiver(): Promise<Receiver> {
  const letters: Letter[] = [];
  const bell = new EventEmitter();
  const { url, close } = await serve((request, response) => {
    const { 'hawker-timestamp': at, 'hawker-signature': signature } = request.headers;
    void text(request).then((body) => {
      const signedWith = (secret: string) => createHmac('sha256', secret).update(`${String(at)}.${body}`).digest('hex') === signature;
      letters.push({ told: JSON.parse(body) as Told, signedWith });
      response.end('thanks');
      bell.emit('letter');
    });
  });
  const until = async (event: string) => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    while (!letters.some(({ told }) => told.event === event)) await once(bell, 'letter', { signal });
  };
  return { url, letters, until, close };
}
