import type { Result } from 'ioredis';
import * as v from 'valibot';
import type { RedisClient } from '../redis/client.ts';
import { corruptionOf } from '../redis/errors.ts';
import { type Shard, shardsOf, topUsersKey, USER_FIELDS, userKeyPrefix, userStatsKey } from './keys.ts';
import { readTotal, readTotals, type Total, toUnits } from './totals.ts';

/** A user and the place among those that spent most; spend in currency units. */
export type TopUser = { rank: number; user_id: string; total_spend: number; order_count: number };

/**
 * Finds the users of a sorted set with the highest scores, of equal scores those that come first in the order of bytes,
 * and what they ordered. Changes nothing.
 *
 * KEYS  1 sorted set
 * ARGV  1 how many · 2 what the keys of users start with
 * Returns a text with a line for each user, in no order that matters: `<orders> <amount> <user id>`; without orders and
 *       amount where this node does not hold the user's hash, as while a slot moves, or it is none
 */
export const topUsersLua = /* lua */ `
local count = tonumber(ARGV[1])
local last = redis.call('ZRANGE', KEYS[1], count - 1, count - 1, 'REV', 'WITHSCORES')[2]
local top
if last then
  top = redis.call('ZRANGE', KEYS[1], '+inf', '(' .. last, 'BYSCORE', 'REV')
  local equal = redis.call('ZRANGE', KEYS[1], last, last, 'BYSCORE', 'LIMIT', 0, count - #top)
  for _, user in ipairs(equal) do top[#top + 1] = user end
else
  top = redis.call('ZRANGE', KEYS[1], 0, -1)
end
for i, user in ipairs(top) do
  local totals = redis.pcall('HMGET', ARGV[2] .. user, ${USER_FIELDS.map((field) => `'${field}'`).join(', ')})
  top[i] = (totals[1] or '') .. ' ' .. (totals[2] or '') .. ' ' .. user
end
return table.concat(top, '\\n')
`;

/** Makes the script of {@link readTopUsers} known to the client. */
export function defineTopUsersScript(redis: RedisClient): void {
  redis.defineCommand('topUsers', { lua: topUsersLua, numberOfKeys: 1 });
}

declare module 'ioredis' {
  interface RedisCommander<Context> {
    topUsers(key: string, count: number, prefix: string): Result<unknown, Context>;
  }
}

const LINE = /^(\S*) (\S*) (.*)$/;

type Row = { readonly userId: string; readonly total: Total };

/**
 * Reads the users that spent most, those who spent the same by their ids. The sorted set says who they are; what they
 * spent and in what order that puts them is read from their own totals, so that it is what {@link readUserStats} says.
 *
 * @param limit how many at most
 * @throws CorruptKeyError, or the error of Redis or of the connection
 */
export async function readTopUsers(redis: RedisClient, limit: number): Promise<TopUser[]> {
  const rows = await Promise.all(shardsOf(redis).map((shard) => topOfShard(redis, shard, limit)));
  return rows
    .flat()
    .sort((a, b) => b.total.cents - a.total.cents || (a.userId < b.userId ? -1 : 1))
    .slice(0, limit)
    .map(({ userId, total }, index) => ({
      rank: index + 1,
      user_id: userId,
      total_spend: toUnits(total.cents),
      order_count: total.count,
    }));
}

async function topOfShard(redis: RedisClient, shard: Shard, limit: number): Promise<Row[]> {
  const key = topUsersKey(shard);
  const reply = await redis.topUsers(key, limit, userKeyPrefix(shard)).catch((error) => {
    throw corruptionOf(key, error);
  });
  const lines = v.parse(v.string(), reply).split('\n').filter(Boolean);
  const rows = await Promise.all(
    lines.map(async (line): Promise<Row[]> => {
      const [, orders, amount, userId = ''] = LINE.exec(line) ?? [];
      const user = userStatsKey(shard, userId);
      if (orders && amount) return [{ userId, total: readTotal(user, `${orders} ${amount}`) }];
      const { total } = await readTotals(redis, user, USER_FIELDS, []);
      return total ? [{ userId, total }] : [];
    }),
  );
  return rows.flat();
}
