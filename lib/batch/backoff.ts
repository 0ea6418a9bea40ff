const BASE_SECONDS = 15;
const CAP_SECONDS = 15 * 60;
/** Share of a pause that chance may add, so that orders that failed together do not come back together. */
const JITTER = 0.2;

/**
 * Pause before the next receive of a message whose failure may pass: 15 s, doubling with each receive up to 15 minutes,
 * and up to a fifth more.
 *
 * @param receiveCount how often the message was received, from 1
 * @param random from 0 to below 1
 * @returns whole seconds
 */
export function backoffSeconds(receiveCount: number, random: number): number {
  const pause = Math.min(BASE_SECONDS * 2 ** (receiveCount - 1), CAP_SECONDS);
  return Math.floor(pause * (1 + JITTER * random));
}
