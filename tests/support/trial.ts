import { setTimeout as sleep } from 'node:timers/promises';
import { MessageFailure } from '../../lib/batch/outcome.ts';
import { processBatch } from '../../lib/batch/processBatch.ts';
import { defineCountingScript } from '../../lib/counting/count.ts';
import type { RedisLimits } from '../../lib/redis/client.ts';
import { RedisConnection } from '../../lib/redis/connection.ts';
import { pickNumber, type Random } from '../../scripts/shared/random.ts';
import type { Settled } from './expectModel.ts';
import { messageOf } from './queueMessages.ts';

/** Shorter than in production, to save time: every total must be right whatever the limits are. */
const SHORT_LIMITS = { connectMs: 200, commandMs: 60 };

/** What a trial is made of; the rest is random. */
export type TrialOptions<Fault extends string> = {
  readonly workers: number;
  /** Messages at most in a batch. */
  readonly batchSize: number;
  /** What happens to Redis during the deliveries, one after the other. */
  readonly faults: readonly Fault[];
  /** Of each worker's connection. */
  readonly limits?: RedisLimits;
};

/** Where Redis is, and what can happen to it: each fault ends without help. */
export type FaultyRedis<Fault extends string> = { readonly url: string } & Readonly<Record<Fault, () => Promise<void>>>;

/**
 * Delivers messages as SQS does, at least once and in any order, to several workers at once, while Redis goes through
 * faults. A worker may also die before it reports. What failed is delivered again until everything is settled.
 *
 * @returns the result of each message
 */
export async function runTrial<Fault extends string>(
  target: FaultyRedis<Fault>,
  bodies: readonly string[],
  { workers, batchSize, faults, limits = SHORT_LIMITS }: TrialOptions<Fault>,
  random: Random,
): Promise<Settled[]> {
  const connections = Array.from(
    { length: workers },
    () => new RedisConnection(target.url, limits, defineCountingScript),
  );
  const settled = new Map<number, Settled>();
  const upcoming = [...faults];
  while (settled.size < bodies.length) {
    const waiting = shuffle(
      random,
      [...bodies.keys()].filter((index) => !settled.has(index)),
    );
    const fault = upcoming.shift();
    const healed = fault ? sleep(pickNumber(random, 6)).then(() => target[fault]()) : Promise.resolve();
    await Promise.all(
      connections.map(async (connection, worker) => {
        const own = waiting.filter((_, n) => n % workers === worker);
        // At least once: some messages go to a second worker at the same time.
        const also = waiting.filter((_, n) => n % workers !== worker && n % 7 === 0);
        for (const indexes of inBatches(shuffle(random, [...own, ...also]), 1 + pickNumber(random, batchSize))) {
          const messages = indexes.map((index) => messageOf(index, bodies[index] ?? ''));
          const { processed } = await processBatch(messages, connection);
          const dies = pickNumber(random, 8) === 0;
          if (dies) continue;
          for (const [n, index] of indexes.entries()) {
            const outcome = processed[n]?.outcome;
            const body = bodies[index] ?? '';
            if (!(outcome instanceof MessageFailure)) settled.set(index, { body, fate: 'counted' });
            else if (outcome.isPermanent && !settled.has(index)) settled.set(index, { body, fate: 'rejected' });
          }
        }
      }),
    );
    await healed;
  }
  for (const connection of connections) connection.drop(await connection.open());
  return [...settled.values()];
}

function inBatches(indexes: readonly number[], size: number): number[][] {
  const batches: number[][] = [];
  for (let start = 0; start < indexes.length; start += size) batches.push(indexes.slice(start, start + size));
  return batches;
}

function shuffle<T>(random: Random, list: T[]): T[] {
  return list
    .map((item) => ({ item, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
