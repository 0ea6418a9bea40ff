import { Redis } from 'ioredis';
import * as v from 'valibot';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { captureOutput } from '../support/captureOutput.ts';
import { loadWorker } from '../support/loadWorker.ts';
import { orderBody } from '../support/orderMessage.ts';
import { startReplica } from '../support/replica.ts';
import { failedIds, startQueue, type TestQueue } from '../support/sqsEvent.ts';

const ONE_ORDER = { total_orders: '1', total_revenue: '99.99', '2024-12': '1 99.99' };

let server: RedisServer;
let redis: Redis;
let queue: TestQueue;

beforeAll(async () => {
  queue = await startQueue();
});

beforeEach(async () => {
  queue.clear();
  server = await startRedisServer();
  redis = new Redis(server.url);
});

afterEach(async () => {
  redis.disconnect();
  await server.stop();
});

afterAll(async () => {
  await queue.stop();
  vi.unstubAllEnvs();
});

/** @returns the ids of the messages that a container reports as failed, and what it prints */
async function deliver(event: unknown, url: string, confirm: 'replica' | 'disk') {
  const environment = { REDIS_URL: url, CONFIRM: confirm, POWERTOOLS_LOG_LEVEL: 'INFO', ...queue.environment };
  const output = captureOutput();
  try {
    const count = await loadWorker(environment);
    return { failed: failedIds(await count(event)), printed: output.text() };
  } finally {
    output.restore();
  }
}

describe('a worker that waits for a replica', () => {
  let replica: RedisServer;

  beforeEach(async () => {
    replica = await startReplica(server);
  });

  afterEach(() => replica.stop());

  it('reports orders as done once a replica has them', async () => {
    await queue.send([orderBody()]);
    expect((await deliver(await queue.receive(), server.url, 'replica')).failed).toEqual([]);
    const copy = new Redis(replica.url);
    expect(await copy.hgetall('global:stats')).toEqual(ONE_ORDER);
    copy.disconnect();
  });

  it('reports orders and duplicates as failed while the replica hangs, and counts them once', async () => {
    const ids = await queue.send([orderBody()]);
    const event = await queue.receive();
    process.kill(replica.pid, 'SIGSTOP');
    const { failed, printed } = await deliver(event, server.url, 'replica');
    expect(failed).toEqual(ids);
    // On a busy machine the time limit of the command may come first.
    expect(printed).toMatch(/No replica has confirmed the orders within 900 ms|Command timed out/);
    expect((await deliver(event, server.url, 'replica')).failed).toEqual(ids);
    expect(queue.pauses().every((seconds) => seconds > 0)).toBe(true);

    process.kill(replica.pid, 'SIGCONT');
    expect((await deliver(event, server.url, 'replica')).failed).toEqual([]);
    expect(await redis.hgetall('global:stats')).toEqual(ONE_ORDER);
  });

  it('reports conflicts and invalid messages whether the replica answers or not', async () => {
    await queue.send([orderBody()]);
    await deliver(await queue.receive(), server.url, 'replica');
    process.kill(replica.pid, 'SIGSTOP');
    const ids = await queue.send(['{}', orderBody({ user_id: 'U2' })]);
    await deliver(await queue.receive(), server.url, 'replica');
    process.kill(replica.pid, 'SIGCONT');
    // Visible at once, because no retry can help.
    expect((await queue.receive()).Records.map(({ messageId }) => messageId)).toEqual(ids);
  });
});

it('a worker that waits for the disk fails orders with a reason when Redis has no append-only file or no WAITAOF', async () => {
  const ids = await queue.send([orderBody()]);
  const { failed, printed } = await deliver(await queue.receive(), server.url, 'disk');
  expect(failed).toEqual(ids);
  expect(printed).toMatch(/ERR (unknown command .WAITAOF|WAITAOF cannot be used)/);
});

it('a worker that waits for the disk reports orders as done once the append-only file is on disk', async ({ skip }) => {
  const [known] = v.parse(v.tuple([v.unknown()]), await redis.command('INFO', 'WAITAOF'));
  skip(known === null, 'this Redis is older than 7.2');
  const durable = await startRedisServer({ settings: { appendonly: 'yes', appendfsync: 'everysec' } });
  await queue.send([orderBody()]);
  expect((await deliver(await queue.receive(), durable.url, 'disk')).failed).toEqual([]);
  await durable.stop();
});
