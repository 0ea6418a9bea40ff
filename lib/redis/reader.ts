import { withTimeout } from '../withTimeout.ts';
import { type RedisClient, tryServer } from './client.ts';
import { RedisConnection } from './connection.ts';
import { CorruptKeyError, firstCause, RedisUnavailableError, troubleOf } from './errors.ts';

/** Reads from Redis. Throws {@link RedisUnavailableError} or {@link CorruptKeyError}. */
export type Read = <T>(use: (redis: RedisClient) => Promise<T>) => Promise<T>;

/** Per step. All steps, including the second attempt, have less than a second: a caller should not wait longer. */
const LIMITS = { connectMs: 600, commandMs: 600 };
const TOTAL_MS = 900;

/**
 * Keeps a connection for the life of the container. A failed read is tried once more on a new connection, because the old
 * one may have been lost while the container was frozen.
 *
 * @param prepare see {@link RedisConnection}
 */
export function redisReader(redisUrl: string, prepare?: (redis: RedisClient) => void): Read {
  const connection = new RedisConnection(redisUrl, LIMITS, prepare);
  const tried = new WeakSet<RedisClient>();
  return async (use) => {
    let redis: RedisClient | undefined;
    const causes: unknown[] = [];
    const read = async () => {
      redis = await connection.open();
      if (!tried.has(redis)) await tryServer(redis);
      tried.add(redis);
      return use(redis);
    };
    const giveUp = (error: unknown) => {
      if (error instanceof CorruptKeyError) throw error;
      causes.unshift(error, redis && connection.endOf(redis));
      // Stryker disable next-line ConditionalExpression: it only saves a PING
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
