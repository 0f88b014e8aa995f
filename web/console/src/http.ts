// One request to `/api/v1`, and what a refusal looks like.

const BASE = '/api/v1';

export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** A refusal, or a server that did not answer: then the status is 0. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail = '',
    readonly fields: readonly FieldProblem[] = [],
    /** Seconds to wait before it makes sense to ask again. */
    readonly retryAfter = 0,
    /** What the server answered, for refusals that carry more than a reason. */
    readonly body: unknown = null,
  ) {
    super(code || String(status));
  }

  /** Whether the server decided; otherwise it may or may not have done what was asked. */
  get decided(): boolean {
    return this.status >= 400 && this.status < 500;
  }
}

export type Query = Readonly<Record<string, string | number | null | undefined>>;

interface Asked {
  readonly query?: Query;
  /** Sent as JSON, unless it is a file or a text with a type of its own. */
  readonly body?: unknown;
  readonly type?: string;
  readonly key?: string;
}

let csrf = '';
let signedOut = (): void => undefined;

export function useCsrf(token: string): void {
  csrf = token;
}

/** Who is told that the session is over. */
export function onSignedOut(told: () => void): void {
  signedOut = told;
}

export function address(path: string, query: Query = {}): string {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== '' && value !== null && value !== undefined) fields.set(name, String(value));
  }
  const text = fields.toString();
  return BASE + path + (text && `?${text}`);
}

export async function ask<T>(method: string, path: string, asked: Asked = {}): Promise<T> {
  const { query, body, type, key } = asked;
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method !== 'GET') headers['x-csrf-token'] = csrf;
  if (key) headers['idempotency-key'] = key;
  if (body !== undefined) headers['content-type'] = type ?? 'application/json';
  const response = await fetch(address(path, query), {
    method,
    headers,
    credentials: 'same-origin',
    ...(body === undefined ? {} : { body: type ? (body as BodyInit) : JSON.stringify(body) }),
  }).catch(() => null);
  if (!response) throw new Problem(0, 'unreachable');
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as T;
  const problem = problemOf(response.status, response.headers.get('retry-after'), answer);
  if (problem.status === 401 && csrf) signedOut();
  throw problem;
}

export function problemOf(status: number, retryAfter: string | null, answer: unknown): Problem {
  const body = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>;
  const text = (name: string) => (typeof body[name] === 'string' ? body[name] : '');
  const fields = Array.isArray(body['fields']) ? (body['fields'] as FieldProblem[]) : [];
  return new Problem(status, text('code'), text('detail'), fields, Number(retryAfter) || 0, answer);
}
