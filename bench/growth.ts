import { startRedisServer } from '../scripts/local/redisServer.ts';
import { loadHandler } from './handler.ts';
import { makeLoad } from './orders.ts';
import { type Spread, spreadOf } from './statistics.ts';
import { targetOf } from './target.ts';
import { rateOf } from './timing.ts';

/** Orders a second into an empty Redis, and into one that remembers many orders. */
export type Growth = { readonly remembered: number; readonly empty: Spread; readonly full: Spread };

const BATCH = 100;

/**
 * Counts the same new orders into two servers by turns; one of them is emptied before each.
 *
 * @param fullUrl a Redis that remembers the orders up to `remembered`, of `users`
 */
export async function measureGrowth(
  fullUrl: string,
  remembered: number,
  users: number,
  { rounds, orders }: { readonly rounds: number; readonly orders: number },
): Promise<Growth> {
  const empty = await targetOf(await startRedisServer());
  const countFull = await loadHandler(fullUrl);
  const rates = { empty: [] as number[], full: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    const load = makeLoad(orders, BATCH, { first: remembered + round * orders, users });
    await empty.redis.flushall();
    const [emptyRate, fullRate] = [await rateOf(empty.count, load, 1), await rateOf(countFull, load, 1)];
    if (round === 0) continue;
    rates.empty.push(emptyRate);
    rates.full.push(fullRate);
  }
  await empty.stop();
  return { remembered, empty: spreadOf(rates.empty), full: spreadOf(rates.full) };
}
