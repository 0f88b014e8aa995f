// A shop that is set up over the API, as the merchant's own program would.

import type { BrowserContext } from 'playwright-core';
import type { Server } from './server';

export const MERCHANT = { name: 'Mei', password: 'tea leaves and rain' };

export interface Shop {
  get<Found>(path: string): Promise<Found>;
  post<Made = unknown>(path: string, body: object): Promise<Made>;
  put(path: string, body: object): Promise<void>;
  /** The browser is signed in as the merchant. */
  signIn(context: BrowserContext): Promise<void>;
}

export async function openShop({ address, setUpLink }: Server): Promise<Shop> {
  const api = `http://${address}/api/v1`;
  const token = new URLSearchParams(new URL(setUpLink).hash.slice(1)).get('setup');
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(api + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const entered = await ask('POST', '/console/setup', { token, ...MERCHANT });
  const [cookie = ''] = entered.headers.getSetCookie()[0]?.split(';') ?? [];
  headers['cookie'] = cookie;
  headers['x-csrf-token'] = (await entered.json() as { csrf: string }).csrf;
  return {
    get: async <Found>(path: string) => await (await ask('GET', path)).json() as Found,
    post: async <Made>(path: string, body: object) => await (await ask('POST', path, body)).json() as Made,
    put: async (path, body) => void await ask('PUT', path, body),
    async signIn(context) {
      const [name = '', value = ''] = cookie.split('=');
      await context.addCookies([{ name, value, url: `http://${address}` }]);
    },
  };
}
