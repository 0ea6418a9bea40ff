import { withTimeout } from '../withTimeout.ts';
import type { RedisClient } from './client.ts';
import { RedisConnection } from './connection.ts';
import { CorruptKeyError, firstCause, RedisUnavailableError, troubleOf } from './errors.ts';

/** Reads from Redis; throws {@link RedisUnavailableError} or CorruptKeyError. */
export type Read = <T>(use: (redis: RedisClient) => Promise<T>) => Promise<T>;

/**
 * For each step, and for all of them, a second try included: together under a second, the longest that a caller waits to
 * hear of it.
 */
const LIMITS = { connectMs: 600, commandMs: 600 };
const TOTAL_MS = 900;

/**
 * What the read functions share: a connection for the life of the container, given up where reading fails. Reading is
 * tried once more on a new one, as the other may have been lost while the container was frozen.
 *
 * @param prepare makes scripts known to a new client
 */
export function redisReader(redisUrl: string, prepare?: (redis: RedisClient) => void): Read {
  const connection = new RedisConnection(redisUrl, LIMITS, prepare);
  return async (use) => {
    let redis: RedisClient | undefined;
    const causes: unknown[] = [];
    const read = async () => {
      redis = await connection.open();
      return use(redis);
    };
    const giveUp = (error: unknown) => {
      if (error instanceof CorruptKeyError) throw error;
      causes.unshift(error, redis && connection.endOf(redis));
      // Stryker disable next-line ConditionalExpression: it only saves the time of a PING
      if (redis) connection.drop(redis);
      redis = undefined;
    };
    const reading = read().catch((error) => {
      giveUp(error);
      if (troubleOf(error) === 'refused') throw error;
      return read();
    });
    try {
      return await withTimeout(TOTAL_MS, reading, `Redis took longer than ${TOTAL_MS} ms`);
    } catch (error) {
      giveUp(error);
      throw new RedisUnavailableError(firstCause(causes));
    }
  };
}
