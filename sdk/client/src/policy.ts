/** When to try again after the socket was lost. Exchange it to spread clients differently or to give up. */
export interface ReconnectPolicy {
  /**
   * Milliseconds to wait before attempt number `attempt` (0 is the first after a loss), or `null` to give up until
   * the application calls {@link Client.wake}. `random` is uniform in [0, 1).
   */
  delayMs(attempt: number, random: number): number | null;
}

/** The first attempt comes within this time, at random: a restarted server meets its viewers spread over it. */
const FIRST_SPREAD_MS = 1_000;
/** The second attempt waits about this long, each further one twice as long as the one before. */
const BASE_MS = 1_000;
/** Never longer than this: a viewer does not wait a minute for a room that is back. */
const CEILING_MS = 20_000;

/** Soon, then doubling up to a ceiling; always spread at random over the upper half; never gives up. */
export const defaultReconnectPolicy: ReconnectPolicy = {
  delayMs(attempt, random) {
    if (attempt === 0) return random * FIRST_SPREAD_MS;
    const full = Math.min(CEILING_MS, BASE_MS * 2 ** Math.min(attempt - 1, 10));
    return full / 2 + (random * full) / 2;
  },
};
