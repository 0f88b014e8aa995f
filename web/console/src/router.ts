// Which page the address shows. The path stays `/console`; the page is in the fragment, so that the server has one
// file to serve and a set-up token never leaves the browser.

export const PAGES = {
  overview: '',
  goodsList: 'goods',
  goods: 'goods/:id',
  coupons: 'coupons',
  coupon: 'coupons/:id',
  orders: 'orders',
  order: 'orders/:id',
  rooms: 'rooms',
  room: 'rooms/:id',
  statistics: 'rooms/:id/statistics',
  gifts: 'gifts',
  wallets: 'wallets',
  wallet: 'wallets/:id',
  users: 'users',
  webhooks: 'webhooks',
  webhook: 'webhooks/:id',
  settings: 'settings',
  keys: 'settings/keys',
  people: 'settings/people',
  audit: 'audit',
} as const;

export type PageName = keyof typeof PAGES;

export interface Route {
  /** Null when the address names no page. */
  readonly page: PageName | null;
  /** Of what the page shows; `new` for a thing that is being made. */
  readonly id: string;
  readonly query: Readonly<Record<string, string>>;
}

export const NEW = 'new';

/** `#/orders?state=paid`; any other fragment is not ours and leads to the overview. */
export function parseHash(hash: string): Route {
  const [path = '', search = ''] = (hash.startsWith('#/') ? hash.slice(2) : '').split('?', 2);
  const query = Object.fromEntries(new URLSearchParams(search));
  const parts = path.split('/').filter(Boolean).map(decoded);
  for (const [page, pattern] of Object.entries(PAGES) as [PageName, string][]) {
    const wanted = pattern.split('/').filter(Boolean);
    if (wanted.length !== parts.length) continue;
    if (wanted.every((name, at) => name === ':id' || name === parts[at])) {
      return { page, id: parts[wanted.indexOf(':id')] ?? '', query };
    }
  }
  return { page: null, id: '', query };
}

export function hashFor(page: PageName, id: string | number = '', query: Readonly<Record<string, string>> = {}): string {
  const path = PAGES[page].replace(':id', encodeURIComponent(id));
  const fields = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));
  const search = fields.toString();
  return `#/${path}${search && `?${search}`}`;
}

/** The token of the printed set-up link, or empty. */
export function setupToken(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, '')).get('setup') ?? '';
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
