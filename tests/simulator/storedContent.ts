import { isDeepStrictEqual } from 'node:util';
import { MESSAGE_FIELDS, type ShardModel, type Total } from './model.ts';
import type { RedisNode } from './redisNode.ts';
import type { Value } from './resp.ts';

/*
 * What an operator sees with redis-cli, compared with the model: the names of keys and fields stand here once more, and
 * are not taken from lib.
 */

/** Users that the leaderboard holds at least, where there are as many. */
const LEAST_TOP = 1000;

/** Compares all that Redis holds with the model. @returns what differs, empty where nothing does */
export async function differences(
  nodes: readonly RedisNode[],
  shards: ReadonlyMap<string, ShardModel>,
): Promise<string[]> {
  const expected = new Map<string, Record<string, string>>();
  for (const [prefix, shard] of shards) for (const [key, hash] of hashesOf(shard)) expected.set(prefix + key, hash);
  const found: string[] = [];
  for (const node of nodes) {
    for (const key of texts(await node.command('KEYS', '*')).sort()) {
      const name = key.replace(/^\{\d+\}:/, '');
      if (name.startsWith('global:ledger:')) continue;
      if (name === 'global:top-users:floor') continue;
      if (name === 'global:top-users') {
        const shard = shards.get(key.slice(0, -name.length));
        if (shard)
          found.push(...topDifferences(key, shard, texts(await node.command('ZRANGE', key, 0, -1, 'WITHSCORES'))));
        continue;
      }
      const hash = toRecord(texts(await node.command('HGETALL', key)));
      if (name === 'global:messages') {
        const shard = shards.get(key.slice(0, -name.length));
        if (shard) found.push(...messageDifferences(key, hash, shard));
        continue;
      }
      const right = expected.get(key) ?? {};
      if (!isDeepStrictEqual(hash, right))
        found.push(`${key} holds ${JSON.stringify(hash)}, not ${JSON.stringify(right)}`);
      expected.delete(key);
    }
  }
  for (const [key, hash] of expected) found.push(`${key} is missing: ${JSON.stringify(hash)}`);
  return found;
}

function* hashesOf({ months, days, users }: ShardModel): Generator<[key: string, hash: Record<string, string>]> {
  if (months.size > 0) yield ['global:stats', fieldsOf(months, 'total_orders', 'total_revenue')];
  if (days.size > 0) yield ['global:days', fieldsOf(days)];
  for (const [userId, totals] of users) yield [`user:${userId}`, fieldsOf(totals, 'order_count', 'total_spend')];
}

function fieldsOf(totals: ReadonlyMap<string, Total>, countField = '', amountField = ''): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [field, { orders, cents }] of totals) {
    if (field === '') Object.assign(fields, { [countField]: `${orders}`, [amountField]: decimal(cents) });
    else fields[field] = `${orders} ${decimal(cents)}`;
  }
  return fields;
}

const decimal = (cents: number): string => `${Math.floor(cents / 100)}.${`${cents % 100}`.padStart(2, '0')}`;

function messageDifferences(key: string, hash: Readonly<Record<string, string>>, shard: ShardModel): string[] {
  const found: string[] = [];
  for (const field of MESSAGE_FIELDS) {
    const [count, { least, most }] = [Number(hash[field] ?? 0), shard.messages(field)];
    if (!(count >= least && count <= most)) found.push(`${key} has ${count} ${field}, not ${least} to ${most}`);
  }
  if (hash.last_counted !== shard.lastCounted?.toString()) {
    found.push(`${key} was last counted at ${hash.last_counted}, not ${shard.lastCounted}`);
  }
  return found;
}

function topDifferences(key: string, { users }: ShardModel, members: readonly string[]): string[] {
  const found: string[] = [];
  const scores = new Map<string, number>();
  for (let n = 0; n < members.length; n += 2) scores.set(members[n] ?? '', Math.round(Number(members[n + 1]) * 100));
  for (const [userId, cents] of scores) {
    const right = users.get(userId)?.get('')?.cents;
    if (right !== cents) found.push(`${key} has ${userId} with ${cents} cents, not ${right}`);
  }
  const ranked = [...users].map(([userId, totals]) => ({ userId, cents: totals.get('')?.cents ?? 0 }));
  ranked.sort((a, b) => b.cents - a.cents || (a.userId < b.userId ? -1 : 1));
  for (const { userId } of ranked.slice(0, LEAST_TOP)) if (!scores.has(userId)) found.push(`${key} lacks ${userId}`);
  return found;
}

const texts = (value: Value): string[] => (Array.isArray(value) ? value.map(String) : []);

function toRecord(flat: readonly string[]): Record<string, string> {
  const record: Record<string, string> = {};
  for (let n = 0; n < flat.length; n += 2) record[flat[n] ?? ''] = flat[n + 1] ?? '';
  return record;
}
