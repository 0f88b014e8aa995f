// Compiles only if the component takes every SDK as `TIM` without a cast. Not run.
import type { ChatSDK } from 'tim-js-sdk';
import type { ChatSDK as NewChat } from '@tencentcloud/chat';
import OfficialTim from 'tim-js-sdk';
import OfficialChat from '@tencentcloud/chat';
import TIM, { type Chat, type NotOffered } from '@hawker/tim';
import TIMLiveSell from '@hawker/live-sells';

const parts = { SDKAppID: 1, userName: 'bob', userSig: 's', roomID: 'r' };

export const ours: Chat = new TIMLiveSell({ ...parts, TIM }).tim;
export const official: ChatSDK = new TIMLiveSell({ ...parts, TIM: OfficialTim }).tim;
export const chat = new TIMLiveSell({ ...parts, TIM: OfficialChat }).tim;

// What @hawker/tim offers takes everything that the official types take: code that compiled against them compiles here.

export type { NewChat };
type OldChat = ChatSDK;
/** Calls that both have and that are offered: the others take anything and reject. */
type Common<Official> = Exclude<keyof Official & keyof Chat, keyof NotOffered>;
/** The calls that take less than the official ones. */
export type Narrower<Official> = {
  [Name in Common<Official>]: Official[Name] extends (...given: infer Theirs) => unknown
    ? Chat[Name] extends (...given: infer Ours) => unknown ? Theirs extends Ours ? never : Name : Name
    : never
}[Common<Official>];

// The message of the compiler names the calls that are missing here.
export const narrowerThanOld: Record<Narrower<OldChat>, never> = {};
export const narrowerThanNew: Record<Narrower<NewChat>, never> = {};
