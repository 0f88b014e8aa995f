import type { KickReason, NetState, ReconnectPolicy, Transport, WebSocketConstructor } from '@hawker/client';

/** What every method resolves with. `code` is 0; failures reject with a `HawkerError` instead. */
export interface Result<T> {
  code: 0;
  data: T;
}

/** Options of `TIM.create`. Options of the official package that are not listed are accepted and have no effect. */
export interface CreateOptions {
  /** Id of the app, a positive integer. */
  SDKAppID: number;
  /** `ws://` or `wss://` address of the server. Default: the server the page came from. */
  proxyServer?: string;
  /** Be in several rooms at once; default false: joining a room leaves the one before. */
  unlimitedAVChatRoom?: boolean;
  /** Ours: constructor of sockets where the platform has none (Node 20: `WebSocket` of the package `ws`). */
  webSocket?: WebSocketConstructor;
  /** Ours: opens sockets in any other way. */
  transport?: Transport;
  /** Ours: when to reconnect. */
  reconnect?: ReconnectPolicy;
  [option: string]: unknown;
}

/** One of the values of `TYPES`. The official types have one name for all of them, words and numbers. */
export type Constant = string | number;

/** Options that may have more fields, which have no effect here: of the official packages, or an application's own. */
export type Open<Options> = Options | (Options & Readonly<Record<string, unknown>>);

/** A function, as the official types say it. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- code that was written against them says so, too
export type AnyFunction = Function;

/** What calls need of a message: those of this package have it, and those of the official types. */
export interface MessageLike {
  ID: string;
  type: Constant;
  payload: unknown;
}

/** Payload of `TYPES.MSG_TEXT`. */
export interface TextPayload {
  text: string;
}

/** Payload of `TYPES.MSG_CUSTOM`; at least one of the three is not empty. */
export interface CustomPayload {
  data: string;
  description: string;
  extension: string;
}

/** Payload of `TYPES.MSG_FACE`. */
export interface FacePayload {
  /** Number of the face in the application's own set. */
  index: number;
  data: string;
}

/** One size of a picture. */
export interface ImageInfo {
  /** Number on the wire: 1 original, 2 large (shorter side 720 pixels), 3 small (198). */
  sizeType: number;
  /** Place in the list: 0 original, 1 small, 2 large. */
  type: number;
  /** Bytes; 0 when unknown. */
  size: number;
  /** Pixels; 0 when unknown. */
  width: number;
  height: number;
  /** Address to show; of a message that is not sent yet, what the own screen can show. */
  url: string;
  /** Address at the server, `''` before it was sent. */
  imageUrl: string;
}

/** Payload of `TYPES.MSG_IMAGE`. */
export interface ImagePayload {
  uuid: string;
  /** 1 JPEG, 2 GIF, 3 PNG, 4 BMP, 255 others. */
  imageFormat: number;
  imageInfoArray: ImageInfo[];
}

/** Payload of `TYPES.MSG_AUDIO`. */
export interface SoundPayload {
  uuid: string;
  url: string;
  remoteAudioUrl: string;
  /** Bytes. */
  size: number;
  /** Length in seconds. */
  second: number;
  downloadFlag: number;
}

/** Payload of `TYPES.MSG_FILE`. */
export interface FilePayload {
  uuid: string;
  fileUrl: string;
  fileName: string;
  /** Bytes. */
  fileSize: number;
  downloadFlag: number;
}

/** Payload of `TYPES.MSG_VIDEO`. */
export interface VideoPayload {
  videoUUID: string;
  videoUrl: string;
  remoteVideoUrl: string;
  videoFormat: string;
  videoSecond: number;
  videoSize: number;
  videoDownloadFlag: number;
  thumbUUID: string;
  thumbUrl: string;
  thumbFormat: string;
  thumbSize: number;
  thumbWidth: number;
  thumbHeight: number;
  thumbDownloadFlag: number;
  snapshotUrl: string;
  snapshotWidth: number;
  snapshotHeight: number;
}

/** Payload of `TYPES.MSG_LOCATION`. */
export interface LocationPayload {
  description: string;
  longitude: number;
  latitude: number;
}

/** What messages with a file are made from: a file input, a `File` or `Blob`, or the result of a mini program's chooser. */
export interface FileSource {
  file: unknown;
}

/** A key with its value: custom fields of groups, members and profiles. */
export interface CustomField {
  key: string;
  value: string;
}

/** Somebody a tip is about. */
export interface TipMember {
  userID: string;
  nick?: string;
  avatar?: string;
  /** Seconds of silence from now, 0: may speak again. Only in `GRP_TIP_MBR_PROFILE_UPDATED`. */
  muteTime?: number;
}

/** The changed fields of a group, and only those. */
export interface NewGroupProfile {
  groupName?: string;
  introduction?: string;
  notification?: string;
  avatar?: string;
  ownerID?: string;
  muteAllMembers?: boolean;
  groupCustomField?: CustomField[];
}

/** Payload of `TYPES.MSG_GRP_TIP`. `operationType` is one of `TYPES.GRP_TIP_*`. */
export interface GroupTipPayload {
  operationType: number;
  operatorID: string;
  operatorInfo: TipMember;
  userIDList: string[];
  memberList: TipMember[];
  groupProfile: { groupID: string; groupName: string; name: string };
  groupJoinType: number;
  memberCount?: number;
  newGroupProfile?: NewGroupProfile;
}

/** Payload of `TYPES.MSG_GRP_SYS_NOTICE`. */
export interface GroupNoticePayload {
  /** 4 removed, 5 dismissed, 9 and 10 admin gained and lost, 21 banned, 255 notice of the operator. */
  operationType: number;
  operatorID: string;
  groupProfile: { groupID: string; groupName: string; name: string };
  /** Text of a notice (255) as it was sent over the server's REST interface. */
  userDefinedField?: string;
  /** Seconds of a ban (21). */
  duration?: number;
  /** Reason of a ban (21). */
  reason?: string;
}

/** Payload of a message type that this package does not make; field names as on the wire. */
export type OtherPayload = Readonly<Record<string, unknown>>;

/** What all messages have. */
export interface MessageFields {
  /** `<sender's number>-<client time>-<random>`; the same for everybody who sees the message. */
  ID: string;
  /** `GROUP<groupID>`, `C2C<userID of the other>` or `@TIM#SYSTEM`. */
  conversationID: string;
  conversationType: string;
  /** Group the message belongs to, or the user it was sent to. */
  to: string;
  /** Sender; `@TIM#SYSTEM` for tips and notices. */
  from: string;
  nick: string;
  avatar: string;
  nameCard: string;
  /** `in`, `out`, or `''` for an anonymous viewer. */
  flow: 'in' | 'out' | '';
  /** Server time, seconds. */
  time: number;
  /** Sender's time, seconds. */
  clientTime: number;
  /** Place in the room's stream; 0 before it was sent. */
  sequence: number;
  clientSequence: number;
  random: number;
  status: 'unSend' | 'success' | 'fail';
  priority: string;
  cloudCustomData: string;
  atUserList: string[];
  isRevoked: boolean;
  isDeleted: boolean;
  isModified: boolean;
  isRead: boolean;
  isPeerRead: boolean;
  isResend: boolean;
  isSystemMessage: boolean;
  isBroadcastMessage: boolean;
  isPlaceMessage: 0;
  isSupportExtension: boolean;
  needReadReceipt: boolean;
  hasRiskContent: boolean;
  readReceiptInfo: Readonly<Record<string, unknown>>;
  revoker: string | null;
  version: number;
  /** All elements of a combined message; `type` and `payload` are those of the first. */
  _elements: { type: string; content: unknown }[];
}

/** A message, told apart by `type`. */
export type Message = MessageFields & (
  | { type: 'TIMTextElem'; payload: TextPayload }
  | { type: 'TIMCustomElem'; payload: CustomPayload }
  | { type: 'TIMFaceElem'; payload: FacePayload }
  | { type: 'TIMGroupTipElem'; payload: GroupTipPayload }
  | { type: 'TIMGroupSystemNoticeElem'; payload: GroupNoticePayload }
  | { type: 'TIMImageElem'; payload: ImagePayload }
  | { type: 'TIMSoundElem'; payload: SoundPayload }
  | { type: 'TIMFileElem'; payload: FilePayload }
  | { type: 'TIMVideoFileElem'; payload: VideoPayload }
  | { type: 'TIMLocationElem'; payload: LocationPayload }
  | { type: 'TIMRelayElem'; payload: OtherPayload }
);

/** What `createTextMessage` and its like take. */
export interface MessageOptions<P> {
  /** Id of the group or the user. */
  to: string;
  /** `TYPES.CONV_GROUP` or `TYPES.CONV_C2C`. */
  conversationType: Constant;
  /** `TYPES.MSG_PRIORITY_*`; default normal. What exceeds a room's budget is dropped, lowest first. */
  priority?: Constant;
  payload: P;
  /** Travels with the message unread; counts towards its size. */
  cloudCustomData?: string;
  /** Messages with a file: hears the share that is uploaded, 0 to 1. */
  onProgress?: ((share: number) => void) | AnyFunction;
}

/** Second argument of `sendMessage`; options of the official package that are not listed have no effect here. */
export interface SendOptions {
  /** Not stored for those who are away. Without effect in rooms, where nothing is. */
  onlineUserOnly?: boolean;
  [option: string]: unknown;
}

/** A pinned message, and who pinned it. */
export type PinnedMessage = Message & { pinnerInfo: { userID: string; nick: string; avatar: string } };

/** Data of `PINNED_GROUP_MESSAGE_UPDATED`. */
export interface PinnedChange {
  groupID: string;
  isPinned: boolean;
  /** The message when it was pinned; when it was taken off, enough of it to find it on the screen. */
  message: PinnedMessage | { ID: string; sequence: number; random: number; time: number; clientTime: number };
  operatorInfo: { userID: string; nick: string; avatar: string };
}

/** A user who is banned from a room (ours). `bannedUntil` is in Unix seconds. */
export interface RoomBan {
  userID: string;
  bannedUntil: number;
}

/** Words of a room (ours): with the first a message is refused (80001), the second are masked. */
export interface RoomWords {
  reject: string[];
  mask: string[];
}

/** A user's status. `statusType` is one of `TYPES.USER_STATUS_*`. */
export interface UserStatus {
  userID: string;
  statusType: number;
  customStatus: string;
}

/** The messages between two users, as one entry of a list. */
export interface Conversation {
  /** `C2C<userID>`. */
  conversationID: string;
  type: string;
  subType: string;
  unreadCount: number;
  lastMessage: {
    lastTime: number; lastSequence: number; fromAccount: string; type: string; payload: unknown; messageForShow: string;
    isRevoked: boolean; revoker: string | null; isPeerRead: boolean; nick: string; nameCard: string; cloudCustomData: string;
  };
  /** The other user. */
  userProfile: Profile;
  /** Server time until which the other has read, seconds. */
  peerReadTime: number;
  isPinned: boolean;
  messageRemindType: string;
  draftText: string;
  customData: string;
  markList: string[];
  conversationGroupList: string[];
  groupAtInfoList: unknown[];
  remark: string;
}

/** A group, as `getGroupProfile` gives it. */
export interface Group {
  groupID: string;
  name: string;
  avatar: string;
  type: string;
  introduction: string;
  notification: string;
  ownerID: string;
  /** Seconds. */
  createTime: number;
  infoSequence: number;
  lastInfoTime: number;
  nextMessageSeq: number;
  memberCount: number;
  maxMemberCount: number;
  muteAllMembers: boolean;
  joinOption: string;
  inviteOption: string;
  groupCustomField: CustomField[];
  isSupportTopic: boolean;
  selfInfo: { userID: string; role: string; joinTime: number; messageRemindType: string; nameCard: string; muteTime?: number };
  lastMessage: { lastTime: number; lastSequence: number; fromAccount: string; messageForShow: string };
}

/** A member of a group. */
export interface GroupMember {
  userID: string;
  nick: string;
  avatar: string;
  /** `Owner`, `Admin`, `Member`, or `''` where the list of a room does not say. */
  role: string;
  /** Seconds. */
  joinTime: number;
  nameCard: string;
  /** Unix seconds until which the member may not speak; 0: may speak. */
  muteUntil: number;
  memberCustomField: CustomField[];
}

/** A user's profile. */
export interface Profile {
  userID: string;
  nick: string;
  avatar: string;
  gender: string;
  birthday: number;
  location: string;
  selfSignature: string;
  allowType: string;
  language: number;
  messageSettings: number;
  adminForbidType: string;
  level: number;
  role: number;
  lastUpdatedTime: number;
  profileCustomField: CustomField[];
}

/** What `updateMyProfile` can change. */
export type ProfileChange =
  & Partial<Omit<Profile, 'userID' | 'lastUpdatedTime' | 'gender' | 'allowType' | 'adminForbidType'>>
  & { gender?: Constant; allowType?: Constant; adminForbidType?: Constant };

/** A recalled message: enough of it to find it on the screen. */
export interface RevokedMessage {
  ID: string;
  conversationID: string;
  sequence: number;
  isRevoked: true;
  revoker: string;
  revokerInfo: { userID: string; nick: string; avatar: string };
  revokeReason: string;
}

/** Data of our event `ROOM_GAP`. */
export interface RoomGap {
  groupID: string;
  /** True when the membership had ended and the room was joined again, false when the server's memory was too short. */
  rejoined: boolean;
}

/** Data of our event `ROOM_LOST`. */
export interface RoomLost {
  groupID: string;
  code: number;
  message: string;
}

/** The events this package raises, each with its data. Others of `EVENT` can be listened to and never come. */
export interface EventData {
  /** Logged in; everything may be called. */
  sdkStateReady: undefined;
  /** Logged out, by ourselves or the server. */
  sdkStateNotReady: undefined;
  sdkDestroy: { SDKAppID: number };
  /** New messages, tips and notices, in order. Own messages come only from other devices of the same user. */
  onMessageReceived: Message[];
  onMessageRevoked: RevokedMessage[];
  /** The own profile changed, here or elsewhere. */
  onProfileUpdated: Profile[];
  /** Attributes of a joined room changed: all of them as they are now. */
  groupAttributesUpdated: { groupID: string; groupAttributes: Record<string, string> };
  onPinnedGroupMessageUpdated: PinnedChange;
  onConversationListUpdated: Conversation[];
  onTotalUnreadMessageCountUpdated: number;
  /** Own messages that the other has read. */
  onMessageReadByPeer: Message[];
  onUserStatusUpdated: UserStatus[];
  /** The own blacklist after a change made here. */
  blacklistUpdated: string[];
  onGroupCounterUpdated: { groupID: string; key: string; value: number };
  /** Joined rooms changed: entered, left, or a profile is new. */
  onGroupListUpdated: Group[];
  kickedOut: { type: KickReason };
  netStateChange: { state: NetState };
  /** A call was refused because nobody is logged in; it rejects as well. */
  error: { code: number; message: string };
  hawkerRoomGap: RoomGap;
  hawkerRoomLost: RoomLost;
}

/** Data of the event `E`. */
export type DataOf<E extends string> = E extends keyof EventData ? EventData[E] : unknown;

/** What a handler is called with. */
export interface TimEvent<D = unknown> {
  name: string;
  data: D;
}

/** Statistics of a room (ours); `ledger` only for the owner and admins. Source: wire extensions, `hawker_room.stats`. */
export interface RoomStats {
  onlineMemberCount: number;
  peakMemberCount: number;
  likeCount: number;
  messageCount: number;
  /** Per class of message: received = delivered + the sum of dropped. */
  ledger: { class: string; received: number; delivered: number; dropped: { reason: string; count: number }[] }[];
}
