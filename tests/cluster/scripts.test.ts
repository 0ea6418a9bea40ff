import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RedisConnection } from '../../lib/redis.ts';
import { defineCountingScript } from '../../lib/stats/countCall.ts';
import { lookUp } from '../../lib/stats/lookup.ts';
import { orderBody, orderOf } from '../support/orderMessage.ts';
import { startCluster, type TestCluster } from './support/cluster.ts';
import { settle } from './support/deliver.ts';

const bodies = Array.from({ length: 200 }, (_, n) => orderBody({ order_id: `ORD${n}`, user_id: `U${n % 60}` }));
const folder = mkdtempSync(join(tmpdir(), 'orders-cluster-'));
const file = join(folder, 'orders.jsonl');

let cluster: TestCluster;
let connection: RedisConnection;

beforeAll(async () => {
  cluster = await startCluster();
  connection = new RedisConnection(cluster.url, { connectMs: 1000, commandMs: 5000 }, defineCountingScript);
  await settle(connection, bodies);
  writeFileSync(file, bodies.join('\n'));
});
afterAll(async () => {
  connection.drop(await connection.open());
  await cluster.stop();
  rmSync(folder, { recursive: true });
});

const verify = () =>
  promisify(execFile)(process.execPath, [
    ...['--import', 'tsx', 'scripts/verify.ts'],
    ...['--file', file, '--redis', cluster.url, '--json'],
  ]);

it('npm run verify compares the keys of all nodes, and finds a total that is missing', async () => {
  await verify();
  await (await connection.open()).del('user:U7');
  await expect(verify()).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('user:U7') });
});

it('the ledger, which npm run dlq asks, is found on all nodes', async () => {
  const redis = await connection.open();
  const orders = bodies.map((body) => orderOf(body));
  expect(new Set(await lookUp(redis, orders))).toEqual(new Set(['counted']));
});
