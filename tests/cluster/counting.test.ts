import { expect, it } from 'vitest';
import { seededRandom } from '../../scripts/populate/random.ts';
import { trialMessages } from '../chaos/messages.ts';
import { runTrial } from '../chaos/trial.ts';
import { orderBody } from '../support/orderMessage.ts';
import { connectTo, LIMITS } from './support/connect.ts';
import { expectExactCluster } from './support/content.ts';
import { deliver, fatesOf, settle } from './support/deliver.ts';
import { emptyCluster } from './support/emptyCluster.ts';

const cluster = await emptyCluster();
const connect = () => connectTo(cluster);

it('orders of many users, duplicates, conflicts and redeliveries to four workers end exactly as the model says', async () => {
  const bodies = trialMessages(1, { orders: 4_000, users: 700, conflicts: 100 });
  const options = { workers: 4, batchSize: 100, faults: [], limits: LIMITS };
  await expectExactCluster(cluster, await runTrial(cluster, bodies, options, seededRandom(1, 0)));
});

it('each message of a batch gets its own verdict', async () => {
  const bodies = trialMessages(2, { orders: 90, users: 40, conflicts: 8 });
  const connection = connect();
  const first = fatesOf(await deliver(connection, bodies));
  expect(new Set(first)).toEqual(new Set(['counted', 'duplicate', 'invalid', 'conflict']));
  const again = first.map((fate) => (fate === 'counted' ? 'duplicate' : fate));
  expect(fatesOf(await deliver(connection, bodies))).toEqual(again);
});

it('nodes that have forgotten the scripts get them again', async () => {
  const connection = connect();
  const bodies = trialMessages(3, { orders: 300, users: 100, conflicts: 10 });
  const fates: string[] = [];
  for (let start = 0; start < bodies.length; start += 100) {
    fates.push(...fatesOf(await deliver(connection, bodies.slice(start, start + 100))));
    for (const { redis } of cluster.primaries) await redis.script('FLUSH');
  }
  expect(fates).not.toContain('transient');
  expect(fates).not.toContain('damaged');
  await expectExactCluster(cluster, await settle(connection, bodies));
});

it('a damaged user fails alone, though a call for each slot is on its way', async () => {
  const connection = connect();
  const redis = await connection.open();
  await redis.set('user:U7', 'text');
  const bodies = Array.from({ length: 20 }, (_, n) => orderBody({ order_id: `ORD${n}`, user_id: `U${n}` }));
  const fates = fatesOf(await deliver(connection, bodies));
  expect(fates).toEqual(bodies.map((_, n) => (n === 7 ? 'damaged' : 'counted')));

  await redis.del('user:U7');
  await expectExactCluster(cluster, await settle(connection, bodies));
});
