export { bad, byteLength, textOf } from './check.js';
export { Client, type ClientOptions, type RequestOptions } from './client.js';
export { Emitter, type Handler } from './emitter.js';
export { Code, HawkerError } from './errors.js';
export { type ReconnectPolicy, defaultReconnectPolicy } from './policy.js';
export {
  HEARTBEAT_AFTER_MS, HEARTBEAT_TIMEOUT_MS, type Input, JOIN, JOIN_ANONYMOUS, type KickReason, LOGIN_TIMEOUT_MS, type NetState,
  OPEN_TIMEOUT_MS, type Output, PENDING_MAX, POLL_INTERVAL_MS, POLL_RETRY_MS, REQUEST_TIMEOUT_MS, RESUME_MAX,
  type Request, Session, type SessionEvent, type SessionOptions,
} from './session.js';
export { groupIdOf, joinBody } from './rooms.js';
export {
  type Socket, type SocketListener, type Transport, type WebSocketConstructor, type WebSocketLike, type WxLike,
  type WxSocketTask, pageServer, platformTransport, webSocketTransport, wxTransport,
} from './transport.js';
export { type Body, VERSION, bodiesOf, bodyOf, isBody, numberOf, stringOf } from './wire.js';
