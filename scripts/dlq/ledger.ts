import { Counting, defineCountingScript } from '../../lib/counting/count.ts';
import type { Countable } from '../../lib/counting/wire.ts';
import type { StageUnits } from '../../lib/orders/order.ts';
import type { RedisClient } from '../../lib/redis/client.ts';
import { RedisConnection } from '../../lib/redis/connection.ts';
import { redisUrlProblem } from '../../lib/redis/url.ts';
import { CommandError } from '../shared/command.ts';
import { redisProblem } from '../shared/places.ts';
import { tryCounting } from '../shared/redis.ts';
import { type Finding, findingOf, notLookedUp } from './findings.ts';

/** What knows which orders are counted. */
export type Ledger = {
  /** What the stage counts in. */
  readonly units: StageUnits;
  /** Makes sure that it answers. */
  check(): Promise<void>;
  /** Finds out about orders; changes nothing. */
  find(orders: readonly Countable[]): Promise<Finding[]>;
  close(): void;
};

const LIMITS = { connectMs: 3000, commandMs: 10_000 };

/**
 * The ledger in Redis.
 *
 * @param url - undefined when none is named
 * @throws a {@link CommandError} when no Redis is named; the ledger throws one when it does not answer
 */
export function openLedger(url: string | undefined, units: StageUnits): Ledger {
  if (!url) throw new CommandError('No Redis is named: set --redis or REDIS_URL');
  const urlProblem = redisUrlProblem(url);
  if (urlProblem) throw new CommandError(`REDIS_URL ${urlProblem}`);
  const connection = new RedisConnection(url, LIMITS, defineCountingScript);
  let client: RedisClient | undefined;
  const atRedis = async <T>(work: (redis: RedisClient) => Promise<T>): Promise<T> => {
    try {
      client = await connection.open();
      return await work(client);
    } catch (error) {
      throw new CommandError(redisProblem(url, error));
    }
  };
  return {
    units,
    check: () => atRedis((redis) => tryCounting(redis, 'look')),
    find: (orders) => atRedis((redis) => look(redis, orders)),
    close: () => client && connection.drop(client),
  };
}

/** Looks each order up on its own: of two messages of one order both would count now. */
async function look(redis: RedisClient, orders: readonly Countable[]): Promise<Finding[]> {
  const counting = new Counting(redis, 'look');
  const findings = orders.map(async ({ order, isAccepted }) => {
    const verdict = await counting.add(order, isAccepted);
    if (verdict.kind === 'unanswered') throw new Error('Redis did not answer', { cause: verdict.cause });
    return findingOf(verdict, order);
  });
  counting.flush();
  return Promise.all(findings);
}

/** What is needed to find out about orders. */
export type LedgerReader = Pick<Ledger, 'units' | 'find' | 'close'>;

/**
 * A ledger to read from that answers `not-looked-up` when Redis does not, says so once, and then asks it no more. See
 * {@link openLedger}.
 */
export function forgivingLedger(url: string | undefined, units: StageUnits): LedgerReader {
  let ledger: Ledger | undefined;
  let problem: string | undefined;
  return {
    units,
    async find(orders) {
      if (problem === undefined) {
        try {
          ledger ??= openLedger(url, units);
          return await ledger.find(orders);
        } catch (error) {
          if (!(error instanceof CommandError)) throw error;
          problem = ledger ? 'Redis could not be asked' : 'no Redis is named';
          console.error(error.message);
        }
      }
      const finding = notLookedUp(problem);
      return orders.map(() => finding);
    },
    close: () => ledger?.close(),
  };
}
