import { errorText } from '../../lib/errorText.ts';
import type { Order } from '../../lib/orders/order.ts';
import { RedisConnection } from '../../lib/redis.ts';
import type { RedisClient } from '../../lib/redisClient.ts';
import { isRedisUrl, REDIS_SCHEMES, redisHosts } from '../../lib/redisUrl.ts';
import { type Known, lookUp } from '../../lib/stats/lookup.ts';
import { Problem } from './problem.ts';

/** What would become of a valid order, and why; `unknown` when Redis cannot tell. */
export type Finding = {
  readonly kind: 'would-count' | 'counted' | 'conflict' | 'unknown';
  readonly reason: string;
};

/** What knows which orders are counted. */
export type Ledger = {
  /** Makes sure that it answers. */
  check(): Promise<void>;
  /** Finds out about orders; changes nothing. */
  find(orders: readonly Order[]): Promise<Finding[]>;
  close(): void;
};

const LIMITS = { connectMs: 3000, commandMs: 10_000 };

/**
 * The ledger in Redis.
 *
 * @param url - undefined when none is named
 * @throws a {@link Problem} when no Redis is named; the ledger throws one when it does not answer
 */
export function openLedger(url: string | undefined): Ledger {
  if (!url) throw new Problem('No Redis is named: set --redis or REDIS_URL');
  if (!isRedisUrl(url)) throw new Problem(`REDIS_URL is no URL that begins with ${REDIS_SCHEMES}`);
  const connection = new RedisConnection(url, LIMITS);
  let client: RedisClient | undefined;
  const atRedis = async <T>(work: (redis: RedisClient) => Promise<T>): Promise<T> => {
    try {
      client = await connection.open();
      return await work(client);
    } catch (error) {
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      // Only the host: the URL may hold a password.
      throw new Problem(`No Redis answers at ${redisHosts(url)} (${errorText(cause)}): name it with --redis`);
    }
  };
  return {
    check: () => atRedis(async (redis) => void (await redis.ping())),
    find: (orders) => atRedis(async (redis) => (await lookUp(redis, orders)).map((known) => FINDINGS[known])),
    close: () => client && connection.drop(client),
  };
}

/** A ledger to read from that answers `unknown` when Redis does not, says so once, and then asks it no more. */
export function forgiving(open: () => Ledger): Pick<Ledger, 'find' | 'close'> {
  let ledger: Ledger | undefined;
  let problem: string | undefined;
  return {
    async find(orders) {
      if (problem === undefined) {
        try {
          ledger ??= open();
          return await ledger.find(orders);
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          problem = ledger ? 'Redis does not answer' : 'no Redis is named';
          console.error(error.message);
        }
      }
      const reason = `valid; not looked up, as ${problem}`;
      return orders.map(() => ({ kind: 'unknown', reason }));
    },
    close: () => ledger?.close(),
  };
}

const SAID_BEFORE = 'order_id was counted already with other content';

const FINDINGS: Readonly<Record<Known, Finding>> = {
  unknown: { kind: 'would-count', reason: 'would count now' },
  // Maybe for the total alone, if a worker died in between: sent again, it counts for its user too.
  counted: { kind: 'counted', reason: 'counted already' },
  conflict: { kind: 'conflict', reason: `${SAID_BEFORE}: order_timestamp, order_value or items differ` },
  'conflict-of-users': { kind: 'conflict', reason: `${SAID_BEFORE}: user_id differs` },
  damaged: { kind: 'unknown', reason: 'valid; its ledger in Redis is damaged' },
};
