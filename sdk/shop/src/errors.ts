/** Why the shop says no: the `code` of the `HawkerError` that a call rejects with. */
export const SHOP_ERROR = {
  GOODS_MISSING: 61001,
  SKU_MISSING: 61002,
  SOLD_OUT: 61003,
  SALE_NOT_RUNNING: 61004,
  /** More than one user may have. */
  OVER_LIMIT: 61005,
  COUPON_MISSING: 61006,
  /** All of them are claimed. */
  COUPON_GONE: 61007,
  /** Before its start, after its end, or closed. */
  COUPON_NOT_NOW: 61008,
  COUPON_BELOW_THRESHOLD: 61009,
  COUPON_NOT_FOR_GOODS: 61010,
  /** The claim is used, or reserved by another order. */
  CLAIM_SPENT: 61011,
  ORDER_MISSING: 61012,
  /** The order is past that. */
  ORDER_STATE: 61013,
  /** The total is not the one that was expected. */
  PRICE_CHANGED: 61014,
  AMOUNT_MISMATCH: 61015,
  CURRENCY_MISMATCH: 61016,
  TRANSACTION_REUSED: 61017,
  REFUND_TOO_MUCH: 61018,
  GIFT_MISSING: 61019,
  /** Not enough coins. */
  BALANCE_LOW: 61020,
  /** The key was used for another request. */
  KEY_REUSED: 61021,
  BAD_AMOUNT: 61022,
  ORDER_EMPTY: 61023,
  /** Off, or not on this room's shelf. */
  NOT_FOR_SALE: 61024,
  /** The time for complaints is over. */
  TOO_LATE: 61025,
  PAYMENT_MISSING: 61026,
  /** Pieces are held or sold. */
  STOCK_IN_USE: 61027,
  SALE_MISSING: 61028,
  NOT_YOURSELF: 61029,
  CLAIM_MISSING: 61030,
} as const;

/** Name of a refusal of the shop. */
export type ShopErrorName = keyof typeof SHOP_ERROR;

const NAMES = new Map<number, string>(Object.entries(SHOP_ERROR).map(([name, code]) => [code, name]));

/** The refusal's name for a `code`; `null` when it is not the shop's. */
export function shopErrorName(code: number): ShopErrorName | null {
  return (NAMES.get(code) ?? null) as ShopErrorName | null;
}
