/*
 * Names of the objects in the archive, which sort by time:
 *
 *   orders/date=2026-11-29/10-15-00.123Z-<request id>.jsonl.gz
 *
 * The time, in UTC, is when the batch was counted.
 */

/** What the keys of all objects start with. */
export const ARCHIVE_PREFIX = 'orders/';

const KEY = /^orders\/date=(\d{4}-\d\d-\d\d)\/(\d\d)-(\d\d)-(\d\d\.\d{3}Z)-[^/]+\.jsonl\.gz$/;

/** @param ms since 1970 */
export const objectKey = (ms: number, requestId: string): string => `${keysFrom(ms)}-${requestId}.jsonl.gz`;

/** Sorts before the keys of all objects of this time and later ones. @param ms since 1970 */
export function keysFrom(ms: number): string {
  const text = new Date(ms).toISOString();
  return `${ARCHIVE_PREFIX}date=${text.slice(0, 10)}/${text.slice(11).replaceAll(':', '-')}`;
}

/** When the orders of an object were counted, in milliseconds since 1970; undefined if it is no object of the archive. */
export function timeOfKey(key: string): number | undefined {
  const [, date, hour, minute, second] = KEY.exec(key) ?? [];
  const ms = Date.parse(`${date}T${hour}:${minute}:${second}`);
  return Number.isNaN(ms) ? undefined : ms;
}
