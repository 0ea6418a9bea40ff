import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import {
  globalDaysKey,
  globalStatsKey,
  ledgerKey,
  shardOf,
  shardsOf,
  topUsersKey,
  userStatsKey,
} from '../../lib/stats/keys.ts';
import { generateMessages } from '../../scripts/shared/generator.ts';
import { today } from '../../scripts/shared/order.ts';
import { connectTo, deliver } from '../support/deliver.ts';
import { orderBody } from '../support/orderMessage.ts';
import { runVerify } from '../support/runCommand.ts';
import { emptyCluster } from './support/cluster.ts';

const cluster = await emptyCluster();
const folder = mkdtempSync(join(tmpdir(), 'orders-verify-cluster-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('adds up the shards, and looks for each user in the right one', async () => {
  const options = { count: 1000, users: 200, invalid: 0.05, duplicates: 0.1, revisions: 0.1, cancellations: 0.05 };
  const bodies = [...generateMessages({ ...options, seed: 1, day: today(), shuffle: true })].map(({ body }) => body);
  const connection = connectTo(cluster);
  for (let start = 0; start < bodies.length; start += 100) await deliver(connection, bodies.slice(start, start + 100));
  const file = join(folder, 'orders.jsonl');
  writeFileSync(file, bodies.join('\n'));
  const verify = () => runVerify(['--json', '--file', file], { REDIS_URL: cluster.url });
  const { code, stdout } = await verify();
  expect(JSON.parse(stdout)).toMatchObject({ summary: { orders: 650, cancelled: 50 }, differences: [] });
  expect(code).toBe(0);

  const redis = await connection.open();
  const shards = shardsOf(redis);
  const right = shardOf(shards, 'U00001');
  const wrong = shards.find((shard) => shard !== right) ?? '';
  const hash = await redis.hgetall(userStatsKey(right, 'U00001'));
  await redis.hset(userStatsKey(wrong, 'U00001'), hash);
  await redis.zrem(topUsersKey(right), 'U00001');
  const { differences } = JSON.parse((await verify()).stdout);
  expect(differences[0]).toMatchObject({ key: topUsersKey(right), field: 'U00001', actual: null });
  const { length } = Object.keys(hash);
  expect(differences.slice(1)).toHaveLength(length);
  expect(differences[1]).toMatchObject({ key: userStatsKey(wrong, 'U00001'), expected: null });
  connection.drop(redis);
});

it('compares each shard, and says when the cluster merely holds more orders', async () => {
  const connection = connectTo(cluster);
  const redis = await connection.open();
  const shards = shardsOf(redis);
  const [one = '', other = ''] = shards;
  const bodies = [one, other].map((shard) => {
    for (let n = 0; ; n++)
      if (shardOf(shards, `U${n}`) === shard) return orderBody({ order_id: `ORD${n}`, user_id: `U${n}` });
  });
  await deliver(connection, bodies);
  const file = join(folder, 'shards.jsonl');
  const verify = async (bodies: readonly string[], ...options: string[]) => {
    writeFileSync(file, bodies.join('\n'));
    return (await runVerify([...options, '--file', file], { REDIS_URL: cluster.url })).stdout;
  };
  const differences = async () => JSON.parse(await verify(bodies, '--json')).differences;
  expect(await differences()).toEqual([]);
  expect(await verify(bodies.slice(1))).toContain('Redis also holds 1 order that is in none of the files');

  for (const [shard, amount] of [
    [one, '89.99'],
    [other, '109.99'],
  ] as const) {
    await redis.hset(globalStatsKey(shard), { total_revenue: amount, '2024-12': `1 ${amount}` });
    await redis.hset(globalDaysKey(shard), '2024-12-13', `1 ${amount}`);
  }
  const day = '2024-12-13';
  expect(await differences()).toMatchObject([
    { key: globalStatsKey(one), field: 'total_revenue', expected: '99.99', actual: '89.99' },
    { key: globalStatsKey(one), field: '2024-12', expected: '1 99.99', actual: '1 89.99' },
    { key: globalDaysKey(one), field: day, expected: '1 99.99', actual: '1 89.99' },
    { key: globalStatsKey(other), field: 'total_revenue', expected: '99.99', actual: '109.99' },
    { key: globalStatsKey(other), field: '2024-12', expected: '1 99.99', actual: '1 109.99' },
    { key: globalDaysKey(other), field: day, expected: '1 99.99', actual: '1 109.99' },
    { key: ledgerKey(one), field: day, expected: '1 89.99', actual: '1 99.99' },
    { key: ledgerKey(other), field: day, expected: '1 109.99', actual: '1 99.99' },
  ]);
  connection.drop(redis);
});
