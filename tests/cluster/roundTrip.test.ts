import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { orderBody } from '../support/orderMessage.ts';
import { type RedisCluster, startRedisCluster } from '../support/redisCluster.ts';
import { type ReplyGate, startReplyGate } from '../support/replyGate.ts';
import { storedTotals } from '../support/storedStats.ts';
import { connectTo } from './support/connect.ts';
import { deliver, fatesOf } from './support/deliver.ts';

const WAIT = { timeout: 30_000 };

let cluster: RedisCluster;
/** In front of each node, which sends clients this way. */
let gates: ReplyGate[];

beforeAll(async () => {
  cluster = await startRedisCluster({ primaries: 3, replicasOfEach: 0 });
  gates = [];
  for (const { server, redis } of cluster.primaries) {
    const gate = await startReplyGate(server.port);
    gates.push(gate);
    await redis.config('SET', 'cluster-announce-port', portOf(gate));
  }
  await vi.waitFor(async () => {
    for (const { redis } of cluster.primaries) {
      const slots = JSON.stringify(await redis.call('CLUSTER', 'SLOTS'));
      for (const gate of gates) expect(slots).toContain(`,${portOf(gate)},`);
    }
  }, WAIT);
});
afterAll(async () => {
  for (const gate of gates) await gate.stop();
  await cluster.stop();
});

const portOf = ({ url }: ReplyGate): string => new URL(url).port;

const batch = (name: string) =>
  Array.from({ length: 100 }, (_, n) => orderBody({ order_id: `${name}${n}`, user_id: `U${n}` }));

it('a batch costs one round trip: all nodes have counted all of it before any of them has answered', async () => {
  const url = `redis+cluster://${gates.map((gate) => `127.0.0.1:${portOf(gate)}`).join(',')}`;
  const connection = connectTo({ url });
  // Each node now has a connection of this client, and knows the script.
  expect(new Set(fatesOf(await deliver(connection, batch('FIRST'))))).toEqual(new Set(['counted']));

  for (const gate of gates) gate.holdAfter(0);
  const outcomes = deliver(connection, batch('SECOND'));
  await vi.waitFor(async () => expect(await countedOrders()).toBe(200), { interval: 20 });
  expect(new Set(fatesOf(await outcomes))).toEqual(new Set(['transient']));

  for (const gate of gates) gate.holdAfter(Number.POSITIVE_INFINITY);
  expect(new Set(fatesOf(await deliver(connection, batch('SECOND'))))).toEqual(new Set(['duplicate']));
});

/** As the nodes say themselves, past the gates. */
async function countedOrders(): Promise<number> {
  const totals = await Promise.all(cluster.primaries.map(({ redis }) => storedTotals(redis)));
  return totals.reduce((sum, total) => sum + (total.get('global:stats')?.orders ?? 0), 0);
}
