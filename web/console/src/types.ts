// What `/api/v1` says. Money is in minor units, times are Unix milliseconds (0: not yet).

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page begins; null at the end. */
  readonly next?: string | null;
}

export interface Me {
  readonly name: string;
  /** Goes into the header of every write. */
  readonly csrf: string;
  readonly expiresAt: number;
  readonly app: number | string;
  readonly currency: string;
  readonly development: boolean;
}

export interface ConsoleState {
  readonly setUp: boolean;
  readonly development: boolean;
}

export type OnOff = 'on' | 'off';

export interface Sku {
  readonly id: number;
  readonly name: string;
  readonly code: string;
  readonly price: number;
  /** The struck-through price; 0: none. */
  readonly listPrice: number;
  readonly available: number;
  readonly held: number;
  readonly sold: number;
}

export interface Goods {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly pictures: readonly string[];
  readonly state: OnOff;
  readonly skus: readonly Sku[];
  readonly createdAt: number;
  readonly changedAt: number;
}

/** A variant as it is saved; without an id it is new, and `stock` is what it starts with. */
export interface SkuDraft {
  readonly id?: number;
  readonly name: string;
  readonly code: string;
  readonly price: number;
  readonly listPrice: number;
  readonly stock?: number;
}

export interface GoodsDraft {
  readonly title: string;
  readonly description: string;
  readonly pictures: readonly string[];
  readonly state: OnOff;
  readonly skus: readonly SkuDraft[];
}

export interface ImportError {
  readonly line: number;
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

export interface ImportReport {
  readonly created: number;
  readonly updated: number;
  readonly rows: number;
  readonly errors: readonly ImportError[];
}

export type Off = { readonly amount: number } | { readonly percent: { readonly rate: number; readonly max: number } };

export interface CouponDraft {
  readonly title: string;
  readonly off: Off;
  readonly threshold: number;
  /** Empty: the whole shop. */
  readonly goods: readonly number[];
  readonly startsAt: number;
  readonly endsAt: number;
  readonly stock: number;
  readonly perUser: number;
}

export interface Coupon extends CouponDraft {
  readonly id: number;
  readonly claimed: number;
  readonly used: number;
  readonly left: number;
  readonly state: 'open' | 'closed';
}

export const ORDER_STATES = ['created', 'paid', 'shipped', 'done', 'cancelled', 'refunded'] as const;

export type OrderState = (typeof ORDER_STATES)[number];

export interface OrderLine {
  readonly goods: number;
  readonly sku: number;
  readonly title: string;
  readonly variant: string;
  readonly picture: string;
  readonly quantity: number;
  readonly price: number;
  readonly sale: number | null;
}

export interface Refund {
  readonly id: number;
  readonly amount: number;
  readonly reason: string;
  readonly at: number;
}

export interface Order {
  readonly id: number;
  readonly user: string;
  readonly room: string;
  readonly state: OrderState;
  readonly lines: readonly OrderLine[];
  readonly claim: number | null;
  readonly goodsTotal: number;
  readonly discount: number;
  readonly total: number;
  readonly currency: string;
  readonly address: { readonly name: string; readonly phone: string; readonly text: string };
  readonly remark: string;
  readonly createdAt: number;
  readonly payUntil: number;
  readonly paidAt: number;
  readonly shippedAt: number;
  readonly doneAt: number;
  readonly cancelledAt: number;
  readonly cancelReason: '' | 'buyer' | 'merchant' | 'timeout';
  readonly carrier: string;
  readonly tracking: string;
  readonly transaction: string;
  readonly refunds: readonly Refund[];
  readonly refunded: number;
  /** Paid after it was cancelled: the money has to go back. */
  readonly paidLate: boolean;
  readonly history?: readonly { readonly at: number; readonly kind: string }[];
}

export const ROOM_STATUSES = ['waiting', 'live', 'paused', 'ended'] as const;

export type RoomStatus = (typeof ROOM_STATUSES)[number];

export interface Room {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly status: RoomStatus;
  readonly startsAt: number;
  readonly online: number;
  readonly likes: number;
  readonly messages: number;
  readonly createdAt: number;
  readonly notification?: string;
  readonly muteAll?: boolean;
}

export interface Sale {
  readonly id: number;
  readonly room: string;
  readonly goods: number;
  readonly sku: number;
  readonly price: number;
  readonly quota: number;
  readonly perBuyer: number;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly held: number;
  readonly sold: number;
  readonly left: number;
  readonly state: 'scheduled' | 'running' | 'over';
}

export interface ShelfItem {
  readonly goods: Goods;
  readonly badge: string;
}

export interface Shelf {
  readonly room: string;
  readonly currency: string;
  readonly items: readonly ShelfItem[];
  readonly pushed: number | null;
  readonly sales: readonly Sale[];
  readonly coupons: readonly Coupon[];
}

export interface Comment {
  readonly seq: number;
  readonly user: string;
  readonly nick: string;
  readonly text: string;
  readonly at: number;
}

export interface Sanction {
  readonly user: string;
  readonly until: number;
}

export interface Sanctions {
  readonly muted: readonly Sanction[];
  readonly banned: readonly Sanction[];
}

export interface RoomSales {
  readonly room: string;
  readonly orders: number;
  readonly paid: number;
  readonly units: number;
  readonly revenue: number;
  readonly refunded: number;
  readonly buyers: number;
  readonly coupons: number;
  readonly gifts: number;
  readonly coins: number;
  readonly goods: readonly { readonly goods: number; readonly title: string; readonly units: number; readonly revenue: number }[];
}

export interface Minute {
  readonly at: number;
  readonly messages?: number;
  readonly orders: number;
  readonly revenue: number;
  readonly claims: number;
  readonly coins: number;
}

export interface LedgerRow {
  readonly class: string;
  readonly received: number;
  readonly delivered: number;
  readonly dropped: Readonly<Record<string, number>>;
}

export interface Statistics {
  readonly room: string;
  readonly online: number;
  readonly peak: number;
  readonly likes: number;
  readonly messages: number;
  readonly sales: RoomSales;
  readonly minutes: readonly Minute[];
  readonly ledger: readonly LedgerRow[];
}

export interface Overview {
  readonly online: number;
  readonly rooms: readonly Room[];
  readonly today: { readonly orders: number; readonly revenue: number; readonly coins: number; readonly claims: number };
  readonly days: readonly { readonly day: string; readonly orders: number; readonly revenue: number; readonly coins: number }[];
  /** What each room has sold in these days, the most first. */
  readonly shares: readonly { readonly room: string; readonly orders: number; readonly revenue: number }[];
  readonly toShip: number;
  /** Orders that wait for their payment. */
  readonly open: number;
  readonly lowStock: readonly { readonly goods: number; readonly title: string; readonly sku: number; readonly name: string; readonly available: number }[];
}

export interface GiftDraft {
  readonly name: string;
  readonly nameEn: string;
  readonly coins: number;
  readonly picture: string;
  readonly state: OnOff;
}

export interface Gift extends GiftDraft {
  readonly id: string;
}

export interface WalletEntry {
  readonly id: number;
  readonly at: number;
  readonly kind: 'top_up' | 'gift' | 'received' | 'adjusted';
  readonly change: number;
  readonly balance: number;
  readonly about: string;
}

export interface WalletRow {
  readonly user: string;
  readonly coins: number;
}

export interface Wallet extends WalletRow {
  /** Coins that the user has received as a host. */
  readonly received: number;
  readonly entries: readonly WalletEntry[];
}

export interface User {
  readonly user: string;
  readonly nick: string;
  readonly avatar: string;
  readonly online: boolean;
}

export interface WebhookDraft {
  readonly url: string;
  readonly events: readonly string[];
  readonly active: boolean;
}

export interface Webhook extends WebhookDraft {
  readonly id: number;
  /** Told once, when it is created. */
  readonly secret?: string;
  readonly createdAt: number;
  readonly waiting: number;
  readonly lastStatus: number;
  readonly lastAt: number;
}

export interface Delivery {
  readonly id: number;
  readonly event: string;
  readonly at: number;
  readonly state: 'waiting' | 'delivered' | 'failed';
  readonly attempts: number;
  readonly nextAt: number;
  readonly status: number;
  /** Milliseconds until the answer. */
  readonly took: number;
  readonly request: string;
  readonly answer: string;
}

export interface Settings {
  readonly app: number | string;
  readonly apps: readonly { readonly id: number | string; readonly admins: readonly string[] }[];
  readonly currency: string;
  readonly limits: Readonly<Record<string, number | string>>;
  readonly payments?: { readonly configured: boolean; readonly test: boolean };
  readonly urls: Readonly<Record<string, string>>;
}

export interface ApiKey {
  readonly id: number;
  readonly name: string;
  readonly scopes: readonly string[];
  /** Told once, when it is created. */
  readonly key?: string;
  readonly createdAt: number;
  readonly lastUsedAt: number;
}

export interface ConsoleUser {
  readonly name: string;
  readonly createdAt?: number;
}

export interface AuditEntry {
  readonly id: number;
  readonly at: number;
  readonly who: string;
  readonly what: string;
  readonly about: string;
  readonly from: string;
}
