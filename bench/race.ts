import { Redis } from 'ioredis';
import type { Contender } from './contenders.ts';
import { makeLoad } from './orders.ts';
import { type Spread, spreadOf } from './statistics.ts';
import { secondsOf } from './timing.ts';
import { verifyTotals } from './totals.ts';

/** How orders arrive: messages a batch, and batches at once. */
export type Shape = { readonly batch: number; readonly inFlight: number };

/** Orders a second of one contender with one shape. */
export type Result = Shape & { readonly contender: string; readonly ordersPerSecond: Spread };

export const SHAPES: readonly Shape[] = [1, 4].flatMap((inFlight) =>
  [10, 100, 1000].map((batch) => ({ batch, inFlight })),
);

/** So that all shapes have whole batches, and as many in each place in flight. */
const STEP = 4000;

/**
 * Lets contenders take turns, shape by shape, for several rounds and one before them that only warms up. Each starts
 * with an empty Redis and the same orders; its totals are verified.
 *
 * @param afterRound is called after each round but the first
 */
export async function race(
  url: string,
  contenders: readonly Contender[],
  { rounds, orders }: { readonly rounds: number; readonly orders: number },
  afterRound: () => Promise<void>,
): Promise<Result[]> {
  const redis = new Redis(url);
  const turns = SHAPES.flatMap((shape) => contenders.map((contender) => ({ shape, contender, rates: [] as number[] })));
  for (let round = 0; round <= rounds; round++) {
    for (const { shape, contender, rates } of turns) {
      const load = makeLoad(Math.max(Math.round((orders * contender.share) / STEP), 1) * STEP, shape.batch);
      const batches = contender.prepare(load);
      await redis.flushall();
      const seconds = await secondsOf(batches, shape.inFlight);
      await verifyTotals(redis, load, contender.name, contender.isExact);
      if (round > 0) rates.push(load.orders / seconds);
    }
    if (round > 0) await afterRound();
  }
  redis.disconnect();
  return turns.map(({ shape, contender, rates }) => ({
    ...shape,
    contender: contender.name,
    ordersPerSecond: spreadOf(rates),
  }));
}
