import { expect, it } from 'vitest';
import type { Order } from '../../lib/orders/order.ts';
import { countOrders } from '../../lib/stats/count.ts';
import { ledgerEntry } from '../../lib/stats/fingerprint.ts';
import { globalLedger, userLedger } from '../../lib/stats/keys.ts';
import { countingRedis } from '../support/countingRedis.ts';
import { exampleOrder, orderBody, orderOf } from '../support/orderMessage.ts';

const DAY = 24 * 60 * 60;
const PERIOD = 5 * DAY;

const redis = await countingRedis();

const order = (id: string, user = exampleOrder.user_id): Order => orderOf(orderBody({ order_id: id, user_id: user }));

async function verdictOf(candidate: Order): Promise<string | undefined> {
  const [verdict] = await countOrders(redis, [candidate]);
  return verdict?.kind;
}

/** The mark that the ledger puts on what it remembers, `periods` of 5 days ago. */
async function markOf(periods: number): Promise<string> {
  const [seconds] = await redis.time();
  return String.fromCharCode(48 + ((Math.floor(Number(seconds) / PERIOD) - periods) % 64));
}

/** Makes it look as if the order had been counted, and its buckets last swept, `periods` of 5 days ago. */
async function makeOlder(counted: Order, periods: number): Promise<void> {
  const { id, bucketHash } = ledgerEntry(counted);
  for (const bucket of [globalLedger(bucketHash), userLedger(counted.userId)]) {
    const mark = await markOf(periods);
    const entry = await redis.hget(bucket, id);
    await redis.hset(bucket, { [id]: `${mark}${entry?.slice(1)}`, '.': mark });
  }
}

/** Another order whose entry is in the same bucket of the global ledger. */
function neighbourOf(other: Order): Order {
  const bucket = globalLedger(ledgerEntry(other).bucketHash);
  for (let n = 0; ; n++) {
    const candidate = { ...other, orderId: `NEIGHBOUR-${n}` };
    if (globalLedger(ledgerEntry(candidate).bucketHash) === bucket) return candidate;
  }
}

it('every ledger key expires by itself, 30 days after its last order at the earliest', async () => {
  await verdictOf(order('ORD1'));
  const [now] = await redis.time();
  const keys = await redis.keys('*:ledger*');
  expect(keys).toHaveLength(2);
  for (const key of keys) {
    const left = (await redis.expiretime(key)) - Number(now);
    expect(left).toBeGreaterThan(30 * DAY);
    expect(left).toBeLessThanOrEqual(35 * DAY);
  }
});

it('totals, months and the leaderboard never expire', async () => {
  await verdictOf(order('ORD1'));
  const keys = (await redis.keys('*')).filter((key) => !key.includes(':ledger'));
  expect(keys).toHaveLength(5);
  for (const key of keys) expect(await redis.ttl(key)).toBe(-1);
});

it('an order is remembered through six further periods of 5 days, while others come in', async () => {
  const old = order('ORD1');
  await verdictOf(old);
  await makeOlder(old, 6);
  expect(await verdictOf(neighbourOf(old))).toBe('counted');
  expect(await verdictOf(old)).toBe('duplicate');
  expect(await redis.hget('user:U5678', 'order_count')).toBe('2');
});

it('an order of the seventh period before is forgotten when the next one comes into its bucket', async () => {
  const old = order('ORD1');
  await verdictOf(old);
  await makeOlder(old, 7);
  const neighbour = neighbourOf(old);
  expect(await verdictOf(neighbour)).toBe('counted');
  const bucket = globalLedger(ledgerEntry(old).bucketHash);
  expect(await redis.hkeys(bucket)).toEqual(['.', ledgerEntry(neighbour).id]);
});

it('a clock that jumps back, as in a failover, forgets no order', async () => {
  const future = order('ORD1');
  await verdictOf(future);
  await makeOlder(future, -1);
  expect(await verdictOf(neighbourOf(future))).toBe('counted');
  expect(await verdictOf(future)).toBe('duplicate');
});

it('a ledger bucket that is no hash fails the orders in it alone, and counts them once it is repaired', async () => {
  const broken = order('ORD1');
  await redis.set(globalLedger(ledgerEntry(broken).bucketHash), 'not a hash');
  const verdicts = await countOrders(redis, [order('ORD2'), broken, order('ORD3')]);
  expect(verdicts.map(({ kind }) => kind)).toEqual(['counted', 'failed', 'counted']);
  await redis.del(globalLedger(ledgerEntry(broken).bucketHash));
  expect(await verdictOf(broken)).toBe('counted');
  expect(await redis.hget('user:U5678', 'order_count')).toBe('3');
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
  const before = await usedMemory();
  const ledgers = await redis.keys('*:ledger*');
  await redis.del(...ledgers);
  const bytes = (before - (await usedMemory())) / orders;
  console.log(`${bytes.toFixed(1)} bytes an order remembered, of ${orders} orders`);
  expect(bytes).toBeLessThan(60);
  expect(await redis.hget('global:stats', 'total_orders')).toBe(`${orders}`);
});

async function usedMemory(): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
}
