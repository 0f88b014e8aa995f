import { Emitter } from '@hawker/client';
import TIM, { type Chat, Code, type CreateOptions, type Group, HawkerError, type Message, type Profile, type Result } from '@hawker/tim';
import { type DataOf, EVENT, type ImEvent, TYPES } from './constants.js';

/** What the published package sends when the host ends the show; the postscript is the description. */
const PUSH_STOPPED = 'push_stopped';

type Sent = Promise<Result<{ message: Message }>>;

/** Where a message goes, and how important it is. */
export interface SendTo {
  roomID: string | number;
  /** One of `TYPES.MSG_PRIORITY_*`; default normal. */
  priority?: string;
}

/**
 * The chat of one live room: what `TWebLive.createIM` returns.
 *
 * Methods resolve with `{ code: 0, data }` and reject with an error that has a `code` and names the wrong argument;
 * nothing is sent then. Without a login `enterRoom` enters as a viewer who only receives. Source: seed 002.
 */
export class IM {
  /** The instance of `@hawker/tim` below; all its methods can be used. */
  readonly tim: Chat;
  private readonly emitter = new Emitter();
  private roomID = '';

  /** Errors (thrown): those of `TIM.create`: 2000 without a valid SDKAppID, 2905 without a server. */
  constructor(options: CreateOptions, private readonly released: () => void = () => undefined) {
    const tim = TIM.create(options);
    this.tim = tim;
    tim.on(TIM.EVENT.SDK_READY, this.onReady);
    tim.on(TIM.EVENT.SDK_NOT_READY, this.onNotReady);
    tim.on(TIM.EVENT.MESSAGE_RECEIVED, this.onMessages);
    tim.on(TIM.EVENT.KICKED_OUT, this.onKickedOut);
    tim.on(TIM.EVENT.NET_STATE_CHANGE, this.onNetState);
  }

  // Events

  /** Calls `handler` with `{ name, data }` at each event `name` (one of `TWebLive.EVENT`), with `context` as `this`. */
  on<E extends string>(name: E, handler: (event: ImEvent<DataOf<E>>) => void, context?: unknown): void {
    textIn(name, 'eventName');
    if (typeof handler !== 'function') throw wrong('handler', 'must be a function');
    this.emitter.add(name, handler, false, context);
  }

  /** Ends {@link on}; without `handler` all handlers of the event. */
  off<E extends string>(name: E, handler?: (event: ImEvent<DataOf<E>>) => void, context?: unknown): void {
    this.emitter.remove(name, handler, context);
  }

  private emit<E extends string>(name: E, data: DataOf<E>): void {
    this.emitter.emit(name, { name, data });
  }

  private readonly onReady = (): void => { this.emit(EVENT.IM_READY, undefined); };
  private readonly onNotReady = (): void => { this.emit(EVENT.IM_NOT_READY, undefined); };
  private readonly onKickedOut = ({ data }: ImEvent<{ type: DataOf<'t_kicked_out'> }>): void => { this.emit(EVENT.IM_KICKED_OUT, data.type); };
  private readonly onNetState = ({ data }: ImEvent<{ state: DataOf<'t_net_state_change'> }>): void => { this.emit(EVENT.IM_NET_STATE_CHANGED, data.state); };

  private readonly onMessages = ({ data }: ImEvent<Message[]>): void => {
    const here = data.filter(({ to }) => to === this.roomID);
    const tell = (name: keyof typeof EVENT, fits: (message: Message) => boolean): void => {
      const messages = here.filter(fits);
      if (messages.length > 0) this.emit(EVENT[name], messages);
    };
    const tipOf = (operation: number) => ({ type, payload }: Message): boolean => type === 'TIMGroupTipElem' && payload.operationType === operation;
    tell('IM_TEXT_MESSAGE_RECEIVED', ({ type }) => type === 'TIMTextElem');
    for (const message of here) if (isEnd(message)) this.emit(EVENT.IM_PUSH_STOPPED, message.payload.description);
    tell('IM_CUSTOM_MESSAGE_RECEIVED', (message) => message.type === 'TIMCustomElem' && !isEnd(message));
    tell('IM_IMAGE_MESSAGE_RECEIVED', ({ type }) => type === 'TIMImageElem');
    tell('IM_REMOTE_USER_JOIN', tipOf(TIM.TYPES.GRP_TIP_MBR_JOIN));
    tell('IM_REMOTE_USER_LEAVE', tipOf(TIM.TYPES.GRP_TIP_MBR_QUIT));
  };

  // Life

  /** How much is written to the console: 0 all, 1 what matters, 2 warnings, 3 errors, 4 nothing. Errors (thrown): 2905. */
  setLogLevel(level: number): void {
    this.tim.setLogLevel(level);
  }

  /** Logs in; `IM_READY` follows. A second login of the same user resolves with `data.repeatLogin: true`. Errors: 2002, 2003, 2025, 70001, … */
  async login(options: { userID: string; userSig: string }): ReturnType<Chat['login']> {
    return this.tim.login(options);
  }

  /** Logs out and leaves the room; `IM_NOT_READY` follows. Errors: 2024. */
  async logout(): ReturnType<Chat['logout']> {
    return this.tim.logout();
  }

  /** Ours: ends this and the connection; `createIM` makes a new one then. */
  async destroy(): Promise<void> {
    this.emitter.clear();
    this.released();
    await this.tim.destroy();
  }

  /** Changes the own nick and picture. Errors: 2721, 2722. */
  async setMyProfile(options: { nick?: string; avatar?: string }): Promise<Result<Profile>> {
    return this.tim.updateMyProfile(options);
  }

  /** The own profile, with `nick` and `avatar`. */
  async getMyProfile(): Promise<Result<Profile>> {
    return this.tim.getMyProfile();
  }

  // The room

  /**
   * Makes a room; its maker enters it like everybody else. Resolves with `data.group`.
   *
   * Errors: 2905 for a missing name, and for texts over 30 (name), 300 (notification), 240 (introduction) or 100 bytes
   * (avatar); 2602 for a bad roomID; the server's 10021 when it is taken.
   */
  async createRoom(options: {
    name: string; roomID?: string | number; notification?: string; introduction?: string; avatar?: string;
  }): Promise<Result<{ group: Group }>> {
    const { name, roomID, notification, introduction, avatar } = given(options);
    return this.tim.createGroup({
      name: name as string, type: TIM.TYPES.GRP_AVCHATROOM,
      ...(roomID === undefined || roomID === '' ? {} : { groupID: roomFrom(roomID) }),
      ...definedOf({ notification, introduction, avatar }),
    });
  }

  /** Enters a room; `data.status` is `TYPES.ENTER_ROOM_SUCCESS` or `ALREADY_IN_ROOM`. Errors: 2602, 2662, the server's 10010, … */
  async enterRoom(roomID: string | number): ReturnType<Chat['joinGroup']> {
    const groupID = roomFrom(roomID);
    const before = this.roomID;
    // Recent messages come right behind the answer and are of this room.
    this.roomID = groupID;
    try {
      return await this.tim.joinGroup({ groupID });
    } catch (error) {
      if (this.roomID === groupID) this.roomID = before;
      throw error;
    }
  }

  /** Leaves a room. Errors: 2602, 2623 not in it, the server's 10009 for the owner. */
  async exitRoom(roomID: string | number): Promise<Result<{ groupID: string }>> {
    const groupID = roomFrom(roomID);
    const answer = await this.tim.quitGroup(groupID);
    if (this.roomID === groupID) this.roomID = '';
    return answer;
  }

  // Messages

  /** Says something in a room. Errors: 2602, 2905, 2101 not entered, 80002 too long, the server's 10017 (muted), 80001, … */
  async sendTextMessage(options: SendTo & { text: string }): Sent {
    const { text } = given(options);
    return this.tim.sendMessage(this.tim.createTextMessage(this.addressed(options, { text: text as string })));
  }

  /** Sends an application's own message: likes, gifts. The fields may also lie in `payload`. Errors as {@link sendTextMessage}. */
  async sendCustomMessage(options: SendTo & CustomFields & { payload?: CustomFields }): Sent {
    const { data, description, extension, payload } = given(options);
    const fields = definedOf({ data, description, extension });
    return this.tim.sendMessage(this.tim.createCustomMessage(this.addressed(options, { ...(payload as CustomFields | undefined), ...fields })));
  }

  /**
   * Sends a picture: of a file input, a `File` or `Blob`, or the result of a mini program's chooser; it may also be
   * `payload.file`. `onProgress` hears the share that is uploaded, 0 to 1.
   *
   * Errors: 2251 no file, 2108 empty, 2252 not a picture, 2253 over 20 MB, 2109, and those of {@link sendTextMessage}.
   */
  async sendImageMessage(options: SendTo & { file?: unknown; payload?: { file: unknown }; onProgress?: (share: number) => void }): Sent {
    const { file, payload, onProgress } = given(options);
    const picture = { file: file ?? (payload as { file?: unknown } | undefined)?.file };
    return this.tim.sendMessage(this.tim.createImageMessage({
      ...this.addressed(options, picture), ...(definedOf({ onProgress }) as { onProgress?: (share: number) => void }),
    }));
  }

  /** Tells the room that the show is over: `IM_PUSH_STOPPED` with the postscript. Errors as {@link sendTextMessage}. */
  async stopPush(options: { roomID: string | number; postscript?: string }): Sent {
    const { postscript = '' } = given(options);
    if (typeof postscript !== 'string') throw wrong('postscript', 'must be a string');
    return this.sendCustomMessage({ roomID: options.roomID, priority: TYPES.MSG_PRIORITY_HIGH, data: PUSH_STOPPED, description: postscript });
  }

  private addressed<P>({ roomID, priority }: SendTo, payload: P): { to: string; conversationType: string; priority: string; payload: P } {
    return { to: roomFrom(roomID), conversationType: TIM.TYPES.CONV_GROUP, priority: priority ?? TYPES.MSG_PRIORITY_NORMAL, payload };
  }
}

/** Fields of a custom message. */
export interface CustomFields {
  data?: string;
  description?: string;
  extension?: string;
}

function isEnd(message: Message): message is Message & { type: 'TIMCustomElem' } {
  return message.type === 'TIMCustomElem' && message.payload.data === PUSH_STOPPED;
}

function wrong(field: string, should: string, code: number = Code.badArgument): HawkerError {
  return new HawkerError(code, `${field} ${should}`);
}

function given(options: unknown): Readonly<Record<string, unknown>> {
  if (typeof options !== 'object' || options === null) throw wrong('options', 'must be an object', Code.noOptions);
  return options as Readonly<Record<string, unknown>>;
}

function textIn(value: unknown, field: string, code: number = Code.badArgument): string {
  if (typeof value !== 'string' || value === '') throw wrong(field, 'must be a non-empty string', code);
  return value;
}

/** Rooms may be numbers, as those of the video service are. */
function roomFrom(roomID: unknown): string {
  return textIn(typeof roomID === 'number' ? String(roomID) : roomID, 'roomID', Code.badGroupId);
}

/** What is left out is not sent, as `undefined` would be refused. */
function definedOf(fields: Readonly<Record<string, unknown>>): Record<string, never> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Record<string, never>;
}
