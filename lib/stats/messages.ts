import type { RedisClient } from '../redis/client.ts';
import { CorruptKeyError, corruptionOf } from '../redis/errors.ts';
import { MESSAGE_FIELDS, type MessageField, perName } from '../results.ts';
import { globalMessagesKey, LAST_COUNTED, shardsOf } from './keys.ts';

/** Number of deliveries per result. */
export type MessageCounts = Readonly<Record<MessageField, number>>;

/** `lastCounted` is in seconds since 1970, and undefined before the first order. */
export type Messages = { readonly counts: MessageCounts; readonly lastCounted: number | undefined };

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
  const hashes = await Promise.all(
    shardsOf(redis).map(async (shard) => {
      const key = globalMessagesKey(shard);
      const hash = await redis.hgetall(key).catch((error) => {
        throw corruptionOf(key, error);
      });
      return (field: string) => wholeNumber(key, hash[field] ?? '0');
    }),
  );
  const sum = (field: MessageField) => hashes.reduce((total, read) => total + read(field), 0);
  return {
    counts: perName(MESSAGE_FIELDS, sum),
    lastCounted: Math.max(...hashes.map((read) => read(LAST_COUNTED))) || undefined,
  };
}

function wholeNumber(key: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new CorruptKeyError(key);
  return Number(text);
}
