// The one place where the pages touch the published SDKs.
//
// A viewer begins anonymous and may get a name later, on the same connection; the live-selling component signs in by
// itself as soon as it is made. So the pages make the connection first and hand the component one that exists.

import TIM, { type Chat } from '@hawker/tim';
import TLS from '@hawker/live-sells';
import type { Credentials } from './address';

/** What the live-selling component does for a signed-in person. */
export type Seller = Pick<TLS<Chat>, 'sendMessage' | 'like'>;

/** The console of a viewer's browser is for what went wrong. */
const LOG_ERRORS = 3;

export interface Sdk {
  readonly chat: Chat;
  signIn(credentials: Credentials): Promise<void>;
  /** The component for one room; only for somebody who is signed in. */
  sellerIn(groupID: string): Seller;
  signOut(): Promise<void>;
}

export function openSdk(sdkAppID: number): Sdk {
  const proxyServer = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`;
  const tim = TIM.create({ SDKAppID: sdkAppID, proxyServer });
  tim.setLogLevel(LOG_ERRORS);
  const sameConnection = Object.assign(Object.create(TIM) as typeof TIM, { create: () => tim });
  let signedIn: Credentials = { userID: '', userSig: '' };
  return {
    chat: tim,
    async signIn(credentials) {
      await tim.login(credentials);
      signedIn = credentials;
    },
    sellerIn: (groupID) =>
      new TLS({ SDKAppID: sdkAppID, userName: signedIn.userID, userSig: signedIn.userSig, roomID: groupID, TIM: sameConnection }),
    async signOut() {
      await tim.logout();
    },
  };
}
