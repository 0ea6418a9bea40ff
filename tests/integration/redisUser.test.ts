import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import type { Redis } from 'ioredis';
import { afterAll, expect, it, onTestFinished, vi } from 'vitest';
import { npmStart } from '../../dev/servers/npmStart.ts';
import { startArchive } from '../support/archive.ts';
import { startDeadLetterQueue } from '../support/deadLetterQueue.ts';
import { loadReplay } from '../support/loadReplay.ts';
import { loadWorker } from '../support/loadWorker.ts';
import { orderBody } from '../support/orderMessage.ts';
import { getEvent, type ImportFunction, loadReadFunction } from '../support/readFunction.ts';
import { failedIds, startQueue } from '../support/sqsEvent.ts';
import { startScript } from '../support/startScript.ts';
import { startTemporaryRedis } from '../support/temporaryRedis.ts';

/* The user of Redis that docs/deployment.md describes may do all that functions and tools need. */

const DEPLOYMENT = readFileSync('docs/deployment.md', 'utf8');
const [, COMMAND = ''] = /acl setuser (orders on [\s\S]*?)```/.exec(DEPLOYMENT) ?? [];
const RULES = COMMAND.replaceAll(/['\\]/g, '').split(/\s+/).filter(Boolean);
const [, ON_CLUSTER = ''] = /On a cluster the keys are ([\s\S]*?) comes to the commands/.exec(DEPLOYMENT) ?? [];
const CLUSTER_RULES = [...ON_CLUSTER.matchAll(/~[^'`]+|\+[\w|]+/g)].map(([rule]) => rule);

const READERS: readonly ImportFunction[] = [
  () => import('../../functions/getGlobalStats.ts'),
  () => import('../../functions/getUserStats.ts'),
  () => import('../../functions/getTopUsers.ts'),
  () => import('../../functions/getOverview.ts'),
  () => import('../../functions/getPipeline.ts'),
  () => import('../../functions/getHealth.ts'),
];

afterAll(() => {
  vi.unstubAllEnvs();
});

async function startRedis(settings: Record<string, string | number> = {}): Promise<{ redis: Redis; url: string }> {
  const { redis, url } = await startTemporaryRedis(settings);
  return { redis, url: url.replace('redis://', 'redis://orders:password@') };
}

const VERSIONS = [
  orderBody(),
  orderBody({ order_version: 2, order_value: 50, items: [{ product_id: 'P1', quantity: 1, price_per_unit: 50 }] }),
  orderBody({ order_id: 'ORD2' }),
  orderBody({ order_id: 'ORD2', order_version: 2, order_status: 'cancelled' }),
  'not an order',
];

/** Counts and archives amended, cancelled and invalid messages, reads what that gives, and replays it. */
async function countAndRead(url: string): Promise<void> {
  const [queue, archive] = await Promise.all([startQueue(), startArchive()]);
  onTestFinished(async () => {
    await Promise.all([queue.stop(), archive.stop()]);
  });
  const environment = {
    REDIS_URL: url,
    ...queue.environment,
    ...archive.environment,
    POWERTOOLS_LOG_LEVEL: 'WARN',
  };
  const count = await loadWorker(environment);
  const ids = await queue.send(VERSIONS);
  expect(failedIds(await count(await queue.receive()))).toEqual(ids.slice(-1));
  for (const reader of READERS) {
    const ask = await loadReadFunction(reader, { ...environment, DEAD_LETTER_QUEUE_URL: queue.environment.QUEUE_URL });
    const { statusCode, body } = await ask(getEvent({ user_id: 'U5678' }));
    expect([statusCode, body]).toEqual([200, expect.not.stringContaining('"messages":null')]);
  }
  const replay = await loadReplay(environment);
  await replay();
  const ask = await loadReadFunction(() => import('../../functions/getGlobalStats.ts'), environment);
  expect(JSON.parse((await ask(getEvent({}))).body)).toEqual({ total_orders: 1, total_revenue: 50 });
}

it('the documented permissions are enough for worker, replay, API and tools', async () => {
  const { redis, url } = await startRedis();
  await redis.call('ACL', 'SETUSER', ...RULES);
  await countAndRead(url);

  const directory = mkdtempSync(join(tmpdir(), 'orders-user-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'orders.jsonl');
  writeFileSync(file, VERSIONS.slice(0, -1).join('\n'));
  const AWS_ENDPOINT_URL = await startDeadLetterQueue([orderBody()]);
  const run = (script: string, ...args: string[]) =>
    startScript(`scripts/${script}.ts`, args, { REDIS_URL: url, AWS_ENDPOINT_URL }).result;
  expect(await run('verify', '--file', file)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('No difference'),
  });
  expect(await run('dlq', 'list')).toMatchObject({ code: 0, stderr: '' });
  expect(await run('dlq', 'redrive', '--only', 'retryable')).toMatchObject({ code: 0 });

  const running = npmStart({ REDIS_URL: url, SAMPLE_ORDERS: '0' });
  expect(await running.addresses()).toMatchObject({ redis: expect.any(String) });
  running.signal('SIGINT');
  await running.exitCode;
});

it('on a cluster the documented permissions are enough for worker, replay and API', async () => {
  const { redis, url } = await startRedis({
    'cluster-enabled': 'yes',
    'cluster-port': await getPort(),
    'cluster-announce-ip': '127.0.0.1',
  });
  await redis.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
  await expect.poll(() => redis.call('CLUSTER', 'INFO'), { timeout: 20_000 }).toContain('cluster_state:ok');
  expect(CLUSTER_RULES).toHaveLength(4);
  await redis.call('ACL', 'SETUSER', ...RULES.filter((rule) => !rule.startsWith('~')), ...CLUSTER_RULES);
  await countAndRead(url.replace('redis', 'redis+cluster'));
});
