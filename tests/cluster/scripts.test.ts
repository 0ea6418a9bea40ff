import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { npmStart } from '../../dev/servers/npmStart.ts';
import type { RedisConnection } from '../../lib/redis/connection.ts';
import { startDeadLetterQueue } from '../support/deadLetterQueue.ts';
import { connectTo, settle } from '../support/deliver.ts';
import { orderBody } from '../support/orderMessage.ts';
import { type RedisCluster, startRedisCluster } from '../support/redisCluster.ts';
import { startScript } from '../support/startScript.ts';
import { userKey } from './support/cluster.ts';

const bodies = Array.from({ length: 200 }, (_, n) => orderBody({ order_id: `ORD${n}`, user_id: `U${n % 60}` }));
const folder = mkdtempSync(join(tmpdir(), 'orders-cluster-'));
const file = join(folder, 'orders.jsonl');

let cluster: RedisCluster;
let connection: RedisConnection;

beforeAll(async () => {
  cluster = await startRedisCluster({ primaries: 3, replicasOfEach: 1 });
  connection = connectTo(cluster);
  await settle(connection, bodies);
  writeFileSync(file, bodies.join('\n'));
});
afterAll(async () => {
  connection.drop(await connection.open());
  await cluster.stop();
  rmSync(folder, { recursive: true });
});

it('npm start uses a cluster', async () => {
  const running = npmStart({ REDIS_URL: cluster.url, SAMPLE_ORDERS: '0' });
  try {
    const { api } = await running.addresses();
    expect(await (await fetch(`${api}/stats/global`)).json()).toMatchObject({ total_orders: 200 });
  } finally {
    running.signal('SIGINT');
    await running.exitCode;
  }
});

it('npm run dlq finds the orders of all nodes in the ledger', async () => {
  const dead = [
    ...bodies.slice(0, 7),
    orderBody({ order_id: 'ORD7', user_id: 'U7', order_timestamp: '2025-01-01T00:00:00Z' }),
    orderBody({ order_id: 'ORD8', user_id: 'U9' }),
    orderBody({ order_id: 'NEW' }),
  ];
  const args = ['list', '--json', '--endpoint', await startDeadLetterQueue(dead), '--redis', cluster.url];
  const { code, stdout, stderr } = await startScript('scripts/dlq.ts', args).result;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const reasons = Array.from(stdout.matchAll(/"reason":"([^"]+)"/g), ([, reason]) => reason).sort();
  expect(reasons).toEqual([
    ...Array(7).fill('counted already, but perhaps not archived: redrive'),
    'version 1 is counted with a different day (2024-12-13, here 2025-01-01)',
    // ORD8 is of a user in another shard, whose ledger does not know it.
    ...Array(2).fill('would count now'),
  ]);
});

it('npm run verify compares the keys of all nodes and finds a missing total', async () => {
  const verify = () => startScript('scripts/verify.ts', ['--file', file, '--redis', cluster.url, '--json']).result;
  expect(await verify()).toMatchObject({ code: 0 });
  const redis = await connection.open();
  await redis.del(userKey(redis, 'U7'));
  expect(await verify()).toMatchObject({ code: 1, stdout: expect.stringContaining('user:U7') });
});
