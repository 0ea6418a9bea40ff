import { expect, it } from 'vitest';
import type { Order } from '../../lib/orders/order.ts';
import { countOrders } from '../../lib/stats/count.ts';
import { ledgerEntry } from '../../lib/stats/fingerprint.ts';
import { globalLedger } from '../../lib/stats/keys.ts';
import { countingRedis } from '../support/countingRedis.ts';
import { exampleOrder, orderBody, orderOf } from '../support/orderMessage.ts';
import { currentPeriod, expiryOf, ledgerKey, passTime } from '../support/passTime.ts';
import { redisContent } from '../support/redisContent.ts';
import { usedMemory } from '../support/usedMemory.ts';

const redis = await countingRedis();

const order = (id: string, user = exampleOrder.user_id): Order => orderOf(orderBody({ order_id: id, user_id: user }));

async function verdictOf(candidate: Order): Promise<string | undefined> {
  const [verdict] = await countOrders(redis, [candidate]);
  return verdict?.kind;
}

it('the key of a ledger expires by itself, 30 days after its last order at the earliest', async () => {
  await verdictOf(order('ORD1'));
  await verdictOf(order('ORD2'));
  const keys = await redis.keys('*:ledger*');
  expect(keys).toEqual([ledgerKey(await currentPeriod(redis))]);
  expect(await redis.expiretime(keys[0] ?? '')).toBe(expiryOf(await currentPeriod(redis)));
});

it('totals, months and the leaderboard never expire', async () => {
  await verdictOf(order('ORD1'));
  const keys = (await redis.keys('*')).filter((key) => !key.includes(':ledger'));
  expect(keys).toHaveLength(5);
  for (const key of keys) expect(await redis.ttl(key)).toBe(-1);
});

it.each([1, 2, 3])('an order is remembered %i periods of 10 days later, while others come in', async (periods) => {
  await verdictOf(order('ORD1'));
  await passTime(redis, periods);
  expect(await verdictOf(order('ORD2'))).toBe('counted');
  expect(await verdictOf(order('ORD1'))).toBe('duplicate');
  expect(await redis.hget('user:U5678', 'order_count')).toBe('2');
});

it('an order is forgotten four periods later, before the first order of that period comes in', async () => {
  await verdictOf(order('ORD1'));
  await passTime(redis, 4);
  expect(await redis.keys('*:ledger*')).toEqual([]);
  expect(await verdictOf(order('ORD2'))).toBe('counted');
  expect(await redis.hkeys(ledgerKey(await currentPeriod(redis)))).toEqual([ledgerEntry(order('ORD2')).bucket]);
});

it.each([1, 2, 3, 4])('a clock that jumps back by %i periods, as in a failover, forgets no order', async (periods) => {
  await verdictOf(order('FUTURE'));
  await passTime(redis, -periods);
  expect(await verdictOf(order('ORD1'))).toBe('counted');
  expect(await verdictOf(order('FUTURE'))).toBe('duplicate');
  const future = (await currentPeriod(redis)) + periods;
  expect(await redis.expiretime(ledgerKey(future))).toBe(expiryOf(future));
});

it('orders with the same bucket are told apart, whether they come together or one after the other', async () => {
  const first = order('ORD1');
  const others = neighboursOf(first, 3);
  const verdicts = await countOrders(redis, [first, ...others.slice(0, 2), first]);
  expect(verdicts.map(({ kind }) => kind)).toEqual(['counted', 'counted', 'counted', 'duplicate']);
  for (const known of [first, ...others.slice(0, 2)]) expect(await verdictOf(known)).toBe('duplicate');
  for (const other of others.slice(2)) expect(await verdictOf(other)).toBe('counted');
  expect(await redis.hlen(ledgerKey(await currentPeriod(redis)))).toBe(1);
  expect(await redis.hget('global:stats', 'total_orders')).toBe('4');
});

/** Other orders whose records are in the same bucket of the ledger. */
function neighboursOf(other: Order, number: number): Order[] {
  const neighbours: Order[] = [];
  for (let n = 0; neighbours.length < number; n++) {
    const candidate = { ...other, orderId: `NEIGHBOUR-${n}` };
    if (ledgerEntry(candidate).bucket === ledgerEntry(other).bucket) neighbours.push(candidate);
  }
  return neighbours;
}

it('an id is found where its record begins, not where the end of one and the start of the next look like it', async () => {
  const hidden = order('HIDDEN');
  const { id, bucket } = ledgerEntry(hidden);
  const key = ledgerKey(await currentPeriod(redis));
  // Two records of 19 characters, with the id across their border.
  const records = `${'0'.repeat(14)}${id}${'0'.repeat(14)}`;
  await redis.hset(key, bucket, records);
  expect(await verdictOf(hidden)).toBe('counted');
  expect(await verdictOf(hidden)).toBe('duplicate');
  expect(await redis.hget(key, bucket)).toHaveLength(3 * 19);
});

it.each(globalLedger)(
  '%s that is no hash fails orders before anything changes, and counts them once repaired',
  async (key) => {
    await redis.set(key, 'not a hash');
    const before = await redisContent(redis);
    const [verdict] = await countOrders(redis, [order('ORD1')]);
    expect(verdict).toEqual({ kind: 'failed', reason: expect.stringContaining(`${key}: WRONGTYPE`) });
    expect(await redisContent(redis)).toEqual(before);
    await redis.del(key);
    expect(await verdictOf(order('ORD1'))).toBe('counted');
    expect(await redis.hget('user:U5678', 'order_count')).toBe('1');
  },
);

it('a bucket of the ledger that holds no records fails its orders alone, before anything changes', async () => {
  const broken = order('ORD1');
  const { bucket } = ledgerEntry(broken);
  const key = ledgerKey(await currentPeriod(redis));
  await redis.hset(key, bucket, 'text');
  const [verdict, other] = await countOrders(redis, [broken, order('ORD2', 'U2')]);
  expect(verdict).toEqual({ kind: 'failed', reason: `${key}: bucket ${bucket} is damaged` });
  expect(other?.kind).toBe('counted');
  expect(await redis.exists('user:U5678')).toBe(0);
  expect(await redis.hget(key, bucket)).toBe('text');
});

it('an order costs at most 60 bytes to remember', async () => {
  const orders = 200_000;
  const batch = 1000;
  const example = order('ORD1');
  for (let start = 0; start < orders; start += batch) {
    const numbers = Array.from({ length: batch }, (_, n) => start + n);
    await countOrders(
      redis,
      numbers.map((n) => ({ ...example, orderId: `ORDER-${n}`, userId: `U${(n * 7919) % 10_000}` })),
    );
  }
  const before = await usedMemory(redis);
  const ledgers = await redis.keys('*:ledger*');
  await redis.del(...ledgers);
  const bytes = (before - (await usedMemory(redis))) / orders;
  console.log(`${bytes.toFixed(1)} bytes an order remembered, of ${orders} orders`);
  expect(bytes).toBeLessThan(60);
  expect(await redis.hget('global:stats', 'total_orders')).toBe(`${orders}`);
});
