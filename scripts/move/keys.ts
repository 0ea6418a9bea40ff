import { primariesOf, type RedisClient } from '../../lib/redis/client.ts';
import { type Shard, shardsOf, userKeyPrefix } from '../../lib/stats/keys.ts';

/** Keys that Redis is asked for in one step. */
const KEYS_A_STEP = 500;

/** The key at the target that names the source of an incomplete move. See target.ts. */
export const moving = (redis: RedisClient): string => `${shardsOf(redis)[0]}global:moving`;

/** All keys of the pipeline, step by step, but for {@link moving}; a key may come twice. */
export async function* ownKeys(redis: RedisClient): AsyncGenerator<string[]> {
  const starts = shardsOf(redis).flatMap((shard) => [userKeyPrefix(shard), `${shard}global:`]);
  for await (const keys of allKeys(redis)) {
    yield keys.filter((key) => key !== moving(redis) && starts.some((start) => key.startsWith(start)));
  }
}

/** A user, and the shard of the Redis that it was found in. */
export type FoundUser = { readonly shard: Shard; readonly userId: string };

/** All users, step by step; a user may come twice. */
export async function* allUsers(redis: RedisClient): AsyncGenerator<FoundUser[]> {
  const shards = shardsOf(redis);
  for await (const keys of allKeys(redis)) {
    yield keys.flatMap((key) => {
      const shard = shards.find((shard) => key.startsWith(userKeyPrefix(shard)));
      return shard === undefined ? [] : [{ shard, userId: key.slice(userKeyPrefix(shard).length) }];
    });
  }
}

/** All keys; of a cluster those of one node after the other. */
async function* allKeys(redis: RedisClient): AsyncGenerator<string[]> {
  for (const node of primariesOf(redis)) {
    let cursor = '0';
    do {
      const [next, keys] = await node.scan(cursor, 'COUNT', KEYS_A_STEP);
      yield keys;
      cursor = next;
    } while (cursor !== '0');
  }
}
