/**
 * Codes of the official web SDK that this client itself produces. Codes from the server are passed on unchanged.
 *
 * An enum and not an object, because bundlers then write the numbers in place and leave the names out.
 */
export enum Code {
  noSdkAppId = 2000,
  noUserId = 2002,
  noUserSig = 2003,
  noTinyId = 2022,
  noToken = 2023,
  notLoggedIn = 2024,
  loginRunning = 2025,
  uploadFailed = 2041,
  roomNotJoined = 2101,
  notAMessage = 2105,
  badConversationType = 2106,
  emptyFile = 2108,
  badProgress = 2109,
  noImage = 2251,
  imageType = 2252,
  imageTooLarge = 2253,
  soundTooLarge = 2301,
  videoTooLarge = 2351,
  videoType = 2352,
  noFile = 2401,
  fileTooLarge = 2402,
  cannotForward = 2453,
  noConversation = 2500,
  badConversationId = 2503,
  badGroupType = 2600,
  badGroupId = 2602,
  noOwnerTransfer = 2620,
  notInGroup = 2623,
  joinFailed = 2660,
  noMembersAdded = 2661,
  anonymousJoinRefused = 2662,
  badRole = 2683,
  ownRole = 2684,
  muteSelf = 2685,
  badDuration = 2686,
  badUserList = 2716,
  badProfileKey = 2721,
  badProfile = 2722,
  blockSelf = 2742,
  network = 2800,
  timeout = 2801,
  badArgument = 2905,
  tooOften = 2996,
  /** The call is of the official packages and not offered here. */
  notOffered = 2998,
  kickedByDevice = 3002,
  kickedByAccount = 3003,
  userSigExpired = 3004,
  loggedOut = 3005,
  kickedByServer = 3006,
  noOptions = 3153,
  /** The server said that it is overloaded and asked for silence on this command (push `OverLoadPush.notify2`). */
  overloaded = 60022,
}

/** An answer that is not success: from the server (its code and text) or from this client (a `Code`). */
export class HawkerError extends Error {
  /** Numeric code as documented by the official SDK or the server. */
  readonly code: number;
  /** What the failed call knows more, e.g. `{ message }` of a send that failed. */
  readonly data: Readonly<Record<string, unknown>>;

  /** Every package of ours carries its own copy of this class: an error of one is an error of the others. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'HawkerError';
  }

  constructor(code: number, message: string, data: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'HawkerError';
    this.code = code;
    this.data = data;
  }
}
