import { primariesOf, type RedisClient } from '../../lib/redis/client.ts';
import { GLOBAL_FIELDS, globalStatsKey, type Shard, shardsOf } from '../../lib/stats/keys.ts';
import { readTotals } from '../../lib/stats/totals.ts';
import { moving, ownKeys } from './keys.ts';
import { totalText } from './totals.ts';
import type { UsersOfShard } from './users.ts';

/*
 * A target is marked while it is being copied to, so that a move that broke off can be distinguished from statistics that are
 * not to be lost. The mark is a hash: `from` is the source, and before the totals are written, a field for each shard
 * says which ones: totals that differ from them were counted there by a worker.
 */

/** Why a move is refused. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/**
 * Makes the target ready: marked, and empty of what a move before has left.
 *
 * @param from the source as a person knows it, without a password
 * @throws Refusal, or the error of Redis or of the connection
 */
export async function prepareTarget(source: RedisClient, target: RedisClient, from: string): Promise<void> {
  if (await areSame(source, target)) throw new Refusal('Both URLs name the same Redis');
  if (await source.exists(moving(source))) {
    throw new Refusal('A move to the source is not complete: repeat that one first');
  }
  if (!(await findKey(source))) throw new Refusal('The source holds no statistics');
  const mark = await target.hgetall(moving(target));
  if (mark.from === undefined) {
    const key = await findKey(target);
    if (key)
      throw new Refusal(`The target holds statistics already, ${key} among others: empty it, or name another one`);
    await target.hset(moving(target), 'from', from);
    return;
  }
  if (mark.from !== from) {
    throw new Refusal(`A move from ${mark.from} to the target is not complete: repeat that one, or empty the target`);
  }
  await refuseCounted(target, mark);
  for await (const keys of ownKeys(target)) await Promise.all(keys.map((key) => target.unlink(key)));
}

/** Orders that a worker counted at the target would be lost. */
async function refuseCounted(target: RedisClient, mark: Record<string, string>): Promise<void> {
  for (const shard of shardsOf(target)) {
    const key = globalStatsKey(shard);
    const { total } = await readTotals(target, key, GLOBAL_FIELDS, []);
    if (total && totalText(total) !== mark[key]) {
      throw new Refusal(
        `A worker has counted orders at the target before the move was complete, see ${key}. Empty the target, move again, then send these orders again`,
      );
    }
  }
}

/**
 * Notes which totals are about to be written.
 *
 * @throws Refusal where a worker was faster
 */
export async function noteTotals(target: RedisClient, ofShards: ReadonlyMap<Shard, UsersOfShard>): Promise<void> {
  await refuseCounted(target, {});
  for (const [shard, { total }] of ofShards) {
    await target.hset(moving(target), globalStatsKey(shard), totalText(total));
  }
}

/** Takes the mark away: the move is complete. */
export async function completeTarget(target: RedisClient): Promise<void> {
  await target.del(moving(target));
}

async function findKey(redis: RedisClient): Promise<string | undefined> {
  for await (const [key] of ownKeys(redis)) if (key !== undefined) return key;
  return undefined;
}

/** Whether both lead to the same database of the same server, by whatever name. */
async function areSame(one: RedisClient, other: RedisClient): Promise<boolean> {
  const [ids, others] = await Promise.all([databasesOf(one), databasesOf(other)]);
  return ids.some((id) => others.includes(id));
}

const databasesOf = (redis: RedisClient): Promise<string[]> =>
  Promise.all(
    primariesOf(redis).map(async (node) => {
      const [, id] = /^run_id:(\w+)/m.exec(await node.info('server')) ?? [];
      return `${id}/${node.options.db ?? 0}`;
    }),
  );
