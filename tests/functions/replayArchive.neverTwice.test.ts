import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { writeLine } from '../../lib/archive/line.ts';
import { objectKey } from '../../lib/archive/objectKey.ts';
import { type ArchivedPipeline, startArchivedPipeline } from '../support/archivedPipeline.ts';
import { DAY } from '../support/clock.ts';
import { expectExact } from '../support/expectModel.ts';
import { orderBody, orderOf } from '../support/orderMessage.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcpProxy.ts';

const CHECKPOINT = 'global:checkpoint';
/** No checkpoint is later than this before now, in milliseconds. */
const MARGIN = 5 * 60_000;
const STOPPED = 'replay stopped: the ledger may have forgotten orders that would count twice';

let server: RedisServer;
let proxy: TcpProxy;
let redis: Redis;
let pipeline: ArchivedPipeline;
/** Called with what the functions send to Redis, before it arrives. */
let onSend: (text: string) => Promise<unknown> | undefined;

beforeAll(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
  let sent = Promise.resolve();
  proxy = await startTcpProxy(server.port, (bytes, to) => {
    if (to.remotePort !== server.port) to.write(bytes);
    // One after the other, so that what follows waits too.
    else sent = sent.then(() => onSend(bytes.toString('latin1'))).then(() => void to.write(bytes));
  });
  pipeline = await startArchivedPipeline(`redis://127.0.0.1:${proxy.port}`);
});
beforeEach(async () => {
  onSend = () => undefined;
  pipeline.archive.clear();
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  await Promise.all([pipeline.stop(), proxy.stop()]);
  await server.stop();
  vi.unstubAllEnvs();
});

const newOrders = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => orderBody({ order_id: `${name}-${n}`, user_id: `U${n % 7}` }));

/** Writes orders into the archive, as the worker would have some time ago. */
async function archived(bodies: readonly string[], msAgo: number): Promise<void> {
  const lines = bodies.map((body) => writeLine(orderOf(body)));
  await pipeline.archive.put(objectKey(Date.now() - msAgo, 'put'), lines);
}

const expectEachOnce = (bodies: readonly string[]) =>
  expectExact(
    redis,
    bodies.map((body) => ({ body, fate: 'counted' })),
  );

const seconds = async (): Promise<number> => Number((await redis.time())[0]);

/** Makes Redis as it would be if its first order had been counted, or it had been replayed, some days ago. */
const setAge = async (field: 'born' | 'clock', days: number) =>
  redis.hset(CHECKPOINT, field, (await seconds()) - Math.round(days * 86_400));

/** Everything that Redis holds. */
async function snapshot(): Promise<() => Promise<void>> {
  const keys = await redis.keys('*');
  const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
  return async () => {
    await redis.flushall();
    for (const [n, key] of keys.entries()) await redis.restore(key, 0, values[n] ?? '');
  };
}

it('a Redis remembers when the first order of its totals was counted, by the worker or by a replay', async () => {
  const before = await seconds();
  await pipeline.count(newOrders('A', 1));
  const born = Number(await redis.hget(CHECKPOINT, 'born'));
  expect(born).toBeGreaterThanOrEqual(before);
  expect(born).toBeLessThanOrEqual(await seconds());
  await redis.hset(CHECKPOINT, 'born', 1);
  await pipeline.count(newOrders('B', 1));
  expect(await redis.hget(CHECKPOINT, 'born')).toBe('1');

  await redis.flushall();
  await archived(newOrders('A', 1), 60 * DAY);
  await pipeline.replay();
  expect(Number(await redis.hget(CHECKPOINT, 'born'))).toBeGreaterThanOrEqual(born);
});

it('a Redis that was counted into for less than 29 days takes all of the archive', async () => {
  await archived(newOrders('OLD', 3), 60 * DAY);
  await pipeline.count(newOrders('NEW', 3));
  await setAge('born', 28.9);
  expect(await pipeline.replay()).toMatchObject({ replayed: 6, restored: 3 });
  await expectEachOnce([...newOrders('OLD', 3), ...newOrders('NEW', 3)]);
});

it('totals that are younger than what the ledger lost take all of the archive', async () => {
  await archived(newOrders('OLD', 3), 60 * DAY);
  await pipeline.count(newOrders('NEW', 3));
  await redis.hset(CHECKPOINT, 'lost', (await seconds()) - 86_400);
  expect(await pipeline.replay()).toMatchObject({ replayed: 6, restored: 3 });
  await expectEachOnce([...newOrders('OLD', 3), ...newOrders('NEW', 3)]);
});

it('a Redis that was counted into for more than 29 days and never replayed takes nothing older', async () => {
  await archived(newOrders('OLD', 3), 29.1 * DAY);
  await pipeline.count(newOrders('NEW', 3));
  await setAge('born', 29.1);
  expect(await pipeline.replay()).toMatchObject({ replayed: 0, restored: 0 });
  expect(pipeline.lines()).toContainEqual(
    expect.objectContaining({ level: 'ERROR', message: STOPPED, forgotten: [''] }),
  );
  expect(await redis.hget(CHECKPOINT, 'until')).toBeNull();
  await expectEachOnce(newOrders('NEW', 3));
});

it('a checkpoint of less than 29 days goes on, and an older one does not', async () => {
  await pipeline.count(newOrders('NEW', 3));
  await pipeline.replay();
  await setAge('born', 100);
  const replayedAgo = async (days: number) => {
    await setAge('clock', days);
    await redis.hset(CHECKPOINT, 'until', Date.now() - days * DAY);
  };
  await archived(newOrders('OLD', 3), 29 * DAY);
  await replayedAgo(29.1);
  expect(await pipeline.replay()).toMatchObject({ replayed: 0 });
  await replayedAgo(29.0 - 1 / 1440);
  await archived(newOrders('LATER', 3), 28.9 * DAY);
  expect(await pipeline.replay()).toMatchObject({ replayed: 6, restored: 3 });
});

it('an empty Redis with a checkpoint of any age takes what is archived after it', async () => {
  await archived(newOrders('OLD', 3), 60 * DAY);
  await redis.hset(CHECKPOINT, 'until', Date.now() - 61 * DAY);
  await setAge('clock', 61);
  expect(await pipeline.replay()).toMatchObject({ restored: 3 });
});

it('a checkpoint is as old by the clock of Redis as by that of S3', async () => {
  await archived(newOrders('A', 1), 20 * 60_000);
  await pipeline.replay();
  const { until, clock } = await redis.hgetall(CHECKPOINT);
  expect(Math.abs(Number(until) - (Date.now() - MARGIN))).toBeLessThan(5000);
  expect(Math.abs(Number(clock) - (await seconds()) + MARGIN / 1000)).toBeLessThan(5);
});

it('a replay counts nothing into totals whose ledger is gone, before and after the next order', async () => {
  // Takes several calls, which are in flight together.
  await pipeline.count(newOrders('A', 300));
  await pipeline.replay();
  await redis.del('global:ledger:orders');
  const expectStopped = async () => {
    expect(await pipeline.replay()).toMatchObject({ replayed: 0 });
    expect(pipeline.lines().filter(({ level }) => level === 'ERROR')).toMatchObject([
      { message: STOPPED, forgotten: [''] },
    ]);
  };
  await expectStopped();
  await pipeline.count(newOrders('B', 3));
  await expectStopped();
  await expectEachOnce([...newOrders('A', 300), ...newOrders('B', 3)]);
});

it.each([
  ['counted', 'last_counted'],
  ['restored', 'last_restored'],
])('a replay goes on where the ledger expired two months after the last order was %s', async (_, field) => {
  const twoMonthsAgo = (await seconds()) - 59 * 86_400;
  await pipeline.count(newOrders('A', 3));
  await pipeline.replay();
  await redis.del('global:ledger:orders', 'global:messages');
  await redis.hset('global:messages', { last_counted: twoMonthsAgo - 86_400, [field]: twoMonthsAgo });
  pipeline.archive.clear();
  await pipeline.replay();
  await pipeline.count(newOrders('B', 3));
  expect(await pipeline.replay()).toMatchObject({ replayed: 3, restored: 0 });
  await expectEachOnce([...newOrders('A', 3), ...newOrders('B', 3)]);
});

it('a replay reads the checkpoint once', async () => {
  await pipeline.count(newOrders('A', 3));
  let reads = 0;
  onSend = (text) => {
    reads += text.split('$5\r\nuntil\r\n').length - 1;
    return undefined;
  };
  await pipeline.replay();
  expect(reads).toBe(1);
});

it('a replay never puts a checkpoint back', async () => {
  await archived(newOrders('A', 1), 60_000);
  const ahead = Date.now() + 1000;
  await redis.hset(CHECKPOINT, 'until', ahead);
  await setAge('clock', 0);
  await pipeline.replay();
  expect(Number(await redis.hget(CHECKPOINT, 'until'))).toBe(ahead);
});

it('a run that ends before it has replayed anything leaves the age of the archive in the checkpoint', async () => {
  await archived(newOrders('A', 1), 10 * DAY);
  await pipeline.replay({ remainingMs: () => 0 });
  const { until, clock } = await redis.hgetall(CHECKPOINT);
  expect(Math.abs(Number(until) - (Date.now() - 10 * DAY))).toBeLessThan(5000);
  expect(Math.abs(Number(clock) - ((await seconds()) - (10 * DAY) / 1000))).toBeLessThan(5);
});

it.each([
  ['where a replay begins', 'begin'],
  ['an order of the archive', 'replay'],
  ['the checkpoint', 'move'],
])('a Redis that loses everything right before it gets %s takes all of the archive once more', async (_, argument) => {
  const [older, newer] = [newOrders('OLDER', 100), newOrders('NEWER', 100)];
  await archived(older, 60 * 60_000);
  await pipeline.replay();
  await redis.hset(CHECKPOINT, 'until', Date.now() - 30 * 60_000);
  await archived(newer, 20 * 60_000);
  let losses = 0;
  onSend = (text) => {
    if (!text.includes(`$${argument.length}\r\n${argument}\r\n`) || losses++ > 0) return undefined;
    return redis.flushall();
  };
  await pipeline.replay();
  expect(losses).toBeGreaterThan(1);
  await expectEachOnce([...older, ...newer]);
});

it('a Redis that goes back in time during a replay skips nothing', async () => {
  const bodies = newOrders('A', 400);
  for (let n = 0; n < 40; n++) await archived(bodies.slice(n * 10, (n + 1) * 10), 60 * 60_000 - n);
  let calls = 0;
  let goBack: (() => Promise<void>) | undefined;
  onSend = async (text) => {
    if (!text.includes('$6\r\nreplay\r\n')) return;
    calls++;
    if (calls === 2) goBack = await snapshot();
    if (calls === 4) await goBack?.();
  };
  await pipeline.replay();
  expect(calls).toBeGreaterThan(5);
  await expectEachOnce(bodies);
});
