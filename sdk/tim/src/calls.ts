/**
 * Calls whose code is loaded at their first use, so that a page that only shows a room does not pay for them; and the
 * names of the official packages' calls that are not offered.
 */
import type { Body } from '@hawker/client';
import type {
  Constant, Conversation, CustomField, Group, GroupMember, Message, MessageLike, Open, PinnedMessage, Profile, ProfileChange, Result, RoomBan, RoomStats, RoomWords, UserStatus,
} from './types.js';

/** Members that a call changed, with the group they are in. */
export type Changed = Promise<Result<{ group: Group; member: GroupMember }>>;
type Counters = Promise<Result<{ counters: Record<string, number> }>>;
type Attributes = Promise<Result<{ groupAttributes: Record<string, string> }>>;
type Failures = { userID: string; code: number; message: string }[];

/** The calls that are loaded at their first use. Before login all of them reject with 2024 (3002…3006 after a kick or logout). */
export interface LaterCalls {
  // Groups

  /** Makes a room; the maker is its owner, and joins it like everybody else. Errors: 2600, 2602, the server's 10021 (id taken), … */
  createGroup(options: Open<{
    name: string; type?: Constant; groupID?: string; introduction?: string; notification?: string; avatar?: string;
    groupCustomField?: CustomField[];
  }>): Promise<Result<{ group: Group; overLimitUserIDList: string[] }>>;
  /** Ends a group for everybody. Errors: 2602, the server's 10007 for others than the owner. */
  dismissGroup(groupID: string): Promise<Result<{ groupID: string }>>;
  /** Changes a group's profile; only the fields given. Errors: 2602, 2905, 3153 nothing to change, the server's 10007. */
  updateGroupProfile(options: Open<{
    groupID: string; name?: string; introduction?: string; notification?: string; avatar?: string;
    muteAllMembers?: boolean; groupCustomField?: CustomField[];
  }>): Promise<Result<{ group: Group }>>;
  /** The public profile of a group by its id. Errors: 2602, the server's 10010. */
  searchGroupByID(groupID: string): Promise<Result<{ group: Group }>>;
  /** The rooms that are joined now. */
  getGroupList(options?: unknown): Promise<Result<{ groupList: Group[] }>>;
  /** Rooms keep their owner: rejects with 2620, as the official packages do. */
  changeGroupOwner(options: { groupID: string; newOwnerID: string }): Promise<Result<{ group: Group }>>;

  // Members

  /** Who is in a room, a page at a time as the server cuts it: go on with the `offset` of the answer until it is 0. */
  getGroupMemberList(options: { groupID: string; count?: number; offset?: number | string; role?: Constant }): Promise<Result<{ memberList: GroupMember[]; offset: number }>>;
  /** What a group knows about up to 50 members: role, mute, custom fields. Errors: 2602, 2716. */
  getGroupMemberProfile(options: { groupID: string; userIDList: string[]; memberCustomFieldFilter?: string[] }): Promise<Result<{ memberList: GroupMember[] }>>;
  /** Nobody is added to a room: rejects with 2661, as the official packages do. */
  addGroupMember(options: { groupID: string; userIDList: string[] }): Promise<Result<never>>;
  /** Bans users from a room: out at once, no way back for `duration` seconds. Errors: 2602, 2716, 2686, the server's 10007. */
  deleteGroupMember(options: { groupID: string; userIDList: string[]; duration?: number; reason?: string }): Promise<Result<{ group: Group; userIDList: string[] }>>;
  /** Silences a member for `muteTime` seconds, 0 ends it. Errors: 2602, 2002, 2685 oneself, the server's 10007. */
  setGroupMemberMuteTime(options: { groupID: string; userID: string; muteTime: number }): Changed;
  /** Makes a member an admin or an admin a member (`TYPES.GRP_MBR_ROLE_*`). Errors: 2602, 2002, 2683, 2684 oneself. */
  setGroupMemberRole(options: { groupID: string; userID: string; role: Constant }): Changed;
  /** Sets custom fields of a member, default of oneself (`attent`: followed hosts). Errors: 2602, 2905. */
  setGroupMemberCustomField(options: { groupID: string; userID?: string; memberCustomField: CustomField[] }): Changed;

  // What a group keeps

  /** Sets counters of a group to whole numbers. Resolves with the new values. */
  setGroupCounters(options: { groupID: string; counters: Readonly<Record<string, number>> }): Counters;
  /** Adds to a counter. Not repeated by itself when the connection is lost before the reply: rejects with 2800. */
  increaseGroupCounter(options: { groupID: string; key: string; value: number }): Counters;
  /** Takes from a counter; otherwise like {@link increaseGroupCounter}. */
  decreaseGroupCounter(options: { groupID: string; key: string; value: number }): Counters;
  /** Counters of a group, default all; `likes` is the server's exact count of likes. */
  getGroupCounters(options: { groupID: string; keyList?: string[] }): Counters;
  /** Replaces all attributes of a group. Errors: 2602, 2905, the server's 10045…10049, 10056. */
  initGroupAttributes(options: { groupID: string; groupAttributes: Readonly<Record<string, string>> }): Attributes;
  /** Sets these attributes of a group and leaves the others. Errors as {@link initGroupAttributes}. */
  setGroupAttributes(options: { groupID: string; groupAttributes: Readonly<Record<string, string>> }): Attributes;
  /** Takes attributes away; an empty list takes all. Resolves with the keys. Errors: the server's 10050. */
  deleteGroupAttributes(options: { groupID: string; keyList: string[] }): Promise<Result<{ keyList: string[] }>>;
  /** Attributes of a group, default all. */
  getGroupAttributes(options: { groupID: string; keyList?: string[] }): Attributes;
  /** Pins a message of a room for everybody, or takes it off. `PINNED_GROUP_MESSAGE_UPDATED` tells the room. */
  pinGroupMessage(options: { groupID: string; message: MessageLike; isPinned: boolean }): Promise<Result<Record<string, never>>>;
  /** The pinned messages of a room. */
  getPinnedGroupMessageList(groupID: string): Promise<Result<{ messageList: PinnedMessage[] }>>;
  /** Ours: numbers of a room (`hawker_room.stats`); only hawker servers answer. Errors: 2602, the server's 10007, 10010. */
  getRoomStats(groupID: string): Promise<Result<RoomStats>>;
  /** Ours: the words that a room refuses or masks; for those who run the room. */
  getRoomWords(groupID: string): Promise<Result<RoomWords>>;
  /** Ours: sets both lists of words whole, at most 200 words of 64 bytes; a list that is left out becomes empty. */
  setRoomWords(options: { groupID: string; reject?: string[]; mask?: string[] }): Promise<Result<RoomWords>>;
  /**
   * Ours: who is banned from a room, a page at a time; for those who run the room. `offset` is 0 or what the page before
   * gave; it gives 0 at the end. Errors: 2602, 2905, the server's 10007.
   */
  getRoomBans(options: { groupID: string; offset?: number }): Promise<Result<{ banList: RoomBan[]; offset: number }>>;
  /** Ours: lets banned users in again; who is not banned is passed over. Errors: 2602, 2716, the server's 10007. */
  liftRoomBans(options: { groupID: string; userIDList: string[] }): Promise<Result<Record<string, never>>>;

  // Messages and conversations

  /** Recalls a message for everybody who sees it. Errors: 2105, the server's 10030 unknown, 10031 too late, 10032 somebody else's, … */
  revokeMessage(message: MessageLike): Promise<Result<{ message: Message }>>;
  /** Takes messages out of the own history. Errors: 2105, 2905. */
  deleteMessage(messageList: MessageLike[]): Promise<Result<{ messageList: Message[] }>>;
  /** Messages of a conversation, fifteen at a time from the newest back. */
  getMessageList(options: { conversationID: string; nextReqMessageID?: string; count?: number }): Promise<Result<{
    messageList: Message[]; nextReqMessageID: string; isCompleted: boolean;
  }>>;
  /** Marks a conversation as read; the other side hears of it as `MESSAGE_READ_BY_PEER`. */
  setMessageRead(options: { conversationID: string }): Promise<Result<Record<string, never>>>;
  /** Marks every conversation as read. */
  setAllMessageRead(options?: { scope?: Constant }): Promise<Result<Record<string, never>>>;
  /** Conversations with other users, the newest first; a list of ids gives those. */
  getConversationList(options?: string[] | Open<{ type?: Constant }>): Promise<Result<{ conversationList: Conversation[]; isSyncCompleted: boolean }>>;
  /** One conversation. Errors: 2503, 2500. */
  getConversationProfile(conversationID: string): Promise<Result<{ conversation: Conversation }>>;
  /** Takes conversations out of the list, with their history unless `clearHistoryMessage` is false. Errors: 2503. */
  deleteConversation(options: string | { conversationIDList: string[]; clearHistoryMessage?: boolean }): Promise<Result<{ conversationID?: string; conversationIDList?: string[] }>>;
  /** Takes the messages of a conversation out of the own history. Errors: 2503. */
  clearHistoryMessage(conversationID: string): Promise<Result<{ conversationID: string }>>;

  /** Keeps a conversation at the top of the list, or no longer. Errors: 2503. */
  pinConversation(options: { conversationID: string; isPinned: boolean }): Promise<Result<{ conversationID: string }>>;
  /** Says how messages of users are announced (`TYPES.MSG_REMIND_*`); kept by the server for all devices. */
  setMessageRemindType(options: Open<{ userIDList?: string[]; messageRemindType: Constant }>): Promise<Result<{
    successUserIDList: string[]; failureUserIDList: Failures;
  }>>;

  // Users

  /** Who may not write to this user. */
  getBlacklist(): Promise<Result<string[]>>;
  /** Nobody in this list can write to this user any more (20007 for them). Resolves with the whole list. Errors: 2716, 2742 oneself. */
  addToBlacklist(options: { userIDList: string[] }): Promise<Result<string[]>>;
  /** The reverse of {@link addToBlacklist}. */
  removeFromBlacklist(options: { userIDList: string[] }): Promise<Result<string[]>>;
  /** Changes the own profile; `PROFILE_UPDATED` follows. Errors: 2721 unknown field or wrong type, 2722 nothing given. */
  updateMyProfile(options: ProfileChange): Promise<Result<Profile>>;
  /** Whether users are online, and what they say about it. */
  getUserStatus(options: { userIDList: string[] }): Promise<Result<{ successUserList: UserStatus[]; failureUserList: Failures }>>;
  /** Says something about oneself; others hear of it as `USER_STATUS_UPDATED`. */
  setSelfStatus(options: { customStatus: string }): Promise<Result<{ userID: string; statusType: number; customStatus: string }>>;
  /** Hears of changes of users' status as `USER_STATUS_UPDATED`. */
  subscribeUserStatus(options: { userIDList: string[] }): Promise<Result<{ failureUserList: Failures }>>;
  /** Ends {@link subscribeUserStatus}; an empty list ends all. */
  unsubscribeUserStatus(options?: { userIDList?: string[] | undefined }): Promise<Result<{ failureUserList: Failures }>>;

  // For packages that add calls

  /**
   * Ours: sends a command of the server (`service.command`) and resolves with the body of its answer; also before a login, where the
   * command needs none. Errors: 2905, 3153, the server's (20002 where it needs one).
   */
  request(command: string, body: Body): Promise<Result<Body>>;
}

/** Names of {@link LaterCalls}. */
export const LATER: readonly (keyof LaterCalls)[] = [
  'createGroup', 'dismissGroup', 'updateGroupProfile', 'searchGroupByID', 'getGroupList', 'changeGroupOwner',
  'getGroupMemberList', 'getGroupMemberProfile', 'addGroupMember', 'deleteGroupMember', 'setGroupMemberMuteTime',
  'setGroupMemberRole', 'setGroupMemberCustomField', 'setGroupCounters', 'increaseGroupCounter',
  'decreaseGroupCounter', 'getGroupCounters', 'initGroupAttributes', 'setGroupAttributes', 'deleteGroupAttributes',
  'getGroupAttributes', 'pinGroupMessage', 'getPinnedGroupMessageList', 'getRoomStats', 'getRoomWords',
  'setRoomWords', 'getRoomBans', 'liftRoomBans', 'revokeMessage', 'deleteMessage', 'getMessageList', 'setMessageRead', 'setAllMessageRead',
  'getConversationList', 'getConversationProfile', 'deleteConversation', 'clearHistoryMessage', 'pinConversation',
  'setMessageRemindType', 'getBlacklist', 'addToBlacklist', 'removeFromBlacklist', 'updateMyProfile',
  'getUserStatus', 'setSelfStatus', 'subscribeUserStatus', 'unsubscribeUserStatus', 'request',
];

/** Calls of the official packages that are not offered; they reject with 2998, so that it is told what is missing. */
export const NOT_OFFERED = [
  'downloadMergeMessage', 'downloadMergerMessage', 'translateText', 'convertVoiceToText', 'setMessageExtensions',
  'getMessageExtensions', 'deleteMessageExtensions', 'modifyMessage', 'searchCloudMessages', 'searchCloudGroups',
  'searchCloudUsers', 'searchCloudGroupMembers', 'addMessageReaction', 'removeMessageReaction',
  'getMessageReactions', 'getAllUserListOfMessageReaction', 'getMessageListHopping', 'sendMessageReadReceipt',
  'getMessageReadReceiptList', 'getGroupMessageReadMemberList', 'setConversationDraft', 'setAllReceiveMessageOpt',
  'getAllReceiveMessageOpt', 'setConversationCustomData', 'markConversation', 'getConversationGroupList',
  'createConversationGroup', 'deleteConversationGroup', 'renameConversationGroup', 'addConversationsToGroup',
  'deleteConversationsFromGroup', 'getFriendList', 'addFriend', 'deleteFriend', 'checkFriend', 'getFriendProfile',
  'updateFriend', 'getFriendApplicationList', 'acceptFriendApplication', 'refuseFriendApplication',
  'deleteFriendApplication', 'setFriendApplicationRead', 'getFriendGroupList', 'createFriendGroup',
  'deleteFriendGroup', 'addToFriendGroup', 'removeFromFriendGroup', 'renameFriendGroup', 'followUser',
  'unfollowUser', 'getMyFollowersList', 'getMyFollowingList', 'getMutualFollowersList', 'getUserFollowInfo',
  'checkFollowType', 'getGroupApplicationList', 'handleGroupApplication', 'setGroupMemberNameCard',
  'markGroupMemberList', 'getJoinedCommunityList', 'createTopicInCommunity', 'deleteTopicFromCommunity',
  'updateTopicProfile', 'getTopicList', 'invite', 'inviteInGroup', 'cancel', 'accept', 'reject', 'modifyInvitation',
  'callExperimentalAPI',
] as const;

/** The same for calls that answer at once; they throw. */
export const NOT_OFFERED_AT_ONCE = [
  'createMergerMessage', 'addSignalingListener', 'removeSignalingListener', 'inviteSync', 'inviteInGroupSync',
  'getSignalingInfo',
] as const;

/** See {@link NOT_OFFERED}. */
export type NotOffered = { [Name in (typeof NOT_OFFERED)[number]]: (...given: unknown[]) => Promise<never> }
  & { [Name in (typeof NOT_OFFERED_AT_ONCE)[number]]: (...given: unknown[]) => never };
