import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { shardOf, shardsOf, topUsers, userStats } from '../../lib/stats/keys.ts';
import { generateMessages } from '../../scripts/shared/generator.ts';
import { today } from '../../scripts/shared/order.ts';
import { startScript } from '../support/startScript.ts';
import { connectTo } from './support/connect.ts';
import { deliver } from './support/deliver.ts';
import { emptyCluster } from './support/emptyCluster.ts';

const cluster = await emptyCluster();
const folder = mkdtempSync(join(tmpdir(), 'orders-verify-cluster-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('verify adds up the shards, and looks for each user in the right one', async () => {
  const options = { count: 1000, users: 200, invalid: 0.05, duplicates: 0.1, revisions: 0.1, cancellations: 0.05 };
  const bodies = [...generateMessages({ ...options, seed: 1, day: today(), shuffle: true })].map(({ body }) => body);
  const connection = connectTo(cluster);
  for (let start = 0; start < bodies.length; start += 100) await deliver(connection, bodies.slice(start, start + 100));
  const file = join(folder, 'orders.jsonl');
  writeFileSync(file, bodies.join('\n'));
  const verify = () => startScript('scripts/verify.ts', ['--json', '--file', file], { REDIS_URL: cluster.url }).result;
  const { code, stdout } = await verify();
  expect(JSON.parse(stdout)).toMatchObject({ summary: { orders: 650, cancelled: 50 }, differences: [] });
  expect(code).toBe(0);

  const redis = await connection.open();
  const shards = shardsOf(redis);
  const right = shardOf(shards, 'U00001');
  const wrong = shards.find((shard) => shard !== right) ?? '';
  const hash = await redis.hgetall(userStats(right, 'U00001'));
  await redis.hset(userStats(wrong, 'U00001'), hash);
  await redis.zrem(topUsers(right), 'U00001');
  const { differences } = JSON.parse((await verify()).stdout);
  expect(differences[0]).toMatchObject({ key: topUsers(right), field: 'U00001', actual: null });
  const { length } = Object.keys(hash);
  expect(differences.slice(1)).toHaveLength(length);
  expect(differences[1]).toMatchObject({ key: userStats(wrong, 'U00001'), expected: null });
  connection.drop(redis);
});
