import { TIMLiveSell } from './component.js';

export default TIMLiveSell;
export { TIMLiveSell, TIMLiveSell as TLS };
export { type JoinSetting, type Sent, type TlsConfig } from './component.js';
export {
  type Announcement, type DataOf, EVENT, type Happening, type Introduction, type Notice, type Person, type RoomMessage,
  type SdkEvent, type TlsEvents,
} from './events.js';
export type { GroupInfo, SdkResult, TimInstance, TimSdk, UserInfo } from './sdk.js';
