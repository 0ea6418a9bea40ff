import { TOP_USERS } from '../../lib/counting/countScript.ts';
import type { RedisClient } from '../../lib/redis/client.ts';
import { type Shard, shardOf, shardsOf, topUsersFloorKey, topUsersKey } from '../../lib/stats/keys.ts';
import { type Difference, difference, isWrongType, wrongType } from './differences.ts';
import { centsOf, formatUnits } from './recountedOrder.ts';
import type { RecountedUser } from './totals.ts';

/** Members that Redis returns in one step. */
const MEMBERS_PER_STEP = 5000;
/** The largest total in currency units. */
const LARGEST_SCORE = 90_000_000_000_000;

/**
 * Compares the leaderboard of each shard with the users of the shard. The score of a member is the user's total, to the
 * cent. The leaderboard holds all users, or with a floor those that rank above it, which are at least 1,000.
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

/** The first user that is not in the leaderboard, with the user's total. */
type Floor = { readonly userId: string; readonly cents: bigint };

/** @returns a difference when the key does not hold a floor */
async function readFloor(redis: RedisClient, key: string): Promise<Floor | Difference | undefined> {
  try {
    const text = await redis.get(key);
    if (text === null) return undefined;
    const [, cents, userId] = /^(\d{1,16}) (\S+)$/.exec(text) ?? [];
    if (cents === undefined || userId === undefined) return difference(key, 'value', '<cents> <user id>', text, true);
    return { userId, cents: BigInt(cents) };
  } catch (error) {
    if (isWrongType(error)) return wrongType(key, 'string');
    throw error;
  }
}

/** @returns scores by member; undefined when the key is not a sorted set */
async function readScores(redis: RedisClient, key: string): Promise<Map<string, string> | undefined> {
  const scores = new Map<string, string>();
  try {
    for (let start = 0; ; start += MEMBERS_PER_STEP) {
      const reply = await redis.zrange(key, start, String(start + MEMBERS_PER_STEP - 1), 'WITHSCORES');
      for (let index = 0; index < reply.length; index += 2) scores.set(reply[index] ?? '', reply[index + 1] ?? '');
      if (reply.length < 2 * MEMBERS_PER_STEP) return scores;
    }
  } catch (error) {
    if (isWrongType(error)) return undefined;
    throw error;
  }
}

function compareLeaderboard(
  key: string,
  scores: ReadonlyMap<string, string>,
  floor: Floor | undefined,
  cents: ReadonlyMap<string, bigint>,
): Difference[] {
  const found: Difference[] = [];
  for (const [member, score] of scores) found.push(...compareScore(key, member, Number(score), cents.get(member)));
  const isAboveFloor = (userId: string, cents: bigint) =>
    !floor || cents > floor.cents || (cents === floor.cents && userId < floor.userId);
  for (const [userId, total] of cents) {
    const [should, score] = [isAboveFloor(userId, total), scores.get(userId)];
    if (should && score === undefined) found.push(difference(key, userId, formatUnits(total), null));
    // A wrong score was found above.
    if (!should && score !== undefined && centsOf(Number(score)) === total)
      found.push(difference(key, userId, null, score));
  }
  if (floor && scores.size < TOP_USERS.least)
    found.push(difference(key, 'members', `${TOP_USERS.least} or more`, `${scores.size}`));
  return found;
}

/** @param score - 0.3 may be 0.29999999999999999 in Redis */
function compareScore(key: string, member: string, score: number, cents: bigint | undefined): Difference[] {
  if (cents !== undefined && centsOf(score) === cents) return [];
  const isCorrupt = !(score >= 0 && score <= LARGEST_SCORE);
  return [difference(key, member, cents === undefined ? null : formatUnits(cents), String(score), isCorrupt)];
}
