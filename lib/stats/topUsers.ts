import type { Result } from 'ioredis';
import * as v from 'valibot';
import type { RedisClient } from '../redis/client.ts';
import { corruptionOf } from '../redis/errors.ts';
import { type Shard, shardsOf, topUsersKey, USER_FIELDS, userKeyPrefix, userStatsKey } from './keys.ts';
import { readTotal, readTotals, type Total, toUnits } from './totals.ts';

/** Spend is in currency units. */
export type TopUser = {
  rank: number;
  user_id: string;
  total_spend: number;
  total_spend_cents: number;
  order_count: number;
};

/**
 * A Lua function that finds the users with the highest scores in a sorted set, and their totals. Ties go to the lower id in
 * byte order. Changes nothing.
 *
 * Takes the sorted set, the number of users, and what the keys of users start with. Returns one line per user, in no particular
 * order: `<orders> <amount> <user id>`. Orders and amount are empty if the key of the user is not a hash, or is not on this node,
 * such as while a slot moves.
 */
export const rankLua = /* lua */ `
local function rank(ranking, count, prefix)
  local last = redis.call('ZRANGE', ranking, count - 1, count - 1, 'REV', 'WITHSCORES')[2]
  local top
  if last then
    top = redis.call('ZRANGE', ranking, '+inf', '(' .. last, 'BYSCORE', 'REV')
    local equal = redis.call('ZRANGE', ranking, last, last, 'BYSCORE', 'LIMIT', 0, count - #top)
    for _, user in ipairs(equal) do top[#top + 1] = user end
  else
    top = redis.call('ZRANGE', ranking, 0, -1)
  end
  for i, user in ipairs(top) do
    local totals = redis.pcall('HMGET', prefix .. user, ${USER_FIELDS.map((field) => `'${field}'`).join(', ')})
    top[i] = (totals[1] or '') .. ' ' .. (totals[2] or '') .. ' ' .. user
  end
  return table.concat(top, '\\n')
end
`;

/** Returns what {@link rankLua} returns. KEYS: 1 sorted set. ARGV: 1 number of users · 2 what the keys of users start with */
export const topUsersLua = `${rankLua} return rank(KEYS[1], tonumber(ARGV[1]), ARGV[2])`;

export function defineTopUsersScript(redis: RedisClient): void {
  redis.defineCommand('topUsers', { lua: topUsersLua, numberOfKeys: 1 });
}

declare module 'ioredis' {
  interface RedisCommander<Context> {
    topUsers(key: string, count: number, prefix: string): Result<unknown, Context>;
  }
}

const LINE = /^(\S*) (\S*) (.*)$/;

export type Row = { readonly userId: string; readonly total: Total };

/**
 * Reads the users who spent most; ties are ordered by id. The sorted set only selects the users. Amounts and ranks come from
 * their own totals, so that they agree with {@link readUserStats}.
 *
 * @throws CorruptKeyError, or the error of Redis or of the connection
 */
export async function readTopUsers(redis: RedisClient, limit: number): Promise<TopUser[]> {
  const rows = await Promise.all(shardsOf(redis).map((shard) => topOfShard(redis, shard, limit)));
  return toTopUsers(rows.flat(), limit);
}

/** Ranks users; the first ones. */
export const toTopUsers = (rows: readonly Row[], limit: number): TopUser[] =>
  [...rows]
    .sort((a, b) => b.total.cents - a.total.cents || (a.userId < b.userId ? -1 : 1))
    .slice(0, limit)
    .map(({ userId, total }, index) => ({
      rank: index + 1,
      user_id: userId,
      total_spend: toUnits(total.cents),
      total_spend_cents: total.cents,
      order_count: total.count,
    }));

async function topOfShard(redis: RedisClient, shard: Shard, limit: number): Promise<Row[]> {
  const key = topUsersKey(shard);
  const reply = await redis.topUsers(key, limit, userKeyPrefix(shard)).catch((error) => {
    throw corruptionOf(key, error);
  });
  return readRows(redis, shard, v.parse(v.string(), reply));
}

/** Reads what {@link rankLua} returns. A user that it could not read is asked for once more. */
export async function readRows(redis: RedisClient, shard: Shard, reply: string): Promise<Row[]> {
  const lines = reply.split('\n').filter(Boolean);
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
