import type { RedisClient } from '../redis/client.ts';
import { CorruptKeyError, corruptionOf } from '../redis/errors.ts';
import { MESSAGE_FIELDS, type MessageField, perName } from '../results.ts';
import {
  COUNTED_MINUTE_BEFORE,
  COUNTED_THAT_MINUTE,
  checkpointKey,
  globalMessagesKey,
  LAST_COUNTED,
  LAST_RESTORED,
  REPLAYED_UNTIL,
  type Shard,
  shardsOf,
} from './keys.ts';

/** Number of deliveries per result. */
export type MessageCounts = Readonly<Record<MessageField, number>>;

export type Messages = {
  readonly counts: MessageCounts;
  /** In seconds since 1970; undefined before the first order. */
  readonly lastCounted: number | undefined;
  /** In seconds since 1970; undefined if no replay has restored an order. */
  readonly lastRestored: number | undefined;
  /** In milliseconds since 1970: see REPLAYED_UNTIL. The oldest of all shards; undefined before the first replay. */
  readonly replayedUntil: number | undefined;
  readonly minutes: readonly CountedMinutes[];
};

/** What a shard counted in the minute of its last order and in the one before, see COUNTED_THAT_MINUTE. */
type CountedMinutes = { readonly last: number; readonly thatMinute: number; readonly minuteBefore: number };

/** `global:messages` of a shard, and its checkpoint if there is one. */
export type ShardMessages = {
  readonly shard: Shard;
  readonly hash: Readonly<Record<string, string>>;
  readonly replayedUntil: string | null;
};

/**
 * Adds deliveries that the counting script does not see. Uses the first shard of a cluster. Never throws, because messages
 * must not fail for a counter.
 */
export async function addMessages(
  redis: RedisClient,
  counts: Partial<Record<'invalid' | 'retried', number>>,
): Promise<void> {
  const [first = ''] = shardsOf(redis);
  const calls = Object.entries(counts).map(([field, count]) =>
    count > 0 ? redis.hincrby(globalMessagesKey(first), field, count) : undefined,
  );
  await Promise.allSettled(calls);
}

/**
 * One round trip.
 *
 * @throws {@link CorruptKeyError}, or the error of Redis or of the connection
 */
export async function readMessages(redis: RedisClient): Promise<Messages> {
  const shards = await Promise.all(
    shardsOf(redis).map(async (shard): Promise<ShardMessages> => {
      const [key, checkpoint] = [globalMessagesKey(shard), checkpointKey(shard)];
      const [hash, replayedUntil] = await Promise.all([
        redis.hgetall(key).catch(throwCorruption(key)),
        redis.hget(checkpoint, REPLAYED_UNTIL).catch(throwCorruption(checkpoint)),
      ]);
      return { shard, hash, replayedUntil };
    }),
  );
  return addUpMessages(shards);
}

/** @throws {@link CorruptKeyError} */
export function addUpMessages(shards: readonly ShardMessages[]): Messages {
  const all = shards.map(({ shard, hash, replayedUntil }) => {
    const read = (field: string) => wholeNumber(globalMessagesKey(shard), hash[field] ?? '0');
    return {
      read,
      until: wholeNumber(checkpointKey(shard), replayedUntil ?? '0'),
      minutes: {
        last: read(LAST_COUNTED),
        thatMinute: read(COUNTED_THAT_MINUTE),
        minuteBefore: read(COUNTED_MINUTE_BEFORE),
      },
    };
  });
  const sum = (field: MessageField) => all.reduce((total, { read }) => total + read(field), 0);
  const latest = (field: string) => Math.max(...all.map(({ read }) => read(field))) || undefined;
  return {
    counts: perName(MESSAGE_FIELDS, sum),
    lastCounted: latest(LAST_COUNTED),
    lastRestored: latest(LAST_RESTORED),
    replayedUntil: Math.min(...all.map(({ until }) => until)) || undefined,
    minutes: all.map(({ minutes }) => minutes),
  };
}

/** Batches come in bursts, so the first seconds of a minute say little. */
const LEAST_SECONDS = 10;

/**
 * Orders counted per second: in the last whole minute, or in the current one if that is more, as when orders have just begun to
 * come.
 *
 * @param now in seconds since 1970, by the clock of Redis
 */
export function rateAt(now: number, { minutes }: Pick<Messages, 'minutes'>): number {
  const minute = Math.floor(now / 60);
  let [current, before] = [0, 0];
  for (const { last, thatMinute, minuteBefore } of minutes) {
    const age = minute - Math.floor(last / 60);
    // The clock of another shard may be a little ahead.
    if (age <= 0) {
      current += thatMinute;
      before += minuteBefore;
    } else if (age === 1) before += thatMinute;
  }
  return Math.max(before / 60, current / Math.max(now % 60, LEAST_SECONDS));
}

const throwCorruption = (key: string) => (error: Error) => {
  throw corruptionOf(key, error);
};

function wholeNumber(key: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new CorruptKeyError(key);
  return Number(text);
}
