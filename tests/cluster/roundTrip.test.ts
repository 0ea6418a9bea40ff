import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { connectTo, deliver, fatesOf } from '../support/deliver.ts';
import { orderBody } from '../support/orderMessage.ts';
import { type RedisCluster, startRedisCluster } from '../support/redisCluster.ts';
import { nodesOf, visibleContent } from '../support/storedContent.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcpProxy.ts';

const WAIT = { timeout: 30_000 };

let cluster: RedisCluster;
/** In front of each node, which sends clients this way. */
let proxies: TcpProxy[];

beforeAll(async () => {
  cluster = await startRedisCluster({ primaries: 3, replicasOfEach: 0 });
  proxies = [];
  for (const { server, redis } of cluster.primaries) {
    const proxy = await startTcpProxy(server.port);
    proxies.push(proxy);
    await redis.config('SET', 'cluster-announce-port', proxy.port);
  }
  await vi.waitFor(async () => {
    for (const { redis } of cluster.primaries) {
      const slots = JSON.stringify(await redis.call('CLUSTER', 'SLOTS'));
      for (const { port } of proxies) expect(slots).toContain(`,${port},`);
    }
  }, WAIT);
});
afterAll(async () => {
  for (const proxy of proxies) await proxy.stop();
  await cluster.stop();
});

const batch = (name: string) =>
  Array.from({ length: 100 }, (_, n) => orderBody({ order_id: `${name}${n}`, user_id: `U${n}` }));

it('a batch costs one round trip: all nodes count all of it before any answers', async () => {
  const url = `redis+cluster://${proxies.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  const connection = connectTo({ url });
  // Each node now has a connection of this client, and knows the script.
  expect(new Set(fatesOf(await deliver(connection, batch('FIRST'))))).toEqual(new Set(['counted']));

  // A connection that was idle for 100 ms would be pinged first.
  await connection.open();
  for (const proxy of proxies) proxy.dropReplies(true);
  const outcomes = deliver(connection, batch('SECOND'));
  await vi.waitFor(async () => expect(await countedOrders()).toBe(200), { interval: 20 });
  expect(new Set(fatesOf(await outcomes))).toEqual(new Set(['transient']));

  for (const proxy of proxies) proxy.dropReplies(false);
  expect(new Set(fatesOf(await deliver(connection, batch('SECOND'))))).toEqual(new Set(['duplicate']));
});

/** As the nodes say themselves, without the proxies. */
async function countedOrders(): Promise<number> {
  const content = await visibleContent(cluster.primaries.flatMap(({ redis }) => nodesOf(redis)));
  return [...content.values()].reduce((sum, { total_orders }) => sum + Number(total_orders ?? 0), 0);
}
