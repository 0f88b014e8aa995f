// What the pages know of the SDK's errors.

/** Codes the pages have words for; the rest is "did not work, try again". */
export const CODE = {
  /** The client's own number for a group ID that cannot be one. */
  impossibleGroup: 2602,
  notPermitted: 10007,
  noSuchGroup: 10010,
  badGroup: 10015,
  muted: 10017,
  groupTaken: 10021,
  tooOften: 10023,
  groupYours: 10025,
  /** The room has ten pinned messages. */
  pinsFull: 10070,
  refusedContent: 80001,
} as const;

/** The server's or the SDK's number for what went wrong, 0 when it has none. */
export function errorCode(error: unknown): number {
  if (typeof error !== 'object' || error === null) return 0;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'number' ? code : 0;
}

export function isMissing(code: number): boolean {
  return code === CODE.noSuchGroup || code === CODE.badGroup || code === CODE.impossibleGroup;
}
