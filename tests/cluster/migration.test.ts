import { expect, it } from 'vitest';
import { seededRandom } from '../../scripts/shared/random.ts';
import { connectTo, deliver, fatesOf, LIMITS, settle } from '../support/deliver.ts';
import { expectExactAt } from '../support/expectModel.ts';
import { orderBody } from '../support/orderMessage.ts';
import { getEvent, type ImportFunction, loadReadFunction } from '../support/readFunction.ts';
import { runTrial } from '../support/trial.ts';
import { trialMessages } from '../support/trialMessages.ts';
import { emptyCluster, neighbourOf, slotOfUser } from './support/cluster.ts';
import { beginMigration, errorsAnswered } from './support/migration.ts';

const cluster = await emptyCluster();
const connect = () => connectTo(cluster);
const load = (importFunction: ImportFunction) => loadReadFunction(importFunction, { REDIS_URL: cluster.url });

/** Orders of one user, each in another month. */
const ordersOf = (user_id: string, from: number, count: number): string[] =>
  Array.from({ length: count }, (_, n) =>
    orderBody({
      order_id: `${user_id}-${from + n}`,
      user_id,
      order_timestamp: `${2000 + from + n}-05-05T00:00:00Z`,
    }),
  );

it('while a slot moves only the orders of its users wait, and all totals are exact in the end', async () => {
  const connection = connect();
  const redis = await connection.open();
  const other = neighbourOf(redis, 'U1', { sameSlot: false });
  const before = [...ordersOf('U1', 0, 10), ...ordersOf(other, 0, 10)];
  const settled = await settle(connection, before);
  const migration = await beginMigration(cluster, slotOfUser(redis, 'U1'));
  await migration.moveKeys(2);

  const upcoming = [...ordersOf('U1', 10, 3), ...ordersOf(other, 10, 3)];
  const tryAgains = await errorsAnswered(cluster, 'TRYAGAIN');
  expect(fatesOf(await deliver(connection, upcoming))).toEqual([
    ...Array(3).fill('transient'),
    ...Array(3).fill('counted'),
  ]);
  expect(await errorsAnswered(cluster, 'TRYAGAIN')).toBeGreaterThan(tryAgains);

  await migration.finish();
  settled.push(...(await settle(connection, [...upcoming, ...before])));
  await expectExactAt(cluster, settled);
});

it('while the target of a slot hangs only the orders of that slot and that node wait', async () => {
  const connection = connect();
  const users = Array.from({ length: 60 }, (_, n) => `U${n + 1}`);
  const bodies = users.flatMap((user) => ordersOf(user, 0, 1));
  const migration = await beginMigration(cluster, slotOfUser(await connection.open(), 'U1'));
  process.kill(migration.to.server.pid, 'SIGSTOP');
  const fates = fatesOf(await deliver(connection, bodies));
  process.kill(migration.to.server.pid, 'SIGCONT');
  expect(fates[0]).toBe('transient');
  expect(new Set(fates)).toEqual(new Set(['transient', 'counted']));

  await migration.finish();
  await expectExactAt(cluster, await settle(connection, bodies));
});

it('totals match the model when slots move while four workers count', async () => {
  const bodies = trialMessages(3, { orders: 3_000, users: 40, conflicts: 50, otherUsers: false });
  const redis = await connect().open();
  const slots = [...new Set(['U00001', 'U00002', 'U00003', 'U00004'].map((user) => slotOfUser(redis, user)))];
  const move = async () => {
    for (const slot of slots) {
      const migration = await beginMigration(cluster, slot);
      for (let n = 0; n < 100; n++) await migration.moveKeys(1);
      await migration.finish();
    }
  };
  const options = { workers: 4, batchSize: 100, faults: ['move', 'move'] as const, limits: LIMITS };
  const settled = await runTrial({ url: cluster.url, move }, bodies, options, seededRandom(3, 0));
  await expectExactAt(cluster, settled);
});

it('reads are complete while half of the keys have moved', async () => {
  const connection = connect();
  await settle(connection, ordersOf('U1', 0, 20));
  const [user, global, top] = await Promise.all([
    load(() => import('../../functions/getUserStats.ts')),
    load(() => import('../../functions/getGlobalStats.ts')),
    load(() => import('../../functions/getTopUsers.ts')),
  ]);
  const range = { from: '2000-01', to: '2009-12' };
  const read = async () => {
    const answers = [
      await user(getEvent({ user_id: 'U1' }, range)),
      await global(getEvent(null, range)),
      await top(getEvent(null)),
    ];
    return answers.map(({ body }) => JSON.parse(body));
  };
  const whole = await read();
  expect(whole).toMatchObject([
    { order_count: 10 },
    { total_orders: 10 },
    { users: [{ user_id: 'U1', order_count: 20 }] },
  ]);

  const asks = await errorsAnswered(cluster, 'ASK');
  const migration = await beginMigration(cluster, slotOfUser(await connection.open(), 'U1'));
  for (let n = 0; n < 5; n++) {
    await migration.moveKeys(1);
    expect(await read()).toEqual(whole);
  }
  expect(await errorsAnswered(cluster, 'ASK')).toBeGreaterThan(asks);
  await migration.finish();
  expect(await read()).toEqual(whole);
});
