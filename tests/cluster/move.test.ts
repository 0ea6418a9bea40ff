import { Redis } from 'ioredis';
import { afterEach, expect, it } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { countOrders, defineCountingScript } from '../../lib/counting/count.ts';
import { defineTopUsersScript } from '../../lib/stats/topUsers.ts';
import { move } from '../../scripts/move/move.ts';
import { connectTo, deliver, fatesOf } from '../support/deliver.ts';
import { expectExact, type Settled } from '../support/expectModel.ts';
import { orderBody, orderOf } from '../support/orderMessage.ts';
import { type RedisCluster, startRedisCluster } from '../support/redisCluster.ts';
import { redisContent } from '../support/storedContent.ts';
import { expectExactSums, numberedOrder, numberedOrders, runMove } from './support/move.ts';

type Place = RedisServer | RedisCluster;

const places: Place[] = [];
afterEach(async () => {
  await Promise.all(places.splice(0).map((place) => place.stop()));
});

async function added<T extends Place>(start: Promise<T>): Promise<T> {
  const place = await start;
  places.push(place);
  return place;
}
const newServer = () => added(startRedisServer());
const newCluster = () => added(startRedisCluster({ primaries: 3, replicasOfEach: 0 }));

async function expectExactAt(place: Place, settled: readonly Settled[]): Promise<void> {
  const connection = connectTo(place);
  const redis = await connection.open();
  await expectExact(redis, settled);
  connection.drop(redis);
}

/** Delivers messages in batches; says how many of them had which fate. */
async function fateCounts(place: Place, bodies: readonly string[]): Promise<Record<string, number>> {
  const connection = connectTo(place);
  const counts: Record<string, number> = {};
  for (let start = 0; start < bodies.length; start += 500) {
    for (const fate of fatesOf(await deliver(connection, bodies.slice(start, start + 500)))) {
      counts[fate] = (counts[fate] ?? 0) + 1;
    }
  }
  connection.drop(await connection.open());
  return counts;
}

const asCounted = (bodies: readonly string[]): Settled[] => bodies.map((body) => ({ body, fate: 'counted' }));

/** Moves, and sees that both hold the same. */
async function expectMoved(from: Place, to: Place): Promise<void> {
  const { code, stdout, stderr } = await runMove(from.url, to.url);
  expect(stdout, stderr).toContain('Both hold the same');
  expect(stdout).toContain('messages: all counts');
  expect(stdout).not.toContain('DIFFERENT');
  expect(code).toBe(0);
}

/**
 * Orders before a move, some of them amended or cancelled, some that wait meanwhile, and some after it; then all of them
 * again, and higher versions of orders from before.
 */
async function expectNothingLost(from: Place, to: Place): Promise<{ sent: string[] }> {
  const before = [
    ...numberedOrders(0, 2000),
    ...numberedOrders(0, 100, { version: 2 }),
    ...numberedOrders(100, 200, { version: 2, isCancelled: true }),
  ];
  expect(await fateCounts(from, before)).toEqual({ counted: 2000, revised: 100, cancelled: 100 });
  await expectMoved(from, to);

  const waiting = numberedOrders(2000, 2200);
  expect(await fateCounts(to, waiting)).toEqual({ counted: 200 });
  expect(await fateCounts(to, [...before, ...waiting])).toEqual({ duplicate: 2200, superseded: 200 });
  await expectExactAt(to, asCounted([...before, ...waiting]));

  const revisions = [
    ...numberedOrders(50, 400, { version: 3 }),
    ...numberedOrders(1000, 1800, { version: 2, isCancelled: true }),
  ];
  expect(await fateCounts(to, revisions)).toEqual({ revised: 350, cancelled: 800 });
  const sent = [...before, ...waiting, ...revisions];
  await expectExactAt(to, asCounted(sent));
  return { sent };
}

it('no order is lost and none counts twice, and orders from before the move can be amended and cancelled: from one Redis to a cluster, and from there to one Redis', async () => {
  const [server, cluster, other] = [await newServer(), await newCluster(), await newServer()];
  const { sent } = await expectNothingLost(server, cluster);
  await expectMoved(cluster, other);
  const redis = new Redis(other.url);
  const messages = { counted: '2200', revised: '1350', duplicates: '2200', superseded: '200' };
  expect(await redis.hgetall('global:messages')).toEqual({ ...messages, last_counted: expect.any(String) });
  redis.disconnect();

  const after = numberedOrders(3000, 3200);
  const again = numberedOrders(1500, 2100, { version: 5 });
  expect(await fateCounts(other, after)).toEqual({ counted: 200 });
  expect(await fateCounts(other, again)).toEqual({ revised: 600 });
  const redelivered = await fateCounts(other, [...sent, ...after, ...again]);
  expect(Object.keys(redelivered).sort()).toEqual(['duplicate', 'superseded']);
  await expectExactAt(other, asCounted([...sent, ...after, ...again]));
});

it('no order is lost and none counts twice, and orders from before the move can be amended and cancelled: from a cluster to another cluster', async () => {
  await expectNothingLost(await newCluster(), await newCluster());
});

it('days hold the orders that are no longer remembered, and those that are can be cancelled', async () => {
  const [server, cluster] = [await newServer(), await newCluster()];
  const [old, recent] = [numberedOrders(0, 500), numberedOrders(500, 1000)];
  await fateCounts(server, old);
  const redis = new Redis(server.url);
  // As after 40 days.
  await redis.del('global:ledger:orders');
  redis.disconnect();
  await fateCounts(server, recent);
  await expectMoved(server, cluster);
  await expectExactSums(cluster, asCounted([...old, ...recent]));

  const cancelled = numberedOrders(500, 1000, { version: 2, isCancelled: true });
  expect(await fateCounts(cluster, cancelled)).toEqual({ cancelled: 500 });
  await expectExactSums(cluster, asCounted([...old, ...recent, ...cancelled]));
});

it('of many users the leaderboard gets those that spent most, and knows what the others have at most', async () => {
  const [server, other] = [await newServer(), await newServer()];
  await fateCounts(server, numberedOrders(0, 3500, { users: 3500 }));
  await expectMoved(server, other);
  const [source, target] = [new Redis(server.url), new Redis(other.url)];
  const users = await source.keys('user:*');
  const spent = await Promise.all(
    users.map(async (key) => {
      const amount = Number(await source.hget(key, 'total_spend'));
      return { userId: key.slice('user:'.length), cents: Math.round(amount * 100) };
    }),
  );
  spent.sort((one, other) => other.cents - one.cents || (one.userId < other.userId ? -1 : 1));
  expect(await target.zcard('global:top-users')).toBe(1500);
  expect(await target.get('global:top-users:floor')).toBe(`${spent[1500]?.cents} ${spent[1500]?.userId}`);
  const scores = await target.zrange('global:top-users', 0, '-1', 'WITHSCORES');
  const ranked = new Set(scores.filter((_, index) => index % 2 === 0));
  expect(ranked).toEqual(new Set(spent.slice(0, 1500).map(({ userId }) => userId)));
  source.disconnect();
  target.disconnect();
});

it('records are remembered as long as at the source', async () => {
  const [server, other] = [await newServer(), await newServer()];
  const order_timestamp = new Date(Date.now() + 100 * 86_400_000).toISOString();
  await fateCounts(server, [...numberedOrders(0, 99), orderBody({ order_id: 'ahead', order_timestamp })]);
  await expectMoved(server, other);
  const [source, target] = [new Redis(server.url), new Redis(other.url)];
  const latestOf = async (redis: Redis) => (await redis.hget('global:ledger:orders', 'state'))?.split(' ').at(-1);
  const bucketsOf = async (redis: Redis) => {
    const state = await redis.hget('global:ledger:orders', 'state');
    expect(state).toMatch(/^100 4096 /);
    const values = (await redis.hvalsBuffer('global:ledger:orders')).map((value) => value.toString('latin1'));
    return values.filter((value) => value !== state).sort();
  };
  expect(await bucketsOf(target)).toEqual(await bucketsOf(source));
  expect(await latestOf(target)).toBe(await latestOf(source));
  expect(await target.ttl('global:ledger:orders')).toBeGreaterThan(130 * 24 * 60 * 60);
  source.disconnect();
  target.disconnect();
});

/** Moves to a target whose memory is full before all is copied. */
async function breakOff(from: Place, to: RedisServer): Promise<Redis> {
  const target = new Redis(to.url);
  const used = Number(/used_memory:(\d+)/.exec(await target.info('memory'))?.[1]);
  await target.config('SET', 'maxmemory', used + 200_000);
  const { code, stdout, stderr } = await runMove(from.url, to.url);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/OOM .*The move is not complete: repeat it by the same command/);
  expect(await target.dbsize()).toBeGreaterThan(1);
  await target.config('SET', 'maxmemory', 0);
  return target;
}

it('a move that broke off is repeated by the same command, also when the source has changed since', async () => {
  const [source, server] = [await newServer(), await newServer()];
  const first = numberedOrders(0, 2000, { users: 900 });
  await fateCounts(source, first);
  const target = await breakOff(source, server);
  const more = [
    ...numberedOrders(3000, 3100),
    ...numberedOrders(0, 500, { users: 900, version: 2, isCancelled: true }),
  ];
  await fateCounts(source, more);
  await expectMoved(source, server);
  await expectExactAt(server, asCounted([...first, ...more]));
  expect(await target.exists('global:moving')).toBe(0);
  target.disconnect();
});

it('a move that broke off is not repeated from another source, nor over orders that a worker has counted since', async () => {
  const [server, other, third] = [await newServer(), await newServer(), await newServer()];
  await fateCounts(server, numberedOrders(0, 2000, { users: 900 }));
  await fateCounts(third, numberedOrders(0, 1));
  const target = await breakOff(server, other);
  const fromThird = await runMove(third.url, other.url);
  expect([fromThird.code, fromThird.stdout]).toEqual([1, '']);
  expect(fromThird.stderr).toContain(`A move from 127.0.0.1:${server.port} to the target is not complete`);
  const onwards = await runMove(other.url, third.url);
  expect(onwards.stderr).toContain('A move to the source is not complete');

  await fateCounts(other, numberedOrders(9000, 9010));
  const again = await runMove(server.url, other.url);
  expect([again.code, again.stdout]).toEqual([1, '']);
  expect(again.stderr).toContain('A worker has counted orders at the target');
  expect(await target.hget('global:stats', 'total_orders')).toBe('10');
  target.disconnect();
});

it('a move does not succeed when something was counted at the source meanwhile', async () => {
  const [server, other] = [await newServer(), await newServer()];
  const before = numberedOrders(0, 100);
  await fateCounts(server, before);
  const [source, target] = [new Redis(server.url), new Redis(other.url)];
  defineCountingScript(source);
  for (const redis of [source, target]) defineTopUsersScript(redis);
  // A version that changes no total.
  const amended = JSON.stringify({ ...JSON.parse(numberedOrder(7)), order_version: 2 });
  let counting: Promise<unknown> | undefined;
  const show = (describe: () => string) => {
    if (describe() === 'copied 100 users') counting ??= countOrders(source, [orderOf(amended)]);
  };
  const moved = await move(source, target, 'here', show);
  expect(await counting).toEqual([{ kind: 'revised' }]);
  expect(moved.kind).toBe('changed');
  expect(moved.parts.map(({ part }) => part)).toEqual(['messages', 'checksum of the ledger records']);
  expect(await target.hget('global:moving', 'from')).toBe('here');

  expect((await move(source, target, 'here', () => {})).kind).toBe('compared');
  expect(await target.exists('global:moving')).toBe(0);
  await expectExact(target, asCounted([...before, amended]));
  source.disconnect();
  target.disconnect();
});

it('a move is refused when the target holds other statistics', async () => {
  const [server, cluster] = [await newServer(), await newCluster()];
  await fateCounts(server, numberedOrders(0, 10));
  await fateCounts(cluster, numberedOrders(20, 30));
  const { code, stdout, stderr } = await runMove(server.url, cluster.url);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('The target holds statistics already');
  await expectExactAt(cluster, asCounted(numberedOrders(20, 30)));
});

it('a move is refused when both are the same Redis, the source is empty or away, or an amount is corrupt', async () => {
  const [server, other] = [await newServer(), await newServer()];
  await fateCounts(server, numberedOrders(0, 10));
  const redis = new Redis(server.url);
  const content = await redisContent(redis);
  const { port } = server;
  const same = await runMove(server.url, `redis://localhost:${port}/0`);
  expect([same.code, same.stderr]).toEqual([1, expect.stringContaining('Both URLs name the same Redis')]);
  const empty = await runMove(`${server.url}/1`, other.url);
  expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining('The source holds no statistics')]);
  const away = await runMove('redis://orders:secret@127.0.0.1:1', other.url);
  expect([away.code, away.stderr]).toEqual([1, expect.stringContaining('Redis at 127.0.0.1:1: connect ECONNREFUSED')]);
  expect(away.stderr).not.toContain('secret');
  expect(await redisContent(redis)).toEqual(content);

  await redis.hset('user:U3', 'total_spend', '1.5');
  const corrupt = await runMove(server.url, other.url);
  expect([corrupt.code, corrupt.stderr]).toEqual([1, expect.stringContaining('user:U3 has an unexpected value')]);
  redis.disconnect();
});

it('a move is refused when the days of the source hold less than its ledger', async () => {
  const [server, cluster] = [await newServer(), await newCluster()];
  await fateCounts(server, numberedOrders(0, 40));
  const redis = new Redis(server.url);
  const [day = ''] = await redis.hkeys('global:days');
  await redis.hset('global:days', day, '1 0.01');
  const { code, stderr } = await runMove(server.url, cluster.url);
  expect([code, stderr]).toEqual([1, expect.stringContaining(`${day} at the source holds less than`)]);
  redis.disconnect();
});
