/**
 * The part of a TIM SDK that the component uses. `@hawker/tim`, `tim-js-sdk`, `tim-wx-sdk` and `@tencentcloud/chat`
 * all fit; answers are read through the checks below, because the official types say `any`.
 */

/** A resolved call. */
export interface SdkResult {
  code: number;
  data: unknown;
}

/** What `TIM.create` returns. */
export interface TimInstance {
  setLogLevel(level: number): void;
  on(name: string, handler: (event: { name: string; data: unknown }) => void, context?: unknown): void;
  off(name: string, handler: (event: { name: string; data: unknown }) => void, context?: unknown): void;
  login(options: { userID: string; userSig: string }): Promise<SdkResult>;
  destroy(): unknown;
  // The official types name their own enums here; `never` lets every spelling of the options pass.
  createTextMessage(options: never): unknown;
  createCustomMessage(options: never): unknown;
  sendMessage(message: never): Promise<SdkResult>;
  joinGroup(options: never): Promise<SdkResult>;
  quitGroup(groupID: string): Promise<SdkResult>;
  getGroupProfile(options: { groupID: string; groupCustomFieldFilter?: string[] }): Promise<SdkResult>;
  getGroupMemberList(options: { groupID: string; count: number; offset: number }): Promise<SdkResult>;
  setGroupMemberCustomField(options: { groupID: string; memberCustomField: { key: string; value: string }[] }): Promise<SdkResult>;
  getMyProfile(): Promise<SdkResult>;
  getUserProfile(options: { userIDList: string[] }): Promise<SdkResult>;
}

/** A TIM SDK: the module that is passed as `TIM`. */
export interface TimSdk<Instance extends TimInstance = TimInstance> {
  create(options: { SDKAppID: number; scene: string }): Instance;
  EVENT: Readonly<Record<
    'SDK_READY' | 'SDK_NOT_READY' | 'MESSAGE_RECEIVED' | 'PROFILE_UPDATED' | 'ERROR' | 'KICKED_OUT' | 'NET_STATE_CHANGE',
    string
  >>;
  TYPES: Readonly<Record<'CONV_GROUP' | 'GRP_AVCHATROOM' | 'MSG_PRIORITY_HIGH' | 'MSG_PRIORITY_LOWEST', string>>;
}

/** A profile as the SDK gives it. */
export interface UserInfo {
  userID: string;
  nick: string;
  avatar: string;
  [field: string]: unknown;
}

/** A group as the SDK gives it, with the host's profile. */
export interface GroupInfo {
  groupID: string;
  name: string;
  avatar: string;
  ownerID: string;
  /** Profile of the owner, the host; absent when it was not asked for or cannot be read. */
  ownerInfo?: UserInfo;
  [field: string]: unknown;
}
