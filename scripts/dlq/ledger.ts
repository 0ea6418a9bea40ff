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

/** What knows which orders are counted. Every call throws a {@link CommandError} when Redis does not answer. */
export type Ledger = {
  /** Of Redis; undefined when none is named. */
  readonly url: string | undefined;
  readonly units: StageUnits;
  /** Makes sure that Redis answers. */
  check(): Promise<void>;
  /** Looks orders up; changes nothing. */
  find(orders: readonly Countable[]): Promise<Finding[]>;
  close(): void;
};

/** All that it takes to explain messages. */
export type LedgerReader = Pick<Ledger, 'units' | 'find'>;

const LIMITS = { connectMs: 3000, commandMs: 10_000 };

/** The ledger in Redis, which is connected to at the first call. */
export function openLedger(url: string | undefined, units: StageUnits): Ledger {
  let connection: RedisConnection | undefined;
  let client: RedisClient | undefined;
  const atRedis = async <T>(work: (redis: RedisClient) => Promise<T>): Promise<T> => {
    if (!url) throw new CommandError('No Redis is named: set --redis or REDIS_URL');
    const urlProblem = redisUrlProblem(url);
    if (urlProblem) throw new CommandError(`REDIS_URL ${urlProblem}`);
    try {
      connection ??= new RedisConnection(url, LIMITS, defineCountingScript);
      client = await connection.open();
      return await work(client);
    } catch (error) {
      throw new CommandError(redisProblem(url, error));
    }
  };
  return {
    url,
    units,
    check: () => atRedis((redis) => tryCounting(redis, 'look')),
    find: (orders) => atRedis((redis) => lookUp(redis, orders)),
    close: () => client && connection?.drop(client),
  };
}

/** Each order is looked up independently: of two messages of one order both would count now. */
async function lookUp(redis: RedisClient, orders: readonly Countable[]): Promise<Finding[]> {
  const counting = new Counting(redis, 'look');
  const findings = orders.map(async ({ order, isAccepted }) => {
    const verdict = await counting.add(order, isAccepted);
    if (verdict.kind === 'unanswered') throw new Error('Redis did not answer', { cause: verdict.cause });
    return findingOf(verdict, order);
  });
  counting.flush();
  return Promise.all(findings);
}

/** Once Redis does not answer, this says so, answers `not-looked-up` and asks Redis no more. */
export function optionalLedger(ledger: Ledger): LedgerReader {
  let isGone = false;
  return {
    units: ledger.units,
    async find(orders) {
      if (!isGone) {
        try {
          return await ledger.find(orders);
        } catch (error) {
          if (!(error instanceof CommandError)) throw error;
          isGone = true;
          console.error(error.message);
        }
      }
      const finding = notLookedUp(ledger.url ? 'Redis could not be asked' : 'no Redis is named');
      return orders.map(() => finding);
    },
  };
}
