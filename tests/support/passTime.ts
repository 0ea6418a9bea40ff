import type { Redis } from 'ioredis';
import type { RedisClient } from '../../lib/redisClient.ts';
import { globalLedger, LEDGER_KEYS, LEDGER_PERIODS, LEDGER_PERIOD_SECONDS as PERIOD } from '../../lib/stats/keys.ts';

/** The period that it is by Redis's clock. */
export const currentPeriod = async (redis: RedisClient): Promise<number> =>
  Math.floor(Number((await redis.time())[0]) / PERIOD);

/** The key of the ledger for a period. */
export const ledgerKey = (period: number): string => `{global:stats}:ledger:${period % LEDGER_KEYS}`;

/** When the key of a period expires, in seconds since 1970. */
export const expiryOf = (period: number): number => (period + LEDGER_PERIODS) * PERIOD;

/**
 * Makes all that the ledger remembers as many periods older, and so does what a clock would that was put forward by
 * them, or back where the number is negative.
 */
export async function passTime(redis: Redis, periods: number): Promise<void> {
  const now = await currentPeriod(redis);
  const moved: { readonly from: string; readonly period: number }[] = [];
  for (const key of globalLedger) {
    const expiry = await redis.expiretime(key);
    if (expiry < 0) continue;
    await redis.rename(key, `moved:${key}`);
    moved.push({ from: `moved:${key}`, period: expiry / PERIOD - LEDGER_PERIODS - periods });
  }
  for (const { from, period } of moved) {
    // What has expired must not overwrite what has taken its place.
    if (expiryOf(period) <= now * PERIOD) await redis.del(from);
    else {
      await redis.rename(from, ledgerKey(period));
      await redis.expireat(ledgerKey(period), expiryOf(period));
    }
  }
}
