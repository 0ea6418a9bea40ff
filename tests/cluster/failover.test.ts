import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { seededRandom } from '../../scripts/shared/random.ts';
import { connectTo, deliver, fatesOf, LIMITS, settle } from '../support/deliver.ts';
import { expectExactAt } from '../support/expectModel.ts';
import { orderBody } from '../support/orderMessage.ts';
import { getEvent, loadReadFunction } from '../support/readFunction.ts';
import { type RedisCluster, startRedisCluster } from '../support/redisCluster.ts';
import { runTrial } from '../support/trial.ts';
import { trialMessages } from '../support/trialMessages.ts';

const WAIT = { timeout: 30_000, interval: 50 };

let cluster: RedisCluster;

beforeEach(async () => {
  cluster = await startRedisCluster({ primaries: 3, replicasOfEach: 1 });
});
afterEach(() => cluster.stop());

const connect = () => connectTo(cluster);

/** A primary that has its share of the shards, and its replica. */
function firstNodes() {
  const [[primary], [replica]] = [cluster.primaries, cluster.replicas];
  if (!primary || !replica) throw new Error('The cluster has no primary with a replica');
  return { primary, replica };
}

it('all totals are exact after a failover, once all orders were sent again', async () => {
  const bodies = trialMessages(1, { orders: 3_000, users: 300, conflicts: 0 });
  const { primary, replica } = firstNodes();
  const health = await loadReadFunction(() => import('../../functions/getHealth.ts'), { REDIS_URL: cluster.url });
  expect((await health(getEvent(null))).statusCode).toBe(200);

  const failover = async () => {
    process.kill(primary.server.pid, 'SIGKILL');
    await primary.server.ended;
    expect((await health(getEvent(null))).statusCode).toBe(503);
    await vi.waitFor(async () => expect(await replica.redis.info('replication')).toContain('role:master'), WAIT);
    await vi.waitFor(async () => expect((await health(getEvent(null))).statusCode).toBe(200), WAIT);
  };
  const options = { workers: 2, batchSize: 50, faults: ['failover'] as const, limits: LIMITS };
  await runTrial({ url: cluster.url, failover }, bodies, options, seededRandom(1, 0));

  // What the primary had confirmed, but not yet handed on, is gone only from its slots.
  await expectExactAt(cluster, await settle(connect(), bodies));
});

it('while one primary hangs only the orders of its users wait, and count at the next delivery', async () => {
  const { primary } = firstNodes();
  const bodies = Array.from({ length: 60 }, (_, n) => orderBody({ order_id: `ORD${n}`, user_id: `U${n}` }));
  const connection = connect();
  await connection.open();
  process.kill(primary.server.pid, 'SIGSTOP');
  const outcomes = await deliver(connection, bodies);
  process.kill(primary.server.pid, 'SIGCONT');
  expect(new Set(fatesOf(outcomes))).toEqual(new Set(['counted', 'transient']));

  await vi.waitFor(
    async () => expect(fatesOf(await deliver(connection, bodies))).toEqual(bodies.map(() => 'duplicate')),
    WAIT,
  );
  await expectExactAt(
    cluster,
    bodies.map((body) => ({ body, fate: 'counted' as const })),
  );
});
