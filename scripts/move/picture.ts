import { formatCents } from '../../lib/orders/money.ts';
import type { RedisClient } from '../../lib/redis/client.ts';
import { corruptionOf } from '../../lib/redis/errors.ts';
import { GLOBAL_FIELDS, globalDaysKey, globalStatsKey, type Shard, shardsOf } from '../../lib/stats/keys.ts';
import { type Messages, readMessages } from '../../lib/stats/messages.ts';
import { readTopUsers, type TopUser } from '../../lib/stats/topUsers.ts';
import { readTotal, sumOf, type Total } from '../../lib/stats/totals.ts';
import type { Show } from '../shared/progress.ts';
import { type LedgerSummary, summarizeLedger } from './ledger.ts';
import { totalText } from './totals.ts';

/** Users of the leaderboard that are compared: as many as the API shows. */
const TOP_USERS = 100;

/** All that a Redis or a Redis Cluster holds, but for single users; what is global is the sum of its shards. */
export type Picture = {
  readonly total: Total;
  readonly months: ReadonlyMap<string, Total>;
  readonly days: Map<string, Total>;
  readonly topUsers: readonly TopUser[];
  readonly messages: Messages;
  readonly ledger: LedgerSummary;
};

/**
 * @param shards those of the Redis that the ledger moves to
 * @throws CorruptKeyError, or the error of Redis or of the connection
 */
export async function readPicture(redis: RedisClient, shards: readonly Shard[], show: Show): Promise<Picture> {
  const ledger = await summarizeLedger(redis, shards, show);
  let total = sumOf([]);
  const months = new Map<string, Total>();
  const days = new Map<string, Total>();
  const [countField, amountField] = GLOBAL_FIELDS;
  for (const shard of shardsOf(redis)) {
    const stats = globalStatsKey(shard);
    const { [countField]: count = 0, [amountField]: amount = '0.00', ...rest } = await readHash(redis, stats);
    total = sumOf([readTotal(stats, `${count} ${amount}`), total]);
    addAll(months, stats, rest);
    addAll(days, globalDaysKey(shard), await readHash(redis, globalDaysKey(shard)));
  }
  return {
    total,
    months,
    days,
    topUsers: await readTopUsers(redis, TOP_USERS),
    messages: await readMessages(redis),
    ledger,
  };
}

const readHash = (redis: RedisClient, key: string): Promise<Record<string, string>> =>
  redis.hgetall(key).catch((error) => {
    throw corruptionOf(key, error);
  });

function addAll(totals: Map<string, Total>, key: string, texts: Record<string, string>): void {
  for (const [field, text] of Object.entries(texts))
    totals.set(field, sumOf([readTotal(key, text), totals.get(field)]));
}

/** One part that was compared. */
export type Comparison = { readonly part: string; readonly isEqual: boolean; readonly detail: string };

/** Compares two pictures part by part. */
export const comparePictures = (from: Picture, to: Picture): Comparison[] => [
  compare('orders', String(from.total.count), String(to.total.count)),
  compare('revenue', formatCents(from.total.cents), formatCents(to.total.cents)),
  compareTotals('months', from.months, to.months),
  compareTotals('days', from.days, to.days),
  compareTopUsers(from.topUsers, to.topUsers),
  compareMessages(from.messages, to.messages),
  compare('ledger records', String(from.ledger.records), String(to.ledger.records)),
  compare('checksum of the ledger records', from.ledger.checksum.toString(16), to.ledger.checksum.toString(16)),
];

/** @param place what differs, where a part has several places */
function compare(part: string, from: string, to: string, place = ''): Comparison {
  const isEqual = from === to;
  return { part, isEqual, detail: isEqual ? from : `${place}${from} at the source, ${to} at the target` };
}

function compareTotals(part: string, from: Picture['months'], to: Picture['months']): Comparison {
  const textIn = (totals: Picture['months'], field: string) => {
    const total = totals.get(field);
    return total ? totalText(total) : 'none';
  };
  const fields = [...new Set([...from.keys(), ...to.keys()])].sort();
  const different = fields.find((field) => textIn(from, field) !== textIn(to, field));
  if (different === undefined) return { part, isEqual: true, detail: String(fields.length) };
  return compare(part, textIn(from, different), textIn(to, different), `${different}: `);
}

function compareTopUsers(from: readonly TopUser[], to: readonly TopUser[]): Comparison {
  const part = 'leaderboard';
  const textOf = (user: TopUser | undefined) =>
    user ? `${user.user_id} with ${user.order_count} orders, ${user.total_spend.toFixed(2)}` : 'none';
  const ranks = Math.max(from.length, to.length);
  for (let rank = 0; rank < ranks; rank++) {
    const line = compare(part, textOf(from[rank]), textOf(to[rank]), `rank ${rank + 1}: `);
    if (!line.isEqual) return line;
  }
  return { part, isEqual: true, detail: `the first ${ranks}` };
}

function compareMessages(from: Messages, to: Messages): Comparison {
  const part = 'messages';
  const textsOf = ({ counts, lastCounted }: Messages) =>
    Object.entries({ ...counts, 'last counted': lastCounted ?? 'never' }).map(([name, value]) => `${name} ${value}`);
  const [source, target] = [textsOf(from), textsOf(to)];
  const different = source.findIndex((text, index) => text !== target[index]);
  return compare(part, source[different] ?? 'all counts', target[different] ?? 'all counts');
}
