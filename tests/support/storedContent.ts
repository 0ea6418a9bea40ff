import { isDeepStrictEqual } from 'node:util';
import type { Redis } from 'ioredis';
import { primariesOf, type RedisClient } from '../../lib/redis/client.ts';
import { MESSAGE_FIELDS, type ShardModel } from './model.ts';
import type { Total, Totals } from './modelTotals.ts';

/*
 * What an operator sees with redis-cli. The names of keys and fields, and the size of the leaderboard, are repeated here
 * instead of imported from lib/, so that tests find an error there.
 */

/** Sends a command to a node. */
export type Ask = (command: string, ...args: (string | number)[]) => Promise<unknown>;

/** The primaries of a Redis or a cluster. */
export const nodesOf = (redis: RedisClient): Ask[] =>
  primariesOf(redis).map(
    (node) =>
      (command, ...args) =>
        node.call(command, ...args),
  );

/** What comes before the name of a key on a cluster: the shard. */
const SHARD = /^\{\d+\}:/;

export const prefixOf = (key: string): string => SHARD.exec(key)?.[0] ?? '';

/** Users that the leaderboard holds at least, where there are as many. */
const LEAST_TOP = 1000;

/** Every hash, and every leaderboard as scores by user, by key; without the ledger, which is binary, the checkpoint and the dead letters. */
export type Content = ReadonlyMap<string, Readonly<Record<string, string>>>;

export async function visibleContent(nodes: readonly Ask[]): Promise<Content> {
  const content = new Map<string, Record<string, string>>();
  for (const ask of nodes) {
    for (const key of texts(await ask('KEYS', '*')).sort()) {
      const name = key.slice(prefixOf(key).length);
      if (/^global:(ledger:.*|top-users:floor|checkpoint|dead-letters)$/.test(name)) continue;
      content.set(key, name === 'global:top-users' ? await scoresOf(ask, key) : toRecord(await ask('HGETALL', key)));
    }
  }
  return content;
}

/** The scores of a leaderboard, by user. */
export const scoresOf = async (ask: Ask, key: string): Promise<Record<string, string>> =>
  toRecord(await ask('ZRANGE', key, 0, -1, 'WITHSCORES'));

/** Compares all totals and leaderboards with those of a model, by shard. @returns what differs */
export function differences(content: Content, shards: ReadonlyMap<string, Totals>): string[] {
  const found: string[] = [];
  const others = new Map(content);
  for (const [prefix, totals] of shards) {
    const key = `${prefix}global:top-users`;
    found.push(...topDifferences(key, totals, content.get(key) ?? {}));
    others.delete(key);
    const hours = `${prefix}global:hours`;
    found.push(...hourDifferences(hours, totals, content.get(hours) ?? {}));
    others.delete(hours);
    for (const [name, right] of hashesOf(totals)) {
      const hash = content.get(prefix + name);
      others.delete(prefix + name);
      if (!isDeepStrictEqual(hash, right)) {
        found.push(`${prefix}${name} is ${JSON.stringify(hash) ?? 'missing'}, not ${JSON.stringify(right)}`);
      }
    }
  }
  for (const [key, hash] of others) {
    if (!key.endsWith('global:messages')) found.push(`${key} should not exist: ${JSON.stringify(hash)}`);
  }
  return found;
}

const isMessageField = (field: string): boolean => MESSAGE_FIELDS.some((name) => name === field);

/** Compares how many deliveries had each result with a model, by shard. @returns what differs */
export function messageDifferences(content: Content, shards: ReadonlyMap<string, ShardModel>): string[] {
  const found: string[] = [];
  for (const [prefix, shard] of shards) {
    const key = `${prefix}global:messages`;
    const hash = content.get(key) ?? {};
    for (const field of MESSAGE_FIELDS) {
      const [count, { least, most }] = [Number(hash[field] ?? 0), shard.messages(field)];
      if (!(count >= least && count <= most)) found.push(`${key} has ${count} ${field}, not ${least} to ${most}`);
    }
    const pace = Object.fromEntries(Object.entries(hash).filter(([field]) => !isMessageField(field)));
    if (!isDeepStrictEqual(pace, shard.pace)) {
      found.push(`${key} has ${JSON.stringify(pace)}, not ${JSON.stringify(shard.pace)}`);
    }
  }
  return found;
}

function* hashesOf({ months, days, users }: Totals): Generator<[key: string, hash: Record<string, string>]> {
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

/** Redis holds some hours more. */
function hourDifferences(key: string, totals: Totals, hash: Readonly<Record<string, string>>): string[] {
  const { hours, hoursSince } = totals;
  const since = (all: object) => Object.fromEntries(Object.entries(all).filter(([hour]) => hour >= (hoursSince ?? '')));
  const [is, right] = [since(hash), since(fieldsOf(hours))];
  if (hoursSince === undefined || isDeepStrictEqual(is, right)) return [];
  return [`${key} is ${JSON.stringify(is)} since ${hoursSince}, not ${JSON.stringify(right)}`];
}

const decimal = (cents: number): string => `${Math.floor(cents / 100)}.${`${cents % 100}`.padStart(2, '0')}`;

/** Compares a leaderboard with that of a model. @returns what differs */
export function topDifferences(key: string, totals: Totals, scores: Readonly<Record<string, string>>): string[] {
  const found: string[] = [];
  for (const [userId, score] of Object.entries(scores)) {
    const [cents, right] = [Math.round(Number(score) * 100), totals.users.get(userId)?.get('')?.cents];
    if (right !== cents) found.push(`${key} has ${userId} with ${cents} cents, not ${right}`);
  }
  for (const { userId } of totals.ranking.slice(0, LEAST_TOP))
    if (!Object.hasOwn(scores, userId)) found.push(`${key} lacks ${userId}`);
  return found;
}

/** ioredis gives members and scores as pairs. */
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.flat().map(String) : []);

function toRecord(value: unknown): Record<string, string> {
  const flat = texts(value);
  const record: Record<string, string> = {};
  for (let n = 0; n < flat.length; n += 2) record[flat[n] ?? ''] = flat[n + 1] ?? '';
  return record;
}

/** All that Redis holds, ledger and expiries included, but for the results of messages: it shows that nothing changed. */
export async function redisContent(redis: Redis): Promise<Record<string, unknown>> {
  const content: Record<string, unknown> = {};
  for (const key of (await redis.keys('*')).sort()) {
    if (key === 'global:messages') continue;
    const type = await redis.type(key);
    const value =
      type === 'hash'
        ? await redis.hgetall(key)
        : type === 'zset'
          ? await redis.zrange(key, 0, '-1', 'WITHSCORES')
          : await redis.dump(key);
    content[key] = { value, expires: await redis.expiretime(key) };
  }
  return content;
}
