import type { Result } from 'ioredis';
import * as v from 'valibot';
import type { RedisClient } from '../redisClient.ts';
import { damageOf } from './damagedKey.ts';
import { topUsers, USER_FIELDS, userStats } from './keys.ts';
import { topUsersLua } from './lua/topUsers.ts';
import { readTotals, toUnits } from './total.ts';

/** A user and the place among those that spent most; spend in currency units. */
export type TopUser = { rank: number; user_id: string; total_spend: number; order_count: number };

/** Makes the script of {@link readTopUsers} known to the client. */
export function defineTopUsersScript(redis: RedisClient): void {
  redis.defineCommand('topUsers', { lua: topUsersLua, numberOfKeys: 1, readOnly: true });
}

declare module 'ioredis' {
  interface RedisCommander<Context> {
    topUsers(key: string, count: number): Result<unknown, Context>;
  }
}

/**
 * Reads the users that spent most, those who spent the same by their ids. The leaderboard tells who they are; what they
 * spent and in what order that puts them is read from their own totals, so that it is what {@link readUserStats} says.
 * A user whose first order is just being counted is left out, as there is no total yet. Two round trips.
 *
 * @param limit how many at most
 * @throws DamagedKey, or the error of Redis or of the connection
 */
export async function readTopUsers(redis: RedisClient, limit: number): Promise<TopUser[]> {
  const reply = await redis.topUsers(topUsers, limit).catch((error) => {
    throw damageOf(topUsers, error);
  });
  const ids = v.parse(v.array(v.string()), reply);
  const totals = await readTotals(redis, ids.map(userStats), USER_FIELDS);
  return ids
    .flatMap((user_id, index) => {
      const total = totals[index];
      return total ? [{ user_id, ...total }] : [];
    })
    .sort((a, b) => Number(b.cents - a.cents) || (a.user_id < b.user_id ? -1 : 1))
    .map(({ user_id, cents, count }, index) => ({
      rank: index + 1,
      user_id,
      total_spend: toUnits(cents),
      order_count: Number(count),
    }));
}
