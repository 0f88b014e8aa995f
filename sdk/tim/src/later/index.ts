/** The part of an instance that is loaded at its first use: everything that a page which only shows a room does not need. */
import type { Body } from '@hawker/client';
import type { LaterCalls } from '../calls.js';
import type { Core } from '../core.js';
import type { Message, SendOptions } from '../types.js';
import type { BoundHandlers } from './calls.js';
import { Direct } from './direct.js';
import { groupCalls, ledgerCalls } from './groups.js';
import { requestCalls } from './request.js';
import { RoomBoard } from './room.js';
import { upload } from './upload.js';
import { onUserStatus, userCalls } from './users.js';

/** What the instance uses of this part. */
export interface Part {
  /** Answers a call of the application. */
  call(name: keyof LaterCalls, given: unknown[]): Promise<unknown>;
  /** A pushed item that is of no room. */
  onPush(item: Body): void;
  /** A tip about attributes or pinned messages of a room. */
  onTip(groupID: string, item: Body): void;
  /** Direct messages that were missed, and unread counts. */
  onSync(reply: Body, first: boolean): void;
  /** Reads the list of conversations and keeps it. */
  sync(): void;
  /** Uploads the file of a message. */
  upload(message: Message): Promise<void>;
  /** Sends a message to a user. */
  send(message: Message, options: SendOptions): Promise<void>;
  /** The login is over. */
  reset(): void;
}

export function open(core: Core): Part {
  const direct = new Direct(core);
  const board = new RoomBoard(core);
  const bound: Partial<BoundHandlers<keyof LaterCalls>> = { ...direct.calls, ...board.calls };
  const free = { ...groupCalls, ...ledgerCalls, ...requestCalls, ...userCalls };
  return {
    async call(name, given) {
      const handler = bound[name];
      return handler ? handler(...given) : free[name as keyof typeof free](core, ...given);
    },
    onPush(item) {
      direct.onPush(item);
      onUserStatus(core, item);
    },
    onTip: (groupID, item) => { board.onTip(groupID, item); },
    onSync: (reply, first) => { direct.onSync(reply, first); },
    // A list that cannot be read now is read with the next question for it.
    sync: () => { direct.sync().catch(() => undefined); },
    upload: (message) => upload(core, message),
    send: (message, options) => direct.send(message, options),
    reset() {
      direct.reset();
      board.reset();
    },
  };
}
