import type { KickReason, Message, NetState } from '@hawker/tim';

/** Event names and values of the published package `tweblive` 1.3.1, as far as they concern its IM. */
export const EVENT = {
  /** Logged in; messages may be sent from now on. */
  IM_READY: 't_im_ready',
  /** Logged out, by ourselves or the server. */
  IM_NOT_READY: 't_im_not_ready',
  /** Text messages of the room: a list of messages. */
  IM_TEXT_MESSAGE_RECEIVED: 't_text_message_received',
  /** Custom messages of the room: a list of messages. */
  IM_CUSTOM_MESSAGE_RECEIVED: 't_custom_message_received',
  /** Pictures in the room: a list of messages. */
  IM_IMAGE_MESSAGE_RECEIVED: 't_image_message_received',
  /** Somebody came: a list of tips, `payload.userIDList` says who. */
  IM_REMOTE_USER_JOIN: 't_remote_user_join',
  /** Somebody left: a list of tips. */
  IM_REMOTE_USER_LEAVE: 't_remote_user_leave',
  /** The server ended the login: the reason, one of `TYPES.KICKED_OUT_*`. */
  IM_KICKED_OUT: 't_kicked_out',
  /** The connection changed: one of `TYPES.NET_STATE_*`. */
  IM_NET_STATE_CHANGED: 't_net_state_change',
  /** The host ended the show: the postscript. */
  IM_PUSH_STOPPED: 't_push_stopped',
} as const;

/** Constants of the published package, and the kick reason that it forgot. */
export const TYPES = {
  MSG_PRIORITY_HIGH: 'High',
  MSG_PRIORITY_NORMAL: 'Normal',
  MSG_PRIORITY_LOW: 'Low',
  MSG_PRIORITY_LOWEST: 'Lowest',
  KICKED_OUT_MULT_ACCOUNT: 'multipleAccount',
  KICKED_OUT_MULT_DEVICE: 'multipleDevice',
  KICKED_OUT_USERSIG_EXPIRED: 'userSigExpired',
  KICKED_OUT_REST_API: 'REST_API_Kick',
  NET_STATE_CONNECTED: 'connected',
  NET_STATE_CONNECTING: 'connecting',
  NET_STATE_DISCONNECTED: 'disconnected',
  ENTER_ROOM_SUCCESS: 'JoinedSuccess',
  ALREADY_IN_ROOM: 'AlreadyInGroup',
} as const;

/** Every event with its data. */
export interface ImEvents {
  t_im_ready: undefined;
  t_im_not_ready: undefined;
  t_text_message_received: Message[];
  t_custom_message_received: Message[];
  t_image_message_received: Message[];
  t_remote_user_join: Message[];
  t_remote_user_leave: Message[];
  t_kicked_out: KickReason;
  t_net_state_change: NetState;
  t_push_stopped: string;
}

/** Data of the event `E`. */
export type DataOf<E extends string> = E extends keyof ImEvents ? ImEvents[E] : unknown;

/** What a handler is called with. */
export interface ImEvent<D = unknown> {
  name: string;
  data: D;
}
