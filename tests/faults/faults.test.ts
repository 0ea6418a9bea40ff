import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startRedisServer } from '../../dev/servers/redisServer.ts';
import { defineCountingScript } from '../../lib/counting/count.ts';
import { RedisConnection } from '../../lib/redis/connection.ts';
import { seededRandom } from '../../scripts/shared/random.ts';
import { settle } from '../support/deliver.ts';
import { expectExact, type Settled } from '../support/expectModel.ts';
import { startWorkerProcess } from '../support/functionProcess.ts';
import { orderBody } from '../support/orderMessage.ts';
import { messagesOf } from '../support/queueMessages.ts';
import { startTcpProxy } from '../support/tcpProxy.ts';
import { runTrial } from '../support/trial.ts';
import { trialMessages } from '../support/trialMessages.ts';
import { FragileRedis } from './fragileRedis.ts';

const MINUTES = 60_000;
const WAIT = { timeout: 20_000 };
const random = seededRandom(1, 0);

let fragile: FragileRedis;

beforeEach(async () => {
  fragile = await FragileRedis.start();
});
afterEach(() => fragile.stop());

/** Delivers messages to a separate worker, undisturbed. @returns their results */
async function settleAt(url: string, bodies: readonly string[]): Promise<Settled[]> {
  const connection = new RedisConnection(url, { connectMs: 1000, commandMs: 5000 }, defineCountingScript);
  const settled = await settle(connection, bodies);
  connection.drop(await connection.open());
  return settled;
}

it(
  'Redis is killed twice and restarted from its file in the middle of 20,000 orders',
  async () => {
    const bodies = trialMessages(1, { orders: 20_000, users: 500, conflicts: 100 });
    const options = { workers: 2, batchSize: 100, faults: ['kill', 'kill'] as const };
    const settled = await runTrial(fragile, bodies, options, random);
    await expectExact(fragile.redis, settled);
  },
  2 * MINUTES,
);

it(
  'Redis hangs for longer than workers wait, then executes the commands that they gave up on',
  async () => {
    const bodies = trialMessages(2, { orders: 5_000, users: 500, conflicts: 100 });
    const options = { workers: 3, batchSize: 100, faults: ['hang', 'hang', 'hang'] as const };
    const settled = await runTrial(fragile, bodies, options, random);
    await expectExact(fragile.redis, settled);
  },
  2 * MINUTES,
);

it(
  'Redis runs out of memory, is demoted to a replica, forgets its scripts and closes connections',
  async () => {
    const bodies = trialMessages(3, { orders: 5_000, users: 500, conflicts: 100 });
    const faults = ['fillUp', 'demote', 'forgetScripts', 'cutConnections'] as const;
    const settled = await runTrial(fragile, bodies, { workers: 3, batchSize: 100, faults }, random);
    await expectExact(fragile.redis, settled);
  },
  2 * MINUTES,
);

it(
  'a replica takes over while orders are written',
  async () => {
    const primary = await startRedisServer({ settings: { 'repl-diskless-sync-delay': 0 } });
    const replica = await startRedisServer({ settings: { replicaof: `127.0.0.1 ${primary.port}` } });
    const proxy = await startTcpProxy(primary.port);
    const [old, promoted] = [new Redis(primary.url), new Redis(replica.url)];
    await vi.waitFor(async () => expect(await old.info('replication')).toContain('state=online'), WAIT);

    const url = `redis://127.0.0.1:${proxy.port}`;
    const bodies = trialMessages(4, { orders: 5_000, users: 200, conflicts: 50 });
    const failover = async () => {
      // Waits until the replica has everything; old connections then get READONLY.
      await old.call('FAILOVER');
      await vi.waitFor(async () => expect(await promoted.info('replication')).toContain('role:master'), WAIT);
      proxy.leadTo(replica.port);
    };
    const settled = await runTrial(
      { url, failover },
      bodies,
      { workers: 2, batchSize: 50, faults: ['failover'] },
      random,
    );
    await expectExact(promoted, settled);

    for (const redis of [old, promoted]) redis.disconnect();
    await proxy.stop();
    await Promise.all([primary.stop(), replica.stop()]);
  },
  2 * MINUTES,
);

it(
  'workers are killed in the middle of a batch, again and again',
  async () => {
    const bodies = trialMessages(5, { orders: 3_000, users: 200, conflicts: 50 });
    const event = { Records: messagesOf(bodies) };
    for (let n = 0; n < 8; n++) {
      const worker = await startWorkerProcess(fragile.url);
      worker.deliver(event).catch(() => {});
      await sleep(n * 8);
      await worker.kill();
    }
    await expectExact(fragile.redis, await settleAt(fragile.url, bodies));
  },
  2 * MINUTES,
);

it('8 workers count the same batch at once', async () => {
  const bodies = trialMessages(6, { orders: 2_000, users: 100, conflicts: 0 });
  const all = await Promise.all(Array.from({ length: 8 }, () => settleAt(fragile.url, bodies)));
  for (const settled of all) await expectExact(fragile.redis, settled);
});

it('neither a duplicate nor a conflict that follows it counts', async () => {
  const bodies = [orderBody(), orderBody(), orderBody({ user_id: 'U2' }), orderBody()];
  const settled = await settleAt(fragile.url, bodies);
  expect(settled.map(({ fate }) => fate)).toEqual(['counted', 'counted', 'rejected', 'counted']);
  await expectExact(fragile.redis, settled);
});

it('a batch of invalid messages changes only the invalid counter', async () => {
  const bodies = [
    '',
    'null',
    '[]',
    '{',
    '{"order_id":"ORD1"}',
    orderBody({ order_value: 1 }),
    orderBody({ items: [] }),
  ];
  const settled = await settleAt(fragile.url, bodies);
  expect(settled.every(({ fate }) => fate === 'rejected')).toBe(true);
  expect(await fragile.redis.keys('*')).toEqual(['global:messages']);
  expect(await fragile.redis.hgetall('global:messages')).toEqual({ invalid: `${bodies.length}` });
});
