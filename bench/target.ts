import type { SQSEvent } from 'aws-lambda';
import pMap from 'p-map';
import { primariesOf, type RedisClient, redisClient } from '../lib/redis/client.ts';
import { lambdaContext } from '../tests/support/lambdaContext.ts';
import { loadBundled } from './bundled.ts';
import type { Load } from './load.ts';

/** Counts a batch through the handler of processOrders; throws when an order was not counted. */
type CountBatch = (batch: SQSEvent) => Promise<void>;

/** A Redis or a cluster to count into, with a client and its own handler. */
export type BenchRedis = { readonly redis: RedisClient; readonly count: CountBatch; stop(): Promise<void> };

/** Call it for one server at a time: the handler reads its URL from the environment. */
export async function targetOf(server: { readonly url: string; stop(): Promise<void> }): Promise<BenchRedis> {
  const redis = redisClient(server.url, { connectMs: 5000, commandMs: 60_000 });
  await redis.connect();
  return {
    redis,
    count: await loadHandler(server.url),
    async stop() {
      redis.disconnect();
      await server.stop();
    },
  };
}

/**
 * Loads the handler like a new Lambda container, with its own connection to the Redis at `url`.
 *
 * @param bucket of the archive
 */
export async function loadHandler(url: string, bucket = 'none'): Promise<CountBatch> {
  process.env.REDIS_URL = url;
  process.env.QUEUE_URL = 'http://localhost/000000000000/none';
  process.env.ARCHIVE_BUCKET = bucket;
  process.env.POWERTOOLS_SERVICE_NAME = 'bench';
  const { handler }: typeof import('../functions/processOrders.ts') = await loadBundled('functions/processOrders.ts');
  return async (batch) => {
    const response = JSON.stringify(await handler(batch, lambdaContext));
    if (response !== '{"batchItemFailures":[]}') throw new Error(`Not counted: ${response}`);
  };
}

/** Runs calls, `inFlight` at once; returns seconds. Log and metrics are produced, but not printed. */
export async function secondsOf(batches: readonly (() => Promise<void>)[], inFlight: number): Promise<number> {
  const write = process.stdout.write;
  process.stdout.write = () => true;
  try {
    const started = performance.now();
    await pMap(batches, (count) => count(), { concurrency: inFlight });
    return (performance.now() - started) / 1000;
  } finally {
    process.stdout.write = write;
  }
}

/** Has a handler count all orders, with `inFlight` batches at once; returns orders per second. */
export async function rateOf({ count }: BenchRedis, { batches, orders }: Load, inFlight: number): Promise<number> {
  const calls = batches.map((batch) => () => count(batch));
  return orders / (await secondsOf(calls, inFlight));
}

/** Deletes all keys. */
export async function empty({ redis }: BenchRedis): Promise<void> {
  for (const node of primariesOf(redis)) await node.flushall();
}
