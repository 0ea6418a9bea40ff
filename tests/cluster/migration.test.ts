import keySlot from 'cluster-key-slot';
import { expect, it } from 'vitest';
import { globalStats, userStats } from '../../lib/stats/keys.ts';
import { seededRandom } from '../../scripts/populate/random.ts';
import { trialMessages } from '../chaos/messages.ts';
import { runTrial } from '../chaos/trial.ts';
import { orderBody } from '../support/orderMessage.ts';
import { getEvent, loadReadFunction } from '../support/readFunction.ts';
import { connectTo, LIMITS } from './support/connect.ts';
import { expectExactCluster } from './support/content.ts';
import { deliver, fatesOf, settle } from './support/deliver.ts';
import { emptyCluster } from './support/emptyCluster.ts';
import { beginMigration, errorsAnswered } from './support/migration.ts';

const cluster = await emptyCluster();
const connect = () => connectTo(cluster);

/** Orders of one user, each in a month of its own. */
const ordersOf = (user_id: string, from: number, count: number): string[] =>
  Array.from({ length: count }, (_, n) =>
    orderBody({
      order_id: `${user_id}-${from + n}`,
      user_id,
      order_timestamp: `20${10 + from + n}-05-05T00:00:00Z`,
    }),
  );

it("while a user's slot moves, the orders of that user alone wait, and all is exact in the end", async () => {
  const connection = connect();
  const before = [...ordersOf('U1', 0, 10), ...ordersOf('U2', 0, 10)];
  const settled = await settle(connection, before);
  const migration = await beginMigration(cluster, keySlot(userStats('U1')));
  await migration.moveKeys(5);

  const upcoming = [...ordersOf('U1', 10, 3), ...ordersOf('U2', 10, 3)];
  const tryAgains = await errorsAnswered(cluster, 'TRYAGAIN');
  expect(fatesOf(await deliver(connection, upcoming))).toEqual([
    ...Array(3).fill('transient'),
    ...Array(3).fill('counted'),
  ]);
  expect(await errorsAnswered(cluster, 'TRYAGAIN')).toBeGreaterThan(tryAgains);

  await migration.finish();
  settled.push(...(await settle(connection, [...upcoming, ...before])));
  await expectExactCluster(cluster, settled);
});

it('a node that hangs while it gets a slot holds up that slot, and what it has already, alone', async () => {
  const connection = connect();
  const users = Array.from({ length: 60 }, (_, n) => `U${n + 1}`);
  const bodies = users.flatMap((user) => ordersOf(user, 0, 1));
  await connection.open();
  const migration = await beginMigration(cluster, keySlot(userStats('U1')));
  process.kill(migration.to.server.pid, 'SIGSTOP');
  const fates = fatesOf(await deliver(connection, bodies));
  process.kill(migration.to.server.pid, 'SIGCONT');
  expect(fates[0]).toBe('transient');
  expect(new Set(fates)).toEqual(new Set(['transient', 'counted']));

  await migration.finish();
  await expectExactCluster(cluster, await settle(connection, bodies));
});

it('while the slot of global:stats moves, orders wait, and all is exact in the end', async () => {
  const connection = connect();
  const [before, upcoming] = [
    trialMessages(1, { orders: 300, users: 50, conflicts: 0 }),
    trialMessages(2, { orders: 100, users: 50, conflicts: 0 }),
  ];
  const settled = await settle(connection, before);
  const migration = await beginMigration(cluster, keySlot(globalStats));
  await migration.moveKeys(150);
  const fates = fatesOf(await deliver(connection, upcoming));
  expect(fates).toContain('transient');
  expect(fates).not.toContain('damaged');

  await migration.finish();
  settled.push(...(await settle(connection, [...upcoming, ...before])));
  await expectExactCluster(cluster, settled);
});

it('slots that move while four workers count end exactly as the model says', async () => {
  const bodies = trialMessages(3, { orders: 3_000, users: 40, conflicts: 50 });
  const users = [...new Set(bodies.map((body) => /"user_id":"(U[^"]+)"/.exec(body)?.[1] ?? 'SOMEONE-ELSE'))];
  const move = async (slot: number) => {
    const migration = await beginMigration(cluster, slot);
    for (let n = 0; n < 100; n++) await migration.moveKeys(1);
    await migration.finish();
  };
  const target = {
    url: cluster.url,
    moveGlobal: () => move(keySlot(globalStats)),
    moveUsers: async () => {
      for (const user of users.slice(0, 4)) await move(keySlot(userStats(user)));
    },
  };
  const options = { workers: 4, batchSize: 100, faults: ['moveGlobal', 'moveUsers'] as const, limits: LIMITS };
  const settled = await runTrial(target, bodies, options, seededRandom(3, 0));
  await expectExactCluster(cluster, settled);
});

it('totals are read in full while half of their keys have moved', async () => {
  await settle(connect(), ordersOf('U1', 0, 20));
  const ask = await loadReadFunction(() => import('../../functions/getUserStats.ts'), { REDIS_URL: cluster.url });
  const event = getEvent({ user_id: 'U1' }, { from: '2010-01', to: '2019-12' });
  const whole = await ask(event);
  expect(JSON.parse(whole.body)).toMatchObject({ order_count: 10 });

  const asks = await errorsAnswered(cluster, 'ASK');
  const migration = await beginMigration(cluster, keySlot(userStats('U1')));
  for (let n = 0; n < 22; n++) {
    await migration.moveKeys(1);
    expect((await ask(event)).body).toBe(whole.body);
  }
  expect(await errorsAnswered(cluster, 'ASK')).toBeGreaterThan(asks);
  await migration.finish();
  expect((await ask(event)).body).toBe(whole.body);
});
