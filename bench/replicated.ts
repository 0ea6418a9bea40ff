import { startRedisServer } from '../scripts/shared/redisServer.ts';
import { startReplica } from '../tests/support/replica.ts';
import type { Add } from './figures.ts';
import { fillLedger } from './fillLedger.ts';
import type { Options } from './options.ts';
import { makeLoad } from './orders.ts';
import { rateOf, type Target, targetOf } from './target.ts';

/** Counts into a Redis with a replica, first with an empty ledger, then with one of a million orders. */
export async function measureReplicated({ orders }: Options, add: Add): Promise<void> {
  const server = await startRedisServer();
  const primary = await targetOf(server);
  // Without a replica Redis does not count what it would send.
  const replica = await startReplica(server);
  for (const [round, remembered] of [0, 1_000_000].entries()) {
    if (remembered > 0) {
      await primary.redis.flushall();
      await fillLedger(primary.redis, remembered);
    }
    const before = await offsetOf(primary);
    await rateOf(primary, makeLoad(orders, 100, { first: round * orders }), 1);
    const bytes = (await offsetOf(primary)) - before;
    add('replicated', `ledger of ${remembered.toLocaleString('en')}`, 'bytes', bytes / orders);
  }
  await replica.stop();
  await primary.stop();
}

const infoOf = ({ redis }: Target): Promise<string> => redis.info('replication');

const offsetOf = async (target: Target): Promise<number> =>
  Number(/master_repl_offset:(\d+)/.exec(await infoOf(target))?.[1]);
