import type { Result } from 'ioredis';
import * as v from 'valibot';
import { luaConstants } from '../counting/luaScript.ts';
import type { RedisClient } from '../redis/client.ts';
import { CorruptKeyError } from '../redis/errors.ts';
import {
  checkpointKey,
  deadLettersKey,
  GLOBAL_FIELDS,
  globalDaysKey,
  globalHoursKey,
  globalMessagesKey,
  globalStatsKey,
  REPLAYED_UNTIL,
  type Shard,
  topUsersKey,
  userKeyPrefix,
} from './keys.ts';
import overviewSource from './overview.lua';
import { type Row, rankLua, readRows } from './topUsers.ts';
import { type Part, readTotal } from './totals.ts';

/** The script as Redis gets it; overview.lua says what it takes and returns. */
export const overviewLua = [
  luaConstants({ TOTAL_ORDERS: GLOBAL_FIELDS[0], TOTAL_REVENUE: GLOBAL_FIELDS[1], UNTIL: REPLAYED_UNTIL }),
  rankLua,
  overviewSource,
].join('\n');

declare module 'ioredis' {
  interface RedisCommander<Context> {
    overviewScript(keys: number, ...keysAndArgs: (string | number)[]): Result<unknown, Context>;
  }
}

/** Makes the script known to the client; ioredis then sends its SHA-1 instead of the text. */
export function defineOverviewScript(redis: RedisClient): void {
  redis.defineCommand('overviewScript', { lua: overviewLua });
}

export const TOP_USERS = 10;

/** The statistics of a shard at one moment. `days`: in the order in which they were asked for. */
export type ShardStatistics = {
  readonly total: Part;
  readonly hours: ReadonlyMap<string, Part>;
  readonly days: readonly Part[];
  readonly top: readonly Row[];
};

/** `corrupt`: the key has the wrong type. */
type Hash = Readonly<Record<string, string>> | 'corrupt';

/** What a shard holds at one moment, besides its statistics. `version`: of these. */
export type ShardReading = {
  readonly shard: Shard;
  /** By the clock of Redis, in milliseconds since 1970. */
  readonly time: number;
  readonly messages: Hash;
  readonly letters: Hash;
  /** Null without a checkpoint. */
  readonly replayedUntil: string | null;
  readonly version: string;
};

const CORRUPT = v.literal('corrupt');
/** In Lua, an empty list is an empty object. */
const List = v.union([
  v.array(v.string()),
  v.pipe(
    v.strictObject({}),
    v.transform((): string[] => []),
  ),
]);
const Flat = v.union([CORRUPT, v.pipe(List, v.transform(toRecord))]);
const Values = v.union([CORRUPT, v.array(v.union([v.string(), v.literal(false)]))]);

const Reply = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    time: v.tuple([v.string(), v.string()]),
    messages: Flat,
    letters: Flat,
    until: v.union([v.string(), v.literal(false)]),
    version: v.string(),
    statistics: v.optional(v.object({ total: Values, hours: Flat, days: Values, top: v.string() })),
  }),
);

function toRecord(list: string[]): Record<string, string> {
  const record: Record<string, string> = {};
  for (let at = 0; at + 1 < list.length; at += 2) record[list[at] ?? ''] = list[at + 1] ?? '';
  return record;
}

/**
 * Reads a shard in one round trip. `raw`: its statistics, for {@link readStatistics}; undefined if the version is known.
 *
 * @param days to read the totals of, separated by spaces
 * @param known version of the statistics that the caller has; empty without
 * @throws the error of Redis or of the connection
 */
export async function readShard(
  redis: RedisClient,
  shard: Shard,
  days: string,
  known: string,
): Promise<ShardReading & { readonly raw: RawStatistics | undefined }> {
  const keys = [
    globalStatsKey,
    globalHoursKey,
    globalDaysKey,
    topUsersKey,
    globalMessagesKey,
    checkpointKey,
    deadLettersKey,
  ].map((keyOf) => keyOf(shard));
  const reply = await redis.overviewScript(keys.length, ...keys, TOP_USERS, userKeyPrefix(shard), known, days);
  const { time, until, statistics, ...rest } = v.parse(Reply, reply);
  return {
    ...rest,
    shard,
    time: Number(time[0]) * 1000 + Math.floor(Number(time[1]) / 1000),
    replayedUntil: until || null,
    raw: statistics,
  };
}

type RawStatistics = NonNullable<v.InferOutput<typeof Reply>['statistics']>;

/** @throws {@link CorruptKeyError}; or the error of Redis where a slot of a cluster moves */
export async function readStatistics(
  redis: RedisClient,
  shard: Shard,
  { total, hours, days, top }: RawStatistics,
): Promise<ShardStatistics> {
  const statsKey = globalStatsKey(shard);
  const [orders = false, revenue = false] = sound(statsKey, total);
  const hasTotal = orders !== false || revenue !== false;
  const [hoursKey, daysKey] = [globalHoursKey(shard), globalDaysKey(shard)];
  return {
    total: hasTotal ? readTotal(statsKey, `${orders || 0} ${revenue || '0.00'}`) : undefined,
    hours: new Map(Object.entries(sound(hoursKey, hours)).map(([hour, text]) => [hour, readTotal(hoursKey, text)])),
    days: sound(daysKey, days).map((text) => (text === false ? undefined : readTotal(daysKey, text))),
    top: await readRows(redis, shard, sound(topUsersKey(shard), top)),
  };
}

/** @throws {@link CorruptKeyError} */
export function sound<T>(key: string, part: T | 'corrupt'): T {
  if (part === 'corrupt') throw new CorruptKeyError(key);
  return part;
}
