import type { RedisClient } from '../redis/client.ts';
import { CorruptKeyError, corruptionOf } from '../redis/errors.ts';
import { MESSAGE_FIELDS, type MessageField, perName } from '../results.ts';
import { checkpointKey, globalMessagesKey, LAST_COUNTED, REPLAYED_UNTIL, shardsOf } from './keys.ts';

/** Number of deliveries per result. */
export type MessageCounts = Readonly<Record<MessageField, number>>;

export type Messages = {
  readonly counts: MessageCounts;
  /** In seconds since 1970; undefined before the first order. */
  readonly lastCounted: number | undefined;
  /** In milliseconds since 1970: see REPLAYED_UNTIL. The oldest of all shards; undefined before the first replay. */
  readonly replayedUntil: number | undefined;
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
    shardsOf(redis).map(async (shard) => {
      const [key, checkpoint] = [globalMessagesKey(shard), checkpointKey(shard)];
      const [hash, until] = await Promise.all([
        redis.hgetall(key).catch(throwCorruption(key)),
        redis.hget(checkpoint, REPLAYED_UNTIL).catch(throwCorruption(checkpoint)),
      ]);
      return {
        read: (field: string) => wholeNumber(key, hash[field] ?? '0'),
        until: wholeNumber(checkpoint, until ?? '0'),
      };
    }),
  );
  const sum = (field: MessageField) => shards.reduce((total, { read }) => total + read(field), 0);
  return {
    counts: perName(MESSAGE_FIELDS, sum),
    lastCounted: Math.max(...shards.map(({ read }) => read(LAST_COUNTED))) || undefined,
    replayedUntil: Math.min(...shards.map(({ until }) => until)) || undefined,
  };
}

const throwCorruption = (key: string) => (error: Error) => {
  throw corruptionOf(key, error);
};

function wholeNumber(key: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new CorruptKeyError(key);
  return Number(text);
}
