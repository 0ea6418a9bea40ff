import type { RedisClient } from '../../lib/redisClient.ts';
import { isWrongType } from '../../lib/stats/damagedKey.ts';
import { topUsers } from '../../lib/stats/keys.ts';
import { MAX_TOTAL_CENTS } from '../../lib/stats/maxTotal.ts';
import { centsOf, formatUnits } from './decimal.ts';
import { type Difference, wrongType } from './difference.ts';
import type { Total } from './recount.ts';

/** Members that Redis is asked for in one step. */
const MEMBERS_A_STEP = 5000;

/**
 * Compares the leaderboard: the same users, each with a score that equals the total to the cent.
 *
 * @throws the error of Redis or of the connection
 */
export async function compareLeaderboard(
  redis: RedisClient,
  users: ReadonlyMap<string, Readonly<Total>>,
): Promise<Difference[]> {
  const missing = new Set(users.keys());
  const found: Difference[] = [];
  for (let start = 0; ; start += MEMBERS_A_STEP) {
    const reply = await readMembers(redis, start);
    if (!reply) return [wrongType(topUsers, 'sorted set')];
    for (let index = 0; index < reply.length; index += 2) {
      const [member = '', score = ''] = reply.slice(index, index + 2);
      missing.delete(member);
      const difference = compareScore(member, score, users.get(member)?.cents);
      if (difference) found.push(difference);
    }
    if (reply.length < 2 * MEMBERS_A_STEP) break;
  }
  for (const [member, { cents }] of users) {
    if (!missing.has(member)) continue;
    found.push({ key: topUsers, field: member, expected: formatUnits(cents), actual: null, damaged: false });
  }
  return found;
}

/** Members and scores in turn, from a rank on; undefined when the key holds something else. */
async function readMembers(redis: RedisClient, start: number): Promise<string[] | undefined> {
  try {
    return await redis.zrange(topUsers, start, String(start + MEMBERS_A_STEP - 1), 'WITHSCORES');
  } catch (error) {
    if (isWrongType(error)) return undefined;
    throw error;
  }
}

function compareScore(member: string, text: string, cents: bigint | undefined): Difference | undefined {
  // Redis may write a score of 0.3 as 0.29999999999999999.
  const score = Number(text);
  const expected = cents === undefined ? null : formatUnits(cents);
  if (expected !== null) {
    // Beyond 9e13 neighbouring doubles are more than a cent apart: there the nearest one has to do.
    if (centsOf(score) === cents || score === Number(expected)) return undefined;
  }
  return {
    key: topUsers,
    field: member,
    expected,
    actual: String(score),
    damaged: !(score >= 0 && score <= MAX_TOTAL_CENTS / 100),
  };
}
