import type { RedisClient } from '../../lib/redis/client.ts';
import { MESSAGE_FIELDS } from '../../lib/results.ts';
import {
  COUNTED_MINUTE_BEFORE,
  COUNTED_THAT_MINUTE,
  checkpointKey,
  GLOBAL_FIELDS,
  globalDaysKey,
  globalHoursKey,
  globalMessagesKey,
  globalStatsKey,
  LAST_COUNTED,
  LAST_RESTORED,
  PERMANENT_KEYS,
  REPLAYED_UNTIL,
  type Shard,
  shardsOf,
} from '../../lib/stats/keys.ts';
import type { Show } from '../shared/progress.ts';
import {
  compareHash,
  type Difference,
  difference,
  expiryOf,
  type Fields,
  fieldsOf,
  readHash,
  wrongType,
} from './differences.ts';
import { compareLeaderboards } from './leaderboard.ts';
import { compareLedgers } from './ledger.ts';
import type { RecountedTotals } from './totals.ts';
import { compareUsers } from './users.ts';

/**
 * Compares everything that Redis holds of orders with the recount, in both directions.
 *
 * @param show - called after every step
 * @throws the error of Redis or of the connection
 */
export async function compareAll(redis: RedisClient, totals: RecountedTotals, show: Show): Promise<Difference[]> {
  return [
    ...(await compareTotals(redis, totals)),
    ...(await compareHours(redis, totals)),
    ...(await compareLeaderboards(redis, totals.users)),
    ...(await compareNumbers(redis, globalMessagesKey, OF_MESSAGES)),
    ...(await compareNumbers(redis, checkpointKey, OF_CHECKPOINT, ['fence'])),
    ...(await compareExpiries(redis)),
    ...(await compareUsers(redis, totals.users, show)),
    ...(await compareLedgers(redis, totals, show)),
  ];
}

/** The totals of each shard. */
async function compareTotals(redis: RedisClient, { ofShards }: RecountedTotals): Promise<Difference[]> {
  const expected = [...ofShards].flatMap(([shard, { all, months, days }]): [string, Fields][] => [
    [globalStatsKey(shard), fieldsOf(months, GLOBAL_FIELDS, all)],
    [globalDaysKey(shard), fieldsOf(days)],
  ]);
  const found = expected.map(async ([key, fields]) => {
    const hash = await readHash(redis, key);
    return hash ? compareHash(key, fields, hash) : [wrongType(key, 'hash')];
  });
  return (await Promise.all(found)).flat();
}

/** Redis keeps hours for 96 hours. A clock that went back may have left out the first 12. */
const SURE_SECONDS = 84 * 3600;

/** The hours of each shard that Redis must still have. Older ones may be there or not. */
async function compareHours(redis: RedisClient, { ofShards }: RecountedTotals): Promise<Difference[]> {
  const [now = 0] = (await redis.time()).map(Number);
  const first = new Date((now - SURE_SECONDS) * 1000).toISOString().slice(0, 'YYYY-MM-DDTHH'.length);
  const found = Array.from(ofShards, async ([shard, { hours }]) => {
    const key = globalHoursKey(shard);
    const hash = await readHash(redis, key);
    if (!hash) return [wrongType(key, 'hash')];
    return compareHash(key, fieldsOf(hours), hash).filter(({ field }) => field >= first);
  });
  return (await Promise.all(found)).flat();
}

const OF_MESSAGES = [...MESSAGE_FIELDS, LAST_COUNTED, LAST_RESTORED, COUNTED_THAT_MINUTE, COUNTED_MINUTE_BEFORE];
const OF_CHECKPOINT = [REPLAYED_UNTIL, 'clock', 'born', 'lost'];

/** The files say nothing about deliveries and replays, so only corrupt numbers and unknown fields of them are found. */
async function compareNumbers(
  redis: RedisClient,
  keyOf: (shard: Shard) => string,
  numbers: readonly string[],
  texts: readonly string[] = [],
): Promise<Difference[]> {
  const found = shardsOf(redis).map(async (shard) => {
    const key = keyOf(shard);
    const hash = await readHash(redis, key);
    if (!hash) return [wrongType(key, 'hash')];
    return [...hash].flatMap(([field, value]) => {
      if (texts.includes(field)) return [];
      if (!numbers.includes(field)) return [difference(key, field, null, value)];
      return /^\d{1,15}$/.test(value) ? [] : [difference(key, field, 'a whole number', value, true)];
    });
  });
  return (await Promise.all(found)).flat();
}

async function compareExpiries(redis: RedisClient): Promise<Difference[]> {
  const ofShards = PERMANENT_KEYS.flatMap((keyOf) => shardsOf(redis).map(keyOf));
  const found = ofShards.map(async (key) => expiryOf(key, await redis.expiretime(key)));
  return (await Promise.all(found)).flat();
}
