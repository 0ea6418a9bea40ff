import type { RedisClient } from '../../lib/redis/client.ts';
import { corruptionOf } from '../../lib/redis/errors.ts';
import { type Shard, shardOf, shardsOf, USER_FIELDS, userStatsKey } from '../../lib/stats/keys.ts';
import { readTotal, sumOf, type Total } from '../../lib/stats/totals.ts';
import type { Show } from '../shared/progress.ts';
import { allUsers, type FoundUser } from './keys.ts';
import type { Comparison } from './picture.ts';

/** What the users of a shard add up to. */
export type UsersOfShard = { total: Total; readonly months: Map<string, Total>; readonly highest: HighestUsers };

/**
 * Copies the hash of every user to the shard of the target that it belongs to, and adds them up there.
 *
 * @param target holds no users yet
 * @throws CorruptKeyError, or the error of Redis or of the connection
 */
export async function copyUsers(
  source: RedisClient,
  target: RedisClient,
  show: Show,
): Promise<ReadonlyMap<Shard, UsersOfShard>> {
  const shards = shardsOf(target);
  const ofShards = new Map<Shard, UsersOfShard>();
  let users = 0;
  for await (const found of allUsers(source)) {
    await Promise.all(
      found.map(async (user) => {
        const { userId } = user;
        const hash = await readUser(source, user);
        if (Object.keys(hash).length === 0) return;
        const shard = shardOf(shards, userId);
        // The scan may find a user twice: only the first time are there fields to add.
        if ((await target.hset(userStatsKey(shard, userId), hash)) === 0) return;
        const ofShard = ofShards.get(shard) ?? { total: sumOf([]), months: new Map(), highest: new HighestUsers() };
        ofShards.set(shard, ofShard);
        addUser(ofShard, userId, hash, userStatsKey(user.shard, userId));
        users++;
      }),
    );
    show(() => `copied ${users} users`);
  }
  return ofShards;
}

function addUser(ofShard: UsersOfShard, userId: string, hash: Record<string, string>, key: string): void {
  const [countField, amountField] = USER_FIELDS;
  const { [countField]: count, [amountField]: amount, ...months } = hash;
  const total = readTotal(key, `${count} ${amount}`);
  ofShard.total = sumOf([total, ofShard.total]);
  ofShard.highest.add(userId, total.cents);
  for (const [month, text] of Object.entries(months)) {
    ofShard.months.set(month, sumOf([readTotal(key, text), ofShard.months.get(month)]));
  }
}

/** Compares the hash of every user of the source with that of the target. */
export async function compareUsers(source: RedisClient, target: RedisClient, show: Show): Promise<Comparison> {
  const shards = shardsOf(target);
  let different: string | undefined;
  let compared = 0;
  for await (const found of allUsers(source)) {
    await Promise.all(
      found.map(async (user) => {
        const { userId } = user;
        const [one, other] = await Promise.all([
          readUser(source, user),
          readUser(target, { shard: shardOf(shards, userId), userId }),
        ]);
        if (textOf(one) !== textOf(other)) different ??= userId;
      }),
    );
    compared += found.length;
    show(() => `compared ${compared} users`);
  }
  const isEqual = different === undefined;
  return { part: 'users', isEqual, detail: isEqual ? 'each of them' : `${different} is not the same` };
}

const textOf = (hash: Record<string, string>): string => JSON.stringify(Object.entries(hash).sort());

async function readUser(redis: RedisClient, { shard, userId }: FoundUser): Promise<Record<string, string>> {
  const key = userStatsKey(shard, userId);
  return redis.hgetall(key).catch((error) => {
    throw corruptionOf(key, error);
  });
}

/** Users that a leaderboard gets: between the 1,000 and 2,000 that counting keeps. */
const KEPT = 1500;

type Score = { readonly userId: string; readonly cents: number };

/** By what they spent, of equal ones by id: the order of the leaderboard. */
const inOrder = (one: Score, other: Score): number => other.cents - one.cents || (one.userId < other.userId ? -1 : 1);

/** Keeps the users that spent most, and the first of all others. */
class HighestUsers {
  #scores: Score[] = [];
  #floor: Score | undefined;

  add(userId: string, cents: number): void {
    this.#scores.push({ userId, cents });
    if (this.#scores.length >= 2 * KEPT) this.#cut();
  }

  /** The highest users, and the first user that is left out; undefined where none is. */
  get(): { readonly scores: readonly Score[]; readonly floor: Score | undefined } {
    this.#cut();
    return { scores: this.#scores, floor: this.#floor };
  }

  #cut(): void {
    this.#scores.sort(inOrder);
    const [first] = this.#scores.splice(KEPT);
    if (first && (!this.#floor || inOrder(first, this.#floor) < 0)) this.#floor = first;
  }
}
