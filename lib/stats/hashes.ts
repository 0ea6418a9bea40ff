import { Redis } from 'ioredis';
import * as v from 'valibot';
import type { RedisClient } from '../redisClient.ts';

/** Fields that are wanted of a hash. */
export type HashRequest = readonly [key: string, ...fields: string[]];

/** What Redis says: a text or null for each field, or why it says nothing. */
export type HashReply = { readonly values: readonly (string | null)[] } | { readonly error: Error };

/**
 * Reads fields of hashes, in one round trip: to the Redis, or to each node of a cluster that has some of them.
 *
 * @returns a reply for each request, in the same order; never throws
 */
export const readHashes = (redis: RedisClient, requests: readonly HashRequest[]): Promise<HashReply[]> =>
  redis instanceof Redis ? readPipelined(redis, requests) : readEach(redis, requests);

const Values = v.array(v.nullable(v.string()));

async function readPipelined(redis: Redis, requests: readonly HashRequest[]): Promise<HashReply[]> {
  const pipeline = redis.pipeline();
  for (const [key, ...fields] of requests) pipeline.hmget(key, ...fields);
  const replies = (await pipeline.exec()) ?? [];
  return requests.map((_, index) => {
    const [error, values] = replies[index] ?? [new Error('Redis gave no reply')];
    return error ? { error } : { values: v.parse(Values, values) };
  });
}

/**
 * Commands that are sent at once go out together, too. Never a pipeline on a cluster: while a slot is on the move,
 * ioredis repeats a pipeline as a whole on the node that gets the slot, which says null of keys that are yet to come.
 */
const readEach = (redis: Exclude<RedisClient, Redis>, requests: readonly HashRequest[]): Promise<HashReply[]> =>
  Promise.all(
    requests.map(([key, ...fields]) =>
      redis.hmget(key, ...fields).then(
        (values) => ({ values }),
        (error: Error) => ({ error }),
      ),
    ),
  );
