// Compiles only if the component takes every SDK as `TIM` without a cast. Not run.
import type { ChatSDK } from 'tim-js-sdk';
import OfficialTim from 'tim-js-sdk';
import OfficialChat from '@tencentcloud/chat';
import TIM, { type Chat } from '@hawker/tim';
import TIMLiveSell from '@hawker/live-sells';

const parts = { SDKAppID: 1, userName: 'bob', userSig: 's', roomID: 'r' };

export const ours: Chat = new TIMLiveSell({ ...parts, TIM }).tim;
export const official: ChatSDK = new TIMLiveSell({ ...parts, TIM: OfficialTim }).tim;
export const chat = new TIMLiveSell({ ...parts, TIM: OfficialChat }).tim;
