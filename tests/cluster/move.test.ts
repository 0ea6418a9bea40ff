import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedisServer } from '../../scripts/local/redisServer.ts';
import { expectExact } from '../chaos/model.ts';
import { orderBody } from '../support/orderMessage.ts';
import { startedWith } from '../support/redisCluster.ts';
import { connectTo } from './support/connect.ts';
import { expectExactCluster } from './support/content.ts';
import { deliver, fatesOf, settle } from './support/deliver.ts';
import { emptyCluster } from './support/emptyCluster.ts';

const cluster = await emptyCluster();
let server: RedisServer;
let single: Redis;

beforeAll(async () => {
  server = await startRedisServer();
  single = new Redis(server.url);
});
afterAll(async () => {
  single.disconnect();
  await server.stop();
});

const bodies = Array.from({ length: 300 }, (_, n) => orderBody({ order_id: `ORD${n}`, user_id: `U${n % 90}` }));
const [before, after] = [bodies.slice(0, 200), bodies.slice(100)];

/** Copies every key with its expiry, as restoring a backup would. */
async function copyAll(from: readonly Redis[], to: (key: string) => Redis): Promise<void> {
  for (const source of from) {
    for (const key of await source.keys('*')) {
      const [value, expires] = [await source.dumpBuffer(key), await source.pexpiretime(key)];
      await to(key).restore(key, Math.max(expires, 0), value, 'ABSTTL');
    }
  }
}

const nodeOf = (key: string): Redis => startedWith(key, cluster).primary.redis;

it('orders that one Redis counted count no second time on the cluster that its data moved to', async () => {
  await settle(connectTo(server), before);
  await copyAll([single], nodeOf);
  const connection = connectTo(cluster);
  const fates = fatesOf(await deliver(connection, after));
  expect(fates).toEqual(after.map((_, n) => (n < 100 ? 'duplicate' : 'counted')));
  await expectExactCluster(
    cluster,
    bodies.map((body) => ({ body, fate: 'counted' })),
  );
});

it('orders that a cluster counted in part are completed on the one Redis that its data moved to', async () => {
  await single.flushall();
  const connection = connectTo(cluster);
  await nodeOf('user:U1').set('user:U1', 'text');
  const fates = fatesOf(await deliver(connection, before));
  expect(fates).toEqual(before.map((_, n) => (n % 90 === 1 ? 'damaged' : 'counted')));
  await nodeOf('user:U1').del('user:U1');
  await copyAll(
    cluster.primaries.map(({ redis }) => redis),
    () => single,
  );

  expect(fatesOf(await deliver(connectTo(server), after))).not.toContain('damaged');
  await deliver(connectTo(server), bodies);
  await expectExact(
    single,
    bodies.map((body) => ({ body, fate: 'counted' })),
  );
});
