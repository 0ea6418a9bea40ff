import { gzipSync } from 'node:zlib';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { writeLine } from '../../lib/archive/line.ts';
import { objectKey } from '../../lib/archive/objectKey.ts';
import { type ArchivedPipeline, startArchivedPipeline } from '../support/archivedPipeline.ts';
import { expectExact, type Settled } from '../support/expectModel.ts';
import { orderBody, orderOf } from '../support/orderMessage.ts';
import { nodesOf, visibleContent } from '../support/storedContent.ts';

const MINUTE = 60_000;
/** No checkpoint is later than this before now. */
const MARGIN = 5 * MINUTE;

let server: RedisServer;
let redis: Redis;
let pipeline: ArchivedPipeline;

beforeAll(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
  // One test restarts the server.
  redis.on('error', () => {});
  pipeline = await startArchivedPipeline(server.url);
});
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Math.floor(Date.now() / 1000) * 1000 });
  pipeline.archive.clear();
  await redis.flushall();
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(async () => {
  redis.disconnect();
  await Promise.all([server.stop(), pipeline.stop()]);
  vi.unstubAllEnvs();
});

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

const newOrders = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => orderBody({ order_id: `${name}-${n}`, user_id: `U${n % 7}` }));

const settled = (bodies: readonly string[]): Settled[] => bodies.map((body) => ({ body, fate: 'counted' }));

const messages = () => redis.hgetall('global:messages');
const checkpoint = async () => Number(await redis.hget('global:checkpoint', 'until'));
const keysRead = () => pipeline.archive.requests.flatMap(({ method, key }) => (method === 'GET' && key ? [key] : []));

/** Writes orders into the archive, as the worker would have at a time. @returns the key */
async function archiveAt(time: number, bodies: readonly string[], name = 'put'): Promise<string> {
  const key = objectKey(time, name);
  await pipeline.archive.put(
    key,
    bodies.map((body) => writeLine(orderOf(body))),
  );
  return key;
}

it('a Redis that lost everything gets all totals back, in the latest versions', async () => {
  const recent = orderBody({ order_id: 'RECENT', order_timestamp: new Date().toISOString() });
  const first = [...newOrders('A', 20), orderBody({ order_id: 'AMENDED' }), recent];
  const second = [
    ...newOrders('B', 20),
    orderBody({ order_id: 'AMENDED', order_version: 3, order_timestamp: '2025-02-01T00:00:00Z' }),
    orderBody({ order_id: 'A-1', user_id: 'U1', order_version: 2, order_status: 'cancelled' }),
  ];
  const third = [orderBody({ order_id: 'AMENDED', order_version: 2 }), first[0] ?? ''];
  for (const batch of [first, second, third]) expect(await pipeline.count(batch)).toBe(0);
  const before = await visibleContent(nodesOf(redis));
  await redis.flushall();

  expect(await pipeline.replay()).toMatchObject({ replayed: 46, restored: 44 });
  const after = new Map(await visibleContent(nodesOf(redis)));
  expect(after.get('global:messages')).toEqual({ restored: '44', last_restored: expect.stringMatching(/^\d{10}$/) });
  expect(after.has('global:hours')).toBe(true);
  after.set('global:messages', before.get('global:messages') ?? {});
  expect(after).toEqual(before);
  expect(pipeline.lines()).toContainEqual(expect.objectContaining({ level: 'WARN', message: 'replay', restored: 44 }));
});

it('in normal times a replay changes nothing but the checkpoint', async () => {
  await pipeline.count(newOrders('A', 5));
  await pipeline.count([...newOrders('A', 5), orderBody({ order_id: 'A-0', user_id: 'U0', order_version: 2 })]);
  const before = await visibleContent(nodesOf(redis));
  pass(15 * MINUTE);
  expect(await pipeline.replay()).toMatchObject({ replayed: 11, restored: 0 });
  expect(await visibleContent(nodesOf(redis))).toEqual(before);
  expect(pipeline.lines()).toContainEqual(expect.objectContaining({ level: 'INFO', message: 'replay', conflicts: 0 }));
});

it('only the part of the orders that Redis lost is restored', async () => {
  await pipeline.count(newOrders('A', 5));
  await redis.flushall();
  await pipeline.count(newOrders('B', 3));
  const counted = await messages();
  expect(await pipeline.replay()).toMatchObject({ replayed: 8, restored: 5 });
  expect(await messages()).toMatchObject({ ...counted, restored: '5' });
  await expectExact(redis, settled([...newOrders('A', 5), ...newOrders('B', 3)]));
});

it('a replay goes on from the checkpoint, which stays 5 minutes behind the clock of S3', async () => {
  await pipeline.count(newOrders('A', 1));
  pass(10 * MINUTE);
  await pipeline.count(newOrders('B', 1));
  const [first, second] = await pipeline.archive.keys();
  expect(await pipeline.replay()).toEqual({ replayed: 2, restored: 0, lagSeconds: 300 });
  expect(await checkpoint()).toBe(Date.now() - MARGIN);
  expect(keysRead()).toEqual([first, second]);

  pass(10 * MINUTE);
  await pipeline.replay();
  expect(keysRead()).toEqual([first, second, second]);
  pass(MINUTE);
  await pipeline.replay();
  expect(keysRead()).toEqual([first, second, second]);
});

it('an object that arrives up to 5 minutes late is replayed', async () => {
  const time = Date.now();
  pass(15 * MINUTE);
  await pipeline.replay();
  await archiveAt(time + 10 * MINUTE + 1000, newOrders('LATE', 1));
  expect(await pipeline.replay()).toMatchObject({ restored: 1 });
});

it('a PUT that was given up on, and arrives when the checkpoint has passed it, changes no total', async () => {
  const { archive } = pipeline;
  const bodies = newOrders('A', 5);
  archive.intercept(() => 'away');
  expect(await pipeline.count(bodies)).toBe(5);
  const late = archive.requests.find(({ method }) => method === 'PUT')?.key ?? '';
  archive.intercept();
  pass(MINUTE);
  expect(await pipeline.count(bodies)).toBe(0);
  pass(20 * MINUTE);
  await pipeline.replay();
  expect(late < objectKey(await checkpoint(), '')).toBe(true);

  await archive.put(late, await archive.lines());
  pass(15 * MINUTE);
  expect(await pipeline.replay()).toMatchObject({ replayed: 0, restored: 0 });
  await expectExact(redis, settled(bodies));
  await redis.flushall();
  expect(await pipeline.replay()).toMatchObject({ replayed: 10, restored: 5 });
  await expectExact(redis, settled(bodies));
});

it('the lag is the age of the checkpoint in seconds', async () => {
  await archiveAt(Date.now() - 600 * MINUTE, newOrders('A', 1));
  // No time: it ends before it has replayed anything.
  expect(await pipeline.replay({ remainingMs: () => 0 })).toEqual({ replayed: 0, restored: 0, lagSeconds: 36_000 });
  expect(await pipeline.replay()).toEqual({ replayed: 1, restored: 1, lagSeconds: 300 });
});

it('a run ends before its timeout after 20,000 orders, and the next one goes on from there', async () => {
  const start = Date.now() - 60 * MINUTE;
  const keys = [0, 1, 2].map((n) => objectKey(start + n * MINUTE, 'put'));
  for (const [object, key] of keys.entries()) {
    const lines = Array.from({ length: object < 2 ? 10_000 : 1 }, (_, n) =>
      orderBody({ order_id: `${object}-${n}`, user_id: `U${n % 100}` }),
    );
    await pipeline.archive.put(key, lines);
  }
  const times = [300_000, 29_999];
  const { replayed, lagSeconds } = await pipeline.replay({ remainingMs: () => times.shift() ?? 0 });
  expect(replayed).toBe(20_000);
  expect(await redis.hget('global:stats', 'total_orders')).toBe('20000');
  expect(await checkpoint()).toBe(start + MINUTE);
  expect(lagSeconds).toBe(59 * 60);

  const before = keysRead().length;
  expect(await pipeline.replay()).toMatchObject({ replayed: 10_001, restored: 1 });
  expect(keysRead().slice(before)).toEqual(keys.slice(1));
  expect(await redis.hget('global:stats', 'total_orders')).toBe('20001');
});

it('two replays at once restore each order once, and both reach the end', async () => {
  const start = Date.now() - 60 * MINUTE;
  const bodies = newOrders('A', 4000);
  for (let n = 0; n < 40; n++) await archiveAt(start + n, bodies.slice(n * 100, (n + 1) * 100));
  await pipeline.replayAtOnce(['one', 'two']);
  await expectExact(redis, settled(bodies));
  expect(await messages()).toMatchObject({ restored: '4000' });
  expect(await checkpoint()).toBe(Date.now() - MARGIN);
});

it.each([
  ['is cut off', (bytes: Buffer) => bytes.subarray(0, -9), 'is not a whole gzip file'],
  ['holds a line that is no order', () => gzipSync('{"order_id":"A"}\n'), 'Line 1 of'],
])('an object that %s stops the replay, which names it and goes on once it is right', async (_, spoil, problem) => {
  const start = Date.now() - 60 * MINUTE;
  await archiveAt(start, newOrders('A', 3));
  const key = objectKey(start + MINUTE, 'put');
  await pipeline.archive.put(key, spoil(gzipSync(`${writeLine(orderOf(orderBody()))}\n`)));
  await archiveAt(start + 2 * MINUTE, newOrders('C', 3));
  for (let n = 0; n < 2; n++) {
    await expect(pipeline.replay()).rejects.toThrow(problem);
    await expect(pipeline.replay()).rejects.toThrow(key);
  }
  expect(await checkpoint()).toBeLessThanOrEqual(start + MINUTE);

  await archiveAt(start + MINUTE, newOrders('B', 3));
  await pipeline.replay();
  await expectExact(redis, settled([...newOrders('A', 3), ...newOrders('B', 3), ...newOrders('C', 3)]));
});

it('objects that the worker does not write are ignored', async () => {
  const { archive } = pipeline;
  const time = Date.now() - 60 * MINUTE;
  const own = objectKey(time, 'put');
  for (const key of [
    'orders/readme.txt',
    own.replace('.jsonl.gz', '.csv'),
    own.replace('put', 'a/b'),
    own.replace(/date=\d{4}/, 'date=2026-13'),
    own.replace('orders/', 'orders-2/'),
    own.replace('orders/', ''),
  ]) {
    await archive.put(key, ['not an order']);
  }
  await archiveAt(time, newOrders('A', 1));
  expect(await pipeline.replay()).toMatchObject({ replayed: 1, restored: 1 });
  expect(keysRead()).toEqual([own]);
});

it('an archive of many pages is restored as a whole, foreign pages included', async () => {
  pipeline.archive.limitPages(2);
  const time = Date.now() - 60 * MINUTE;
  for (const n of [0, 1, 2, 3]) await pipeline.archive.put(`orders/date=1971-01-0${n}/readme.txt`, ['not an order']);
  const bodies = newOrders('A', 5);
  for (const [n, body] of bodies.entries()) await archiveAt(time + n, [body]);
  expect(await pipeline.replay()).toMatchObject({ replayed: 5, restored: 5 });
  await expectExact(redis, settled(bodies));
});

it('a run that ends early has replayed whole pages', async () => {
  pipeline.archive.limitPages(2);
  const time = Date.now() - 60 * MINUTE;
  for (const [n, body] of newOrders('A', 5).entries()) await archiveAt(time + n, [body]);
  const times = [300_000, 300_000];
  expect(await pipeline.replay({ remainingMs: () => times.shift() ?? 0 })).toMatchObject({ replayed: 4 });
  expect(await checkpoint()).toBe(time + 3);
});

it('a corrupt key of Redis stops the replay, which names it and goes on once it is repaired', async () => {
  await pipeline.count(newOrders('A', 7));
  await redis.flushall();
  await pipeline.count(newOrders('A', 3));
  await redis.set('user:U5', 'no hash');
  await expect(pipeline.replay()).rejects.toThrow('user:U5');
  expect(pipeline.lines()).toContainEqual(expect.objectContaining({ ReplayLag: expect.any(Number) }));
  await redis.del('user:U5');
  await pipeline.replay();
  await expectExact(redis, settled(newOrders('A', 7)));
});

it('a checkpoint of another type stops the replay, which names it', async () => {
  await pipeline.count(newOrders('A', 3));
  await redis.set('global:checkpoint', 'no hash');
  await expect(pipeline.replay()).rejects.toThrow('global:checkpoint has an unexpected value');
});

it('while Redis is away a run fails, and the next one restores all', async () => {
  await pipeline.count(newOrders('A', 3));
  await server.stop();
  await expect(pipeline.replay()).rejects.toThrow('ECONNREFUSED');
  expect(pipeline.lines()).toContainEqual(
    expect.objectContaining({ message: 'replay failed', reason: expect.stringContaining('ECONNREFUSED') }),
  );
  server = await startRedisServer({ port: server.port });
  expect(await pipeline.replay()).toMatchObject({ restored: 3 });
});

it.each([
  ['list', (key: string) => key === ''],
  ['object', (key: string) => key !== ''],
])('while S3 gives no %s a run fails and skips nothing, and the next one goes on', async (_, fails) => {
  await archiveAt(Date.now() - 60 * MINUTE, newOrders('A', 3));
  pipeline.archive.intercept(({ key }) => (fails(key) ? 'away' : undefined));
  await expect(pipeline.replay()).rejects.toThrow('socket hang up');
  pipeline.archive.intercept();
  expect(await pipeline.replay()).toMatchObject({ restored: 3 });
  await expectExact(redis, settled(newOrders('A', 3)));
});

it('a later version counts in place of an earlier one that is archived after it, however old both are', async () => {
  const old = { order_id: 'OLD', order_timestamp: '2020-01-01T00:00:00Z' };
  const time = Date.now() - 60 * MINUTE;
  await archiveAt(time, [orderBody({ ...old, order_version: 3 })]);
  await archiveAt(time + 1, [orderBody({ ...old, order_version: 1 }), orderBody({ ...old, order_version: 2 })]);
  expect(await pipeline.replay()).toMatchObject({ replayed: 3, restored: 1 });
  await expectExact(redis, settled([orderBody({ ...old, order_version: 3 })]));
});

it('a message that conflicts with a lost order is reported until a rebuild counts the first one again', async () => {
  const [first, other] = [orderBody(), orderBody({ order_timestamp: '2024-12-14T10:00:00Z' })];
  await pipeline.count([first]);
  await redis.flushall();
  expect(await pipeline.count([other])).toBe(0);
  await pipeline.replay();
  expect(pipeline.lines()).toContainEqual(expect.objectContaining({ level: 'WARN', message: 'replay', conflicts: 1 }));
  await expectExact(redis, settled([other]));

  await redis.flushall();
  await pipeline.replay();
  await expectExact(redis, settled([first]));
});
