import type { RedisClient } from '../lib/redisClient.ts';
import { globalLedger } from '../lib/stats/keys.ts';
import { startRedisServer } from '../scripts/local/redisServer.ts';
import { fillLedger } from './fillLedger.ts';
import { makeLoad } from './orders.ts';
import { type Spread, spreadOf } from './statistics.ts';
import { targetOf } from './target.ts';
import { rateOf } from './timing.ts';
import { verifyTotals } from './totals.ts';

/** Orders a second into a Redis whose ledger remembers many orders, and into one whose ledger is empty. */
export type LedgerResult = {
  /** Orders in the ledger before the first round. */
  readonly remembered: number;
  /** Memory of Redis that these take, in millions of bytes. */
  readonly megabytes: number;
  readonly full: Spread;
  readonly empty: Spread;
};

const BATCH = 100;
const IN_FLIGHT = 4;

/**
 * Counts the same new orders into two servers by turns, which differ by nothing but their ledgers: one starts with many
 * orders, the other's is deleted before each round. Their totals grow alike, and are verified after each round.
 *
 * @param remembered orders in the ledger of the one
 * @param orders new ones in each round
 */
export async function measureLedger(remembered: number, rounds: number, orders: number): Promise<LedgerResult> {
  const full = { ...(await targetOf(await startRedisServer())), rates: [] as number[] };
  const empty = { ...(await targetOf(await startRedisServer())), rates: [] as number[] };
  await fillLedger(full.redis, remembered);
  const megabytes = (await ledgerBytes(full.redis)) / 1e6;
  const sum = { orders: 0, cents: 0 };
  for (let round = 0; round <= rounds; round++) {
    const load = makeLoad(orders, BATCH, { first: round * orders });
    sum.orders += load.orders;
    sum.cents += load.cents;
    await empty.redis.del(...globalLedger);
    for (const { redis, count, rates } of [empty, full]) {
      const rate = await rateOf(count, load, IN_FLIGHT);
      await verifyTotals(redis, sum, `a ledger of ${remembered}`, true);
      // The first round only warms up.
      if (round > 0) rates.push(rate);
    }
  }
  await Promise.all([full.stop(), empty.stop()]);
  return { remembered, megabytes, full: spreadOf(full.rates), empty: spreadOf(empty.rates) };
}

async function ledgerBytes(redis: RedisClient): Promise<number> {
  let bytes = 0;
  // Every bucket, not a sample of them.
  for (const key of globalLedger) bytes += Number(await redis.memory('USAGE', key, 'SAMPLES', 0));
  return bytes;
}
