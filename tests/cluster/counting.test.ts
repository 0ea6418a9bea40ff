import { expect, it } from 'vitest';
import { seededRandom } from '../../scripts/shared/random.ts';
import { connectTo, deliver, fatesOf, LIMITS, settle } from '../support/deliver.ts';
import { expectExactAt } from '../support/expectModel.ts';
import { orderBody } from '../support/orderMessage.ts';
import { runTrial } from '../support/trial.ts';
import { trialMessages } from '../support/trialMessages.ts';
import { emptyCluster, neighbourOf, slotOfUser, userKey } from './support/cluster.ts';

const cluster = await emptyCluster();
const connect = () => connectTo(cluster);

it('orders, duplicates, conflicts and redeliveries to four workers match the model', async () => {
  const bodies = trialMessages(1, { orders: 4_000, users: 700, conflicts: 100, otherUsers: false });
  const options = { workers: 4, batchSize: 100, faults: [], limits: LIMITS };
  await expectExactAt(cluster, await runTrial(cluster, bodies, options, seededRandom(1, 0)));
});

it('each message of a batch has its own verdict', async () => {
  const bodies = trialMessages(2, { orders: 90, users: 40, conflicts: 8, otherUsers: false });
  const connection = connect();
  const first = fatesOf(await deliver(connection, bodies));
  expect(new Set(first)).toEqual(
    new Set(['counted', 'revised', 'cancelled', 'duplicate', 'superseded', 'invalid', 'conflict']),
  );
  const again = fatesOf(await deliver(connection, bodies));
  expect(new Set(again)).toEqual(new Set(['duplicate', 'superseded', 'invalid', 'conflict']));
  const isFailure = (fate: string) => fate === 'invalid' || fate === 'conflict';
  expect(again.map((fate) => isFailure(fate) && fate)).toEqual(first.map((fate) => isFailure(fate) && fate));
});

it('nodes that have lost the scripts get them again', async () => {
  const connection = connect();
  const bodies = trialMessages(3, { orders: 300, users: 100, conflicts: 10, otherUsers: false });
  const fates: string[] = [];
  for (let start = 0; start < bodies.length; start += 100) {
    fates.push(...fatesOf(await deliver(connection, bodies.slice(start, start + 100))));
    for (const { redis } of cluster.primaries) await redis.script('FLUSH');
  }
  expect(fates).not.toContain('transient');
  expect(fates).not.toContain('corrupt');
  await expectExactAt(cluster, await settle(connection, bodies));
});

it('a corrupt user fails only its own orders while calls to all shards are in flight', async () => {
  const connection = connect();
  const redis = await connection.open();
  const corrupt = userKey(redis, 'U7');
  await redis.set(corrupt, 'text');
  const bodies = ordersOf(20);
  const fates = fatesOf(await deliver(connection, bodies));
  expect(fates).toEqual(bodies.map((_, n) => (n === 7 ? 'corrupt' : 'counted')));

  await redis.del(corrupt);
  await expectExactAt(cluster, await settle(connection, bodies));
});

it('users are spread evenly over slots and nodes', async () => {
  const connection = connect();
  const users = 3200;
  await settle(connection, ordersOf(users));
  const redis = await connection.open();
  const perSlot = new Map<number, number>();
  for (let n = 0; n < users; n++) {
    const slot = slotOfUser(redis, `U${n}`);
    perSlot.set(slot, (perSlot.get(slot) ?? 0) + 1);
  }
  expect(perSlot.size).toBe(12);
  expect(Math.max(...perSlot.values())).toBeLessThan((users / 12) * 1.3);
  const usersOfNodes = await Promise.all(
    cluster.primaries.map(async (node) => (await node.redis.keys('*:user:*')).length),
  );
  expect(usersOfNodes.reduce((sum, number) => sum + number, 0)).toBe(users);
  expect(Math.max(...usersOfNodes)).toBeLessThan((users / 3) * 1.1);
});

it('other content of an order is a conflict, and so is another user in the same slot', async () => {
  const connection = connect();
  const redis = await connection.open();
  const neighbour = neighbourOf(redis, 'U5678', { sameSlot: true });
  const bodies = [
    orderBody(),
    orderBody({ user_id: neighbour }),
    orderBody({ order_timestamp: '2024-12-14T00:00:00Z' }),
  ];
  expect(fatesOf(await deliver(connection, bodies))).toEqual(['counted', 'conflict', 'conflict']);
});

it('known limit: an order id used by a user of another slot is not a conflict', async () => {
  const connection = connect();
  const stranger = neighbourOf(await connection.open(), 'U5678', { sameSlot: false });
  const bodies = [orderBody(), orderBody({ user_id: stranger })];
  expect(fatesOf(await deliver(connection, bodies))).toEqual(['counted', 'counted']);
  expect(fatesOf(await deliver(connection, bodies))).toEqual(['duplicate', 'duplicate']);
});

/** An order of each of as many users. */
function ordersOf(users: number): string[] {
  return Array.from({ length: users }, (_, n) => orderBody({ order_id: `ORD${n}`, user_id: `U${n}` }));
}
