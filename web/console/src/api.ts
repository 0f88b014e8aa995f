// The calls of the console, one function each. Writes take the idempotency key of the form that they come from.

import { address, ask, type Query } from './http';
import type {
  ApiKey, AuditEntry, Comment, ConsoleState, ConsoleUser, Coupon, CouponDraft, Delivery, Gift, GiftDraft, Goods, GoodsDraft,
  ImportReport, Me, Order, Overview, Page, Room, Sale, Sanctions, Settings, Shelf, Statistics, User, Wallet, WalletRow,
  Webhook, WebhookDraft,
} from './types';

const get = <T>(path: string, query: Query = {}) => ask<T>('GET', path, { query });
const write = (method: string) => <T>(path: string, body: unknown, key: string) => ask<T>(method, path, { body, key });
const post = write('POST');
const put = write('PUT');
const patch = write('PATCH');
const remove = (path: string, key: string) => ask<unknown>('DELETE', path, { key });
const part = (id: string | number) => encodeURIComponent(id);
const room = (id: string, rest = '') => `/rooms/${part(id)}${rest}`;

export const api = {
  state: () => get<ConsoleState>('/console/state'),
  me: () => get<Me>('/console/me'),
  setup: (token: string, name: string, password: string) => ask<Me>('POST', '/console/setup', { body: { token, name, password } }),
  login: (name: string, password: string) => ask<Me>('POST', '/console/login', { body: { name, password } }),
  logout: () => ask<unknown>('POST', '/console/logout', { body: {} }),
  changePassword: (body: { old: string; new: string }, key: string) => post<unknown>('/console/password', body, key),
  consoleUsers: () => get<Page<ConsoleUser>>('/console/users'),
  addConsoleUser: (body: { name: string; password: string }, key: string) => post<unknown>('/console/users', body, key),
  removeConsoleUser: (name: string, key: string) => remove(`/console/users/${part(name)}`, key),

  /** Days begin where the browser is. */
  overview: () => get<Overview>('/overview', { offset: -new Date().getTimezoneOffset() }),

  goodsList: (query: Query) => get<Page<Goods>>('/goods', query),
  goods: (id: number | string) => get<Goods>(`/goods/${part(id)}`),
  addGoods: (body: GoodsDraft, key: string) => post<Goods>('/goods', body, key),
  saveGoods: (id: number, body: GoodsDraft, key: string) => put<Goods>(`/goods/${id}`, body, key),
  removeGoods: (id: number, key: string) => remove(`/goods/${id}`, key),
  changeStock: (goods: number, body: { sku: number; change: number }, key: string) => post<Goods>(`/goods/${goods}/stock`, body, key),
  goodsExport: (query: Query) => address('/goods/export', query),
  importGoods: (file: Blob, dry: boolean, key: string) =>
    ask<ImportReport>('POST', '/goods/import', { query: { dry: dry ? 1 : null }, body: file, type: 'text/csv', key }),
  addPicture: (file: Blob, key: string) => ask<{ url: string }>('POST', '/pictures', { body: file, type: file.type, key }),

  coupons: (query: Query) => get<Page<Coupon>>('/coupons', query),
  coupon: (id: number | string) => get<Coupon>(`/coupons/${part(id)}`),
  addCoupon: (body: CouponDraft, key: string) => post<Coupon>('/coupons', body, key),
  saveCoupon: (id: number, body: CouponDraft, key: string) => put<Coupon>(`/coupons/${id}`, body, key),
  closeCoupon: (id: number, key: string) => post<Coupon>(`/coupons/${id}/close`, {}, key),

  orders: (query: Query) => get<Page<Order>>('/orders', query),
  order: (id: number | string) => get<Order>(`/orders/${part(id)}`),
  ordersExport: (query: Query) => address('/orders/export', query),
  ship: (id: number, body: { carrier: string; tracking: string }, key: string) => post<Order>(`/orders/${id}/ship`, body, key),
  cancel: (id: number, key: string) => post<Order>(`/orders/${id}/cancel`, {}, key),
  complete: (id: number, key: string) => post<Order>(`/orders/${id}/complete`, {}, key),
  refund: (id: number, body: { amount: number; reason: string; restock: boolean }, key: string) => post<Order>(`/orders/${id}/refund`, body, key),

  rooms: (query: Query) => get<Page<Room>>('/rooms', query),
  room: (id: string) => get<Room>(room(id)),
  addRoom: (body: { id?: string; name: string; owner?: string; startsAt?: number }, key: string) => post<Room>('/rooms', body, key),
  changeRoom: (id: string, body: { name?: string; notification?: string; status?: string; startsAt?: number; muteAll?: boolean }, key: string) =>
    patch<Room>(room(id), body, key),
  removeRoom: (id: string, key: string) => remove(room(id), key),
  shelf: (id: string) => get<Shelf>(room(id, '/shelf')),
  setShelf: (id: string, items: readonly { goods: number; badge: string }[], key: string) => put<Shelf>(room(id, '/shelf'), { items }, key),
  push: (id: string, goods: number | null, key: string) => post<Shelf>(room(id, '/push'), { goods }, key),
  startSale: (id: string, body: { sku: number; price: number; quota: number; perBuyer: number; startsAt?: number; endsAt: number }, key: string) =>
    post<Sale>(room(id, '/sales'), body, key),
  endSale: (id: string, sale: number, key: string) => remove(room(id, `/sales/${sale}`), key),
  drop: (id: string, coupon: number, key: string) => post<Coupon>(room(id, '/drop'), { coupon }, key),
  comments: (id: string) => get<Page<Comment>>(room(id, '/comments')),
  say: (id: string, text: string, key: string) => post<unknown>(room(id, '/comments'), { text }, key),
  removeComment: (id: string, seq: number, key: string) => remove(room(id, `/comments/${seq}`), key),
  sanctions: (id: string) => get<Sanctions>(room(id, '/sanctions')),
  mute: (id: string, user: string, secs: number, key: string) => post<unknown>(room(id, '/mute'), { user, secs }, key),
  ban: (id: string, user: string, secs: number, key: string) => post<unknown>(room(id, '/ban'), { user, secs }, key),
  statistics: (id: string) => get<Statistics>(room(id, '/statistics')),
  statisticsExport: (id: string) => address(room(id, '/statistics/export')),
  studioLink: (id: string, key: string) => post<{ url: string }>(room(id, '/studio-link'), {}, key),

  gifts: () => get<Page<Gift>>('/gifts'),
  saveGift: (id: string, body: GiftDraft, key: string) => put<Gift>(`/gifts/${part(id)}`, body, key),
  wallets: (query: Query) => get<Page<WalletRow>>('/wallets', query),
  wallet: (user: string) => get<Wallet>(`/wallets/${part(user)}`),
  adjustWallet: (user: string, body: { change: number; reason: string }, key: string) => post<Wallet>(`/wallets/${part(user)}/adjust`, body, key),
  users: (query: Query) => get<Page<User>>('/users', query),
  kick: (user: string, key: string) => post<unknown>(`/users/${part(user)}/kick`, {}, key),

  webhooks: (query: Query) => get<Page<Webhook>>('/webhooks', query),
  addWebhook: (body: WebhookDraft, key: string) => post<Webhook>('/webhooks', body, key),
  saveWebhook: (id: number, body: WebhookDraft, key: string) => put<Webhook>(`/webhooks/${id}`, body, key),
  removeWebhook: (id: number, key: string) => remove(`/webhooks/${id}`, key),
  testWebhook: (id: number, key: string) => post<unknown>(`/webhooks/${id}/test`, {}, key),
  deliveries: (id: number | string, query: Query) => get<Page<Delivery>>(`/webhooks/${part(id)}/deliveries`, query),
  resend: (id: number, key: string) => post<unknown>(`/deliveries/${id}/resend`, {}, key),

  settings: () => get<Settings>('/settings'),
  apiKeys: () => get<Page<ApiKey>>('/api-keys'),
  addApiKey: (body: { name: string; scopes: readonly string[] }, key: string) => post<ApiKey>('/api-keys', body, key),
  removeApiKey: (id: number, key: string) => remove(`/api-keys/${id}`, key),
  audit: (query: Query) => get<Page<AuditEntry>>('/audit', query),
};
