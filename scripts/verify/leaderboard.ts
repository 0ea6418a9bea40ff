import type { RedisClient } from '../../lib/redis/client.ts';
import { type Shard, shardOf, shardsOf, topUsersFloorKey, topUsersKey } from '../../lib/stats/keys.ts';
import { corruptValue, type Difference, isWrongType, wrongType } from './differences.ts';
import type { RecountedUser } from './recount.ts';
import { centsOf, formatUnits } from './recountedOrder.ts';

/** Users that a leaderboard holds at least, where it does not hold all. */
const LEAST_USERS = 1000;
/** Members that Redis is asked for in one step. */
const MEMBERS_A_STEP = 5000;

/**
 * Compares the leaderboard of each shard with the users of the shard. The score of a member is the user's total, to the
 * cent. All users are there, or where there is a floor, those that come before it, at least 1,000.
 *
 * @throws the error of Redis or of the connection
 */
export async function compareLeaderboards(
  redis: RedisClient,
  users: ReadonlyMap<string, RecountedUser>,
): Promise<Difference[]> {
  const shards = shardsOf(redis);
  const ofShards = new Map<Shard, Map<string, bigint>>(shards.map((shard) => [shard, new Map()]));
  for (const [userId, { all }] of users) ofShards.get(shardOf(shards, userId))?.set(userId, all.cents);
  const found: Difference[] = [];
  for (const [shard, cents] of ofShards) {
    const key = topUsersKey(shard);
    const scores = await readScores(redis, key);
    const floor = await readFloor(redis, topUsersFloorKey(shard));
    if (!scores) found.push(wrongType(key, 'sorted set'));
    if (floor && 'field' in floor) found.push(floor);
    else if (scores) found.push(...compareLeaderboard(key, scores, floor, cents));
  }
  return found;
}

/** The first user that is not in the leaderboard, and the cents that put it there. */
type Floor = { readonly userId: string; readonly cents: bigint };

/** Undefined where there is none; the difference where the key holds something else. */
async function readFloor(redis: RedisClient, key: string): Promise<Floor | Difference | undefined> {
  const text = await redis.get(key).catch((error) => {
    if (isWrongType(error)) return undefined;
    throw error;
  });
  if (text === undefined) return wrongType(key, 'string');
  if (text === null) return undefined;
  const [, cents, userId] = /^(\d{1,16}) (\S+)$/.exec(text) ?? [];
  if (cents === undefined || userId === undefined) return corruptValue(key, 'value', '<cents> <user id>', text);
  return { userId, cents: BigInt(cents) };
}

function compareLeaderboard(
  key: string,
  scores: ReadonlyMap<string, string>,
  floor: Floor | undefined,
  cents: ReadonlyMap<string, bigint>,
): Difference[] {
  const found: Difference[] = [];
  const isBeforeFloor = (userId: string, cents: bigint) =>
    !floor || cents > floor.cents || (cents === floor.cents && userId < floor.userId);
  for (const [member, score] of scores) {
    const difference = compareScore(key, member, score, cents.get(member));
    if (difference) found.push(difference);
  }
  for (const [userId, total] of cents) {
    const [should, score] = [isBeforeFloor(userId, total), scores.get(userId)];
    const isRight = score === undefined || centsOf(Number(score)) === total;
    if (should === (score !== undefined) || !isRight) continue;
    const [expected, actual] = [should ? formatUnits(total) : null, score ?? null];
    found.push({ key, field: userId, expected, actual, corrupt: false });
  }
  if (floor && scores.size < LEAST_USERS) {
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
