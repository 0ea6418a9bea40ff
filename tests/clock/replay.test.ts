import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { primariesOf, type RedisClient } from '../../lib/redis/client.ts';
import type { RedisConnection } from '../../lib/redis/connection.ts';
import { type ArchivedPipeline, startArchivedPipeline } from '../support/archivedPipeline.ts';
import { DAY, LEDGER_PERIOD } from '../support/clock.ts';
import { expectExact } from '../support/expectModel.ts';
import { orderBody } from '../support/orderMessage.ts';
import { type ClockedRedis, startCluster, startSingle } from './target.ts';

const MINUTE = 60_000;
const USERS = 30;
const STOPPED = 'replay stopped: the ledger may have forgotten orders that would count twice';

describe.each([
  ['one Redis', startSingle],
  ['a cluster', startCluster],
])('on %s', (_, start) => {
  let target: ClockedRedis;
  let connection: RedisConnection;
  let redis: RedisClient;
  let pipeline: ArchivedPipeline;
  /** Every order of a test. */
  let bodies: string[];

  beforeAll(async () => {
    target = await start();
    connection = target.connect();
    redis = await connection.open();
    pipeline = await startArchivedPipeline(target.url);
  });
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    // Some time before the end of a period, so that none ends by chance.
    target.clock.set(Math.ceil(target.clock.now() / LEDGER_PERIOD) * LEDGER_PERIOD + DAY);
    vi.setSystemTime(target.clock.now());
    for (const node of nodes()) await node.flushall();
    pipeline.archive.clear();
    bodies = [];
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  afterAll(async () => {
    connection.drop(redis);
    await pipeline.stop();
    await target.stop();
    vi.unstubAllEnvs();
  });

  const nodes = (): Redis[] => primariesOf(redis);

  /** Time passes for Redis, the worker and S3. */
  function pass(ms: number): void {
    target.clock.moveBy(ms);
    vi.setSystemTime(target.clock.now());
  }

  /** Counts new orders, one per user. */
  async function count(): Promise<void> {
    const orders = Array.from({ length: USERS }, (_, n) =>
      orderBody({ order_id: `ORD${bodies.length + n}`, user_id: `U${n}` }),
    );
    expect(await pipeline.count(orders)).toBe(0);
    bodies.push(...orders);
  }

  const expectEachOnce = () =>
    expectExact(
      redis,
      bodies.map((body) => ({ body, fate: 'counted' })),
    );

  /** Adds up what is in a hash of each shard. */
  async function sumOf(name: string, read: (hash: Record<string, string>) => number): Promise<number> {
    let sum = 0;
    for (const node of nodes()) for (const key of await node.keys(`*${name}`)) sum += read(await node.hgetall(key));
    return sum;
  }

  const restored = async () => (await pipeline.replay()).restored;

  /** Days go by, with a replay on each tenth. */
  async function passWithReplays(days: number): Promise<void> {
    for (let passed = 0; passed < days; passed += 10) {
      pass(10 * DAY);
      expect(await restored()).toBe(0);
    }
  }

  /** @returns what goes back to all that Redis holds now */
  async function snapshot(): Promise<() => Promise<void>> {
    const kept: { node: Redis; key: string; value: Buffer | null; expires: number }[] = [];
    for (const node of nodes()) {
      for (const key of await node.keys('*')) {
        kept.push({ node, key, value: await node.dumpBuffer(key), expires: await node.pexpiretime(key) });
      }
    }
    return async () => {
      for (const node of nodes()) await node.flushall();
      for (const { node, key, value, expires } of kept) {
        await node.restore(key, Math.max(expires, 0), value ?? '', 'ABSTTL');
      }
    };
  }

  async function expectStopped(): Promise<void> {
    expect(await pipeline.replay()).toMatchObject({ replayed: 0 });
    expect(pipeline.lines()).toContainEqual(expect.objectContaining({ level: 'ERROR', message: STOPPED }));
    await expectEachOnce();
  }

  it('a Redis that was emptied and counted into gets everything back, also what is older than 30 days', async () => {
    await count();
    await passWithReplays(50);
    await count();
    for (const node of nodes()) await node.flushall();
    await count();
    expect(await restored()).toBe(2 * USERS);
    await expectEachOnce();
  });

  it('while a node is empty, only its shards take what is older than 30 days', async () => {
    await count();
    await passWithReplays(50);
    const [node] = nodes();
    await node?.flushall();
    await count();
    expect(await restored()).toBeGreaterThan(0);
    await expectEachOnce();
  });

  it('a replay goes on after 28 days without one, and stops after more than 30', async () => {
    await count();
    pass(15 * MINUTE);
    expect(await restored()).toBe(0);
    await count();
    pass(28 * DAY);
    expect(await pipeline.replay()).toMatchObject({ replayed: USERS });
    await expectEachOnce();
    await count();
    pass(45 * DAY);
    await expectStopped();
    const [lag] = pipeline.lines().flatMap(({ ReplayLag }) => ReplayLag ?? []);
    // An alarm goes by it. The clock goes on while the test runs.
    expect(lag).toBeGreaterThanOrEqual(45 * 24 * 3600);
    expect(lag).toBeLessThan(46 * 24 * 3600);
  });

  it('a replay goes on after any time in which nothing was archived', async () => {
    await count();
    pass(15 * MINUTE);
    await pipeline.replay();
    pass(60 * DAY);
    await count();
    expect(await pipeline.replay()).toMatchObject({ replayed: USERS, restored: 0 });
    await expectEachOnce();
  });

  it('a rebuild that stopped at orders of two months ago goes on', async () => {
    pipeline.archive.limitPages(1);
    for (let n = 0; n < 3; n++) {
      await count();
      pass(DAY);
    }
    pass(60 * DAY);
    for (const node of nodes()) await node.flushall();
    // Time for one page.
    const times = [300_000];
    expect(await pipeline.replay({ remainingMs: () => times.shift() ?? 0 })).toMatchObject({ restored: USERS });
    await count();
    expect(await restored()).toBe(2 * USERS);
    await expectEachOnce();
  });

  it('while the clock of Redis is 40 days ahead a replay counts nothing, and goes on once it is right', async () => {
    await count();
    pass(15 * MINUTE);
    await pipeline.replay();
    await count();
    // So far that the orders count as forgotten, but not so far that the key of the ledger expires.
    const ahead = 39.9 * DAY;
    target.clock.moveBy(ahead);
    await expectStopped();
    target.clock.moveBy(-ahead);
    pass(15 * MINUTE);
    expect(await pipeline.replay()).toEqual({ replayed: USERS, restored: 0, lagSeconds: 300 });
    await expectEachOnce();
  });

  it('a replay ends when the clock of Redis jumps 45 days ahead meanwhile', async () => {
    await count();
    pass(15 * MINUTE);
    await pipeline.replay();
    await count();
    pipeline.archive.intercept(({ key }) => {
      if (key) target.clock.moveBy(45 * DAY);
      return undefined;
    });
    await expectStopped();
    target.clock.moveBy(-45 * DAY);
  });

  it.each([
    ['45 days ahead, so that the ledger drops records', 45, true],
    ['120 days ahead, so that the key of the ledger expires', 120, true],
    ['120 days ahead, and nothing is counted meanwhile', 120, false],
  ])('a replay counts nothing after the clock of Redis was %s', async (_, days, isBusy) => {
    await count();
    pass(15 * MINUTE);
    await pipeline.replay();
    await count();
    target.clock.moveBy(days * DAY);
    await expectStopped();
    if (isBusy) await count();
    target.clock.moveBy(-days * DAY);
    pass(15 * MINUTE);
    if (!isBusy) await expectStopped();
    await count();
    pass(15 * MINUTE);
    await expectStopped();
    for (const node of nodes()) await node.flushall();
    expect(await restored()).toBe(bodies.length);
    await expectEachOnce();
  });

  it('a shard whose ledger is gone is left out, and the others get back what they have lost', async () => {
    await count();
    const [first, ...others] = nodes();
    for (const key of (await first?.keys('*global:ledger:orders')) ?? []) await first?.del(key);
    for (const node of others) await node.flushall();
    pass(15 * MINUTE);
    const counted = () => sumOf('global:stats', ({ total_orders }) => Number(total_orders));
    const lost = bodies.length - (await counted());
    expect(await restored()).toBe(lost);
    expect(pipeline.lines()).toContainEqual(expect.objectContaining({ level: 'ERROR', message: STOPPED }));
    expect(await counted()).toBe(bodies.length);
  });

  it('a replay goes on after two months without orders, in which the key of the ledger expires', async () => {
    await count();
    await passWithReplays(80);
    expect(await sumOf('global:ledger:orders', () => 1)).toBe(0);
    await count();
    pass(MINUTE);
    expect(await pipeline.replay()).toMatchObject({ replayed: USERS, restored: 0 });
    await count();
    pass(15 * MINUTE);
    expect(await pipeline.replay()).toMatchObject({ replayed: 2 * USERS, restored: 0 });
    await expectEachOnce();
  });

  it('a duplicate that came after a snapshot counts once, although its order would be forgotten by now', async () => {
    const again = orderBody({ order_id: 'AGAIN', order_timestamp: new Date(target.clock.now()).toISOString() });
    expect(await pipeline.count([again])).toBe(0);
    pass(15 * MINUTE);
    expect(await restored()).toBe(0);
    bodies.push(again);
    await passWithReplays(30);
    const goBack = await snapshot();
    pass(3 * DAY);
    expect(await pipeline.count([again])).toBe(0);
    pass(10 * DAY);
    await goBack();
    // In each shard at least 41 calls, which visit all buckets.
    for (let n = 0; n < 42; n++) await count();
    expect(await restored()).toBe(0);
    await expectEachOnce();
    // It is remembered from the replay on.
    pass(15 * DAY);
    expect(await pipeline.count([again])).toBe(0);
    await expectEachOnce();
  });

  it('while replays are behind, the ledger forgets as soon as ever, and keeps one record per order', async () => {
    const again = orderBody({ order_timestamp: new Date(target.clock.now()).toISOString() });
    expect(await pipeline.count([again])).toBe(0);
    pass(15 * MINUTE);
    expect(await restored()).toBe(0);
    await passWithReplays(20);
    pass(25 * DAY);
    expect(await pipeline.count([again, orderBody({ order_id: 'OTHER' })])).toBe(0);
    expect(await sumOf('global:stats', (stats) => Number(stats.total_orders))).toBe(3);
    expect(await sumOf('global:ledger:orders', ({ state = '' }) => Number(state.split(' ')[0]))).toBe(2);
  });

  it.each([
    ['duplicate', {}],
    ['superseded version', { order_version: 1 }],
  ])(
    'a %s that comes right before its order would be forgotten counts once, also in the replay after that',
    async (_, changes) => {
      const order_timestamp = new Date(target.clock.now()).toISOString();
      const placed = orderBody({ order_timestamp, order_version: 2 });
      const again = orderBody({ order_timestamp, order_version: 2, ...changes });
      expect(await pipeline.count([placed])).toBe(0);
      await passWithReplays(30);
      // The day before the border, and 10 minutes before it.
      pass(9 * DAY - 10 * MINUTE);
      expect(await pipeline.count([again])).toBe(0);
      pass(20 * MINUTE);
      expect(await pipeline.replay()).toMatchObject({ replayed: 1, restored: 0 });
      bodies.push(placed);
      await expectEachOnce();
    },
  );
});
