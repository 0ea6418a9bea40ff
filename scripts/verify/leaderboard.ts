import type { RedisClient } from '../../lib/redis/client.ts';
import { type Shard, shardOf, shardsOf, topUsers } from '../../lib/stats/keys.ts';
import { type Difference, isWrongType, wrongType } from './differences.ts';
import type { RecountedUser } from './recount.ts';
import { centsOf, formatUnits } from './recountedOrder.ts';

/** Users that a leaderboard holds at least, where there are as many. */
const LEAST_USERS = 1000;
/** Places that the API shows, which have to be exact. */
const PLACES = 100;
/** Members that Redis is asked for in one step. */
const MEMBERS_A_STEP = 5000;

/**
 * Compares the leaderboard of each shard with the users of the shard. The score of a member is the user's total, to the
 * cent. All users are there, or at least 1,000: those with the highest totals, of equal ones among the first 100 those
 * that come first by user id.
 *
 * @throws the error of Redis or of the connection
 */
export async function compareLeaderboards(
  redis: RedisClient,
  users: ReadonlyMap<string, RecountedUser>,
): Promise<Difference[]> {
  const shards = shardsOf(redis);
  const ofShards = new Map<Shard, User[]>(shards.map((shard) => [shard, []]));
  for (const [userId, { all }] of users) ofShards.get(shardOf(shards, userId))?.push({ userId, cents: all.cents });
  const found: Difference[] = [];
  for (const [shard, ofShard] of ofShards) {
    const key = topUsers(shard);
    const scores = await readScores(redis, key);
    found.push(...(scores ? compareLeaderboard(key, scores, ofShard) : [wrongType(key, 'sorted set')]));
  }
  return found;
}

type User = { readonly userId: string; readonly cents: bigint };

function compareLeaderboard(key: string, scores: ReadonlyMap<string, string>, users: readonly User[]): Difference[] {
  const found: Difference[] = [];
  const cents = new Map(users.map((user) => [user.userId, user.cents]));
  let lowest: bigint | undefined;
  for (const [member, score] of scores) {
    const expected = cents.get(member);
    if (expected !== undefined && (lowest === undefined || expected < lowest)) lowest = expected;
    const difference = compareScore(key, member, score, expected);
    if (difference) found.push(difference);
  }
  const sorted = users.toSorted((a, b) => Number(b.cents - a.cents) || (a.userId < b.userId ? -1 : 1));
  for (const [index, user] of sorted.entries()) {
    const hasToBeThere = users.length <= LEAST_USERS || index < PLACES || (lowest !== undefined && user.cents > lowest);
    if (!hasToBeThere || scores.has(user.userId)) continue;
    found.push({ key, field: user.userId, expected: formatUnits(user.cents), actual: null, corrupt: false });
  }
  if (users.length > LEAST_USERS && scores.size < LEAST_USERS) {
    found.push({ key, field: 'members', expected: `${LEAST_USERS} or more`, actual: `${scores.size}`, corrupt: false });
  }
  return found;
}

/** Scores by member; undefined when the key holds something else. */
async function readScores(redis: RedisClient, key: string): Promise<Map<string, string> | undefined> {
  const scores = new Map<string, string>();
  for (let start = 0; ; start += MEMBERS_A_STEP) {
    let reply: string[];
    try {
      reply = await redis.zrange(key, start, String(start + MEMBERS_A_STEP - 1), 'WITHSCORES');
    } catch (error) {
      if (isWrongType(error)) return undefined;
      throw error;
    }
    for (let index = 0; index < reply.length; index += 2) scores.set(reply[index] ?? '', reply[index + 1] ?? '');
    if (reply.length < 2 * MEMBERS_A_STEP) return scores;
  }
}

function compareScore(key: string, member: string, text: string, cents: bigint | undefined): Difference | undefined {
  // Redis may write a score of 0.3 as 0.29999999999999999.
  const score = Number(text);
  if (cents !== undefined && centsOf(score) === cents) return undefined;
  return {
    key,
    field: member,
    expected: cents === undefined ? null : formatUnits(cents),
    actual: String(score),
    corrupt: !(score >= 0 && score <= LARGEST_SCORE),
  };
}

/** The largest total in currency units. */
const LARGEST_SCORE = 90_000_000_000_000;
