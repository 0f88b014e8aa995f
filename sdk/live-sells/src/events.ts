/**
 * Event names of the component. Values are those of the published package `im-live-sells`, because an event that
 * viewers raise travels under its value: both components understand each other in one room.
 *
 * Source: seeds 000 and 001; the published package adds those marked so.
 */
export const EVENT = {
  /** Ready; methods may be called from now on. */
  SDK_READY: 'SDK_READY',
  /** Somebody joined the room: {@link Person}. */
  JOIN_GROUP: 'JOIN_GROUP',
  /** Somebody left the room: {@link Person}. */
  EXIT_GROUP: 'EXIT_GROUP',
  /** The announcement changed: {@link Announcement}. */
  NOTIFACATION: 'NOTIFACATION',
  /** A message of the room, not one's own: {@link RoomMessage}. */
  MESSAGE: 'MESSAGE',
  /** The own profile changed: the SDK's event. */
  PROFILE_UPDATE: 'PROFILE_UPDATE',
  /** The SDK reports an error, or the login failed: `{ name, data: { code, message } }`. */
  ERROR: 'ERROR',
  /** Logged in elsewhere, or logged out by the server: the SDK's event. */
  KICKED: 'KICKED',
  /** The connection changed: the SDK's event. */
  NETWORK_CHANGE: 'NETWORK_CHANGE',
  /** Logged out: the SDK's event. */
  SDK_NOT_READY: 'SDK_NOT_READY',
  /** A like: {@link Happening}. */
  LIKE: 'LIKE',
  /** A purchase: {@link Happening}. */
  BUY_GOODS: 'BUY_GOODS',
  /** A coupon was claimed: {@link Happening}. */
  USE_COUPON: 'USE_COUPON',
  /** A gift: {@link Happening}. */
  SEND_GIFT: 'SEND_GIFT',
  /** Somebody follows the host: {@link Happening}. */
  ATTENT: 'ATTENTION',
  /** The published package's name of {@link EVENT.ATTENT}. */
  ATTENTION: 'ATTENTION',
  /** Published package: somebody follows the host no more. */
  CANCELATTENTION: 'CANCELATTENTION',
  /** The recommended goods changed (group field `add_goods`): {@link Happening}. */
  ADD_GOODS: 'ADD_GOODS',
  /** The room went live, paused or ended (group field `room_status`): {@link Happening}. */
  ROOM_STATUS_CHANGE: 'ROOM_STATUS_CHANGE',
  /** Published package: name or introduction of the room changed: {@link Introduction}. */
  INTRODUCTION: 'INTRODUCTION',
  /** Published package: names for notices of the operator (`{"type": …, "msg": …}`): {@link Notice}. */
  BIT_BEGIN: 'BIT_BEGIN',
  BIT_END: 'BIT_END',
  BIT_CRON_RESULT: 'BIT_CRON_RESULT',
  BIT_FINAL_RESULT: 'BIT_FINAL_RESULT',
  SYSTEM_NORMAL_MESSAGE: 'SYSTEM_NORMAL_MESSAGE',
} as const;

/** Somebody in the room. */
export interface Person {
  nick: string;
  avatar: string;
  userID: string;
}

/** Data of `NOTIFACATION`. */
export interface Announcement {
  notification: string;
}

/** Data of `INTRODUCTION`: the changed ones of the two. */
export interface Introduction {
  name?: string;
  introduction?: string;
}

/** Data of `MESSAGE`. Text has `message`; a custom message has `data` and an empty `message`. */
export interface RoomMessage extends Person {
  message: string;
  /** Custom messages: event name, free text and value as they were sent. */
  data?: string;
  description?: string;
  extension?: string;
  /** Other kinds (faces, pictures, notices of the server): type and payload as the SDK gave them. */
  type?: string;
  payload?: unknown;
}

/** Data of everything that viewers and hosts do, custom events included. */
export interface Happening extends Person {
  /** What was passed as `extension`, or the new value of the group field. */
  value: string;
  /** The published package's name of `value`; absent where the event was raised by a group field. */
  extension?: string;
  description?: string;
  /** The event's name, absent where the event was raised by a group field. */
  data?: string;
}

/** Data of events that an operator raises by a notice `{"type": …, "msg": …}`. */
export interface Notice {
  msg: unknown;
}

/** An event of the SDK, passed through. */
export interface SdkEvent<D = unknown> {
  name: string;
  data: D;
}

/** Every event of the component with its data; all other names are custom events ({@link Happening}). */
export interface TlsEvents {
  SDK_READY: undefined;
  SDK_NOT_READY: SdkEvent;
  JOIN_GROUP: Person;
  EXIT_GROUP: Person;
  NOTIFACATION: Announcement;
  MESSAGE: RoomMessage;
  PROFILE_UPDATE: SdkEvent;
  ERROR: SdkEvent<{ code: number; message: string }>;
  KICKED: SdkEvent<{ type: string }>;
  NETWORK_CHANGE: SdkEvent<{ state: string }>;
  INTRODUCTION: Introduction;
  BIT_BEGIN: Notice;
  BIT_END: Notice;
  BIT_CRON_RESULT: Notice;
  BIT_FINAL_RESULT: Notice;
  SYSTEM_NORMAL_MESSAGE: Notice;
}

/** Data of the event `E`. */
export type DataOf<E extends string> = E extends keyof TlsEvents ? TlsEvents[E] : Happening;

/**
 * Events that say what happened to this client or to the room. No viewer's message raises them here: with the
 * published package anybody can make every page of the room believe that it was kicked.
 */
const RESERVED: readonly string[] = [
  'SDK_READY', 'SDK_NOT_READY', 'JOIN_GROUP', 'EXIT_GROUP', 'NOTIFACATION', 'MESSAGE', 'PROFILE_UPDATE', 'ERROR',
  'KICKED', 'NETWORK_CHANGE', 'INTRODUCTION',
];

/** Events about the shop: only a message of the room's owner raises them. */
const OWNERS: readonly string[] = ['ADD_GOODS', 'ROOM_STATUS_CHANGE', 'add_goods', 'room_status'];

export function isReserved(name: string): boolean {
  return RESERVED.includes(name);
}

export function isOwners(name: string): boolean {
  return OWNERS.includes(name);
}

/** Group fields with an event of their own, beside the one under the field's name. */
export const FIELD_EVENTS: Readonly<Record<string, string>> = { add_goods: EVENT.ADD_GOODS, room_status: EVENT.ROOM_STATUS_CHANGE };

/** The document calls the event ATTENT, the wire ATTENTION: listening to either hears both. */
export function canonical(name: string): string {
  return name === 'ATTENT' ? EVENT.ATTENTION : name;
}
