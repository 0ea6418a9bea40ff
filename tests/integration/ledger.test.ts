import { expect, it } from 'vitest';
import { countOrders } from '../../lib/counting/count.ts';
import { BASES, ID_BYTES, RECORD_BYTES } from '../../lib/counting/ledgerRecord.ts';
import type { Order } from '../../lib/orders/order.ts';
import { countingRedis } from '../support/countingRedis.ts';
import { rememberedOrders } from '../support/ledgerContent.ts';
import { exampleOrder, orderBody, orderOf } from '../support/orderMessage.ts';
import { orderAt } from '../support/randomOrders.ts';
import { usedMemory } from '../support/redisInfo.ts';
import { redisContent } from '../support/storedContent.ts';

const redis = await countingRedis();
const LEDGER = 'global:ledger:orders';
const DAY = 24 * 3600;

const order = (id: string, user = exampleOrder.user_id): Order => orderOf(orderBody({ order_id: id, user_id: user }));

async function verdictOf(candidate: Order): Promise<string | undefined> {
  const [verdict] = await countOrders(redis, [candidate]);
  return verdict?.kind;
}

/** The only bucket of a ledger that knows one order. */
async function onlyBucket(): Promise<{ field: Buffer; value: Buffer }> {
  const [field, ...others] = (await redis.hkeysBuffer(LEDGER)).filter((name) => name.toString() !== 'state');
  if (!field || others.length > 0) throw new Error('The ledger has no bucket, or several');
  return { field, value: (await redis.hgetBuffer(LEDGER, field)) ?? Buffer.of() };
}

it('expires more than 59 and at most 69 days after the last order', async () => {
  await verdictOf(order('ORD1'));
  expect(await redis.keys('*:ledger*')).toEqual([LEDGER]);
  const ttl = await redis.ttl(LEDGER);
  expect(ttl).toBeGreaterThanOrEqual(59 * DAY);
  expect(ttl).toBeLessThanOrEqual(69 * DAY);
});

it('totals, months, days and the leaderboard never expire', async () => {
  await verdictOf(order('ORD1'));
  const keys = (await redis.keys('*')).filter((key) => key !== LEDGER);
  expect(keys.sort()).toEqual([
    'global:checkpoint',
    'global:days',
    'global:messages',
    'global:stats',
    'global:top-users',
    'user:U5678',
  ]);
  for (const key of keys) expect(await redis.ttl(key)).toBe(-1);
});

it('an id matches only at the start of a record, not across two records', async () => {
  const hidden = order('HIDDEN');
  await verdictOf(hidden);
  const { field, value } = await onlyBucket();
  const header = value.subarray(0, value.length - RECORD_BYTES.short);
  const id = value.subarray(header.length, header.length + ID_BYTES);
  const records = Buffer.alloc(2 * RECORD_BYTES.short);
  id.copy(records, RECORD_BYTES.short - ID_BYTES / 2);
  await redis.flushall();
  await redis.hset(LEDGER, field, Buffer.concat([header, records]));
  expect(await verdictOf(hidden)).toBe('counted');
  expect(await verdictOf(hidden)).toBe('duplicate');
  expect((await onlyBucket()).value).toHaveLength(header.length + 3 * RECORD_BYTES.short);
});

it.each(['text', '', '1 2 3', '-1 4096 0 0 0', '0 10 0 0 0', '0 4096 0 0 x'])(
  'a corrupt ledger with the state %j fails orders before anything changes, and counts them once repaired',
  async (state) => {
    await redis.hset(LEDGER, 'state', state);
    await expectFailure(`${LEDGER}: state is corrupt`);
    await redis.del(LEDGER);
    expect(await verdictOf(order('ORD1'))).toBe('counted');
  },
);

it('a ledger of another type fails orders before anything changes; after the repair they count', async () => {
  await redis.set(LEDGER, 'not a hash');
  await expectFailure(`${LEDGER}: WRONGTYPE`);
  await redis.del(LEDGER);
  expect(await verdictOf(order('ORD1'))).toBe('counted');
  expect(await redis.hget('user:U5678', 'order_count')).toBe('1');
});

it('a checkpoint of another type fails the first order of a shard before anything changes; then it counts', async () => {
  await redis.set('global:checkpoint', 'not a hash');
  await expectFailure('global:checkpoint: WRONGTYPE');
  await redis.del('global:checkpoint');
  expect(await verdictOf(order('ORD1'))).toBe('counted');
});

it('a checkpoint of another type fails no later order of a shard', async () => {
  await verdictOf(order('ORD1'));
  await redis.set('global:checkpoint', 'not a hash');
  expect(await verdictOf(order('ORD2'))).toBe('counted');
  expect(await verdictOf(order('ORD1'))).toBe('duplicate');
});

async function expectFailure(reason: string): Promise<void> {
  const before = await redisContent(redis);
  const [verdict] = await countOrders(redis, [order('ORD1')]);
  expect(verdict).toEqual({ kind: 'corrupt', reason: expect.stringContaining(reason) });
  expect(await redisContent(redis)).toEqual(before);
}

it.each([
  ['text', (_: Buffer) => Buffer.from('text')],
  ['nothing', (_: Buffer) => Buffer.of()],
  ['a header only', (value: Buffer) => value.subarray(0, 3)],
  ['a record without its last byte', (value: Buffer) => value.subarray(0, -1)],
  [
    'more long records than there are',
    (value: Buffer) => Buffer.concat([value.subarray(0, 2), Buffer.of(9), value.subarray(3)]),
  ],
])('%s in a bucket fails only the orders of that bucket, before anything changes', async (_, corruption) => {
  const known = order('ORD1');
  await verdictOf(known);
  const { field, value } = await onlyBucket();
  const corrupt = corruption(value);
  await redis.hset(LEDGER, field, corrupt);
  const [verdict, other] = await countOrders(redis, [known, order('ORD2', 'U2')]);
  const bucket = field.readUInt32BE();
  expect(bucket).toBeLessThan(BASES);
  expect(verdict).toEqual({ kind: 'corrupt', reason: `${LEDGER}: bucket ${bucket} is corrupt` });
  expect(other).toEqual({ kind: 'counted' });
  expect(await redis.hgetBuffer(LEDGER, field)).toEqual(corrupt);
  expect(await redis.hget('user:U5678', 'order_count')).toBe('1');

  await redis.hset(LEDGER, field, value);
  expect(await verdictOf(known)).toBe('duplicate');
});

it.each([
  ['0.00', '1970-01-02', 1],
  ['167772.15', '2097-12-31', 1],
  ['167772.16', '2024-02-29', 1],
  ['0.01', '2098-01-01', 1],
  ['1000000000.00', '9999-12-30', 999_999],
])(
  'the contribution of an order is remembered and subtracted to the cent: %s on %s in version %i',
  async (amount, day, version) => {
    const cents = Math.round(Number(amount) * 100);
    const placed = orderAt(Date.parse(`${day}T23:59:59Z`) / 1000, { cents });
    await countOrders(redis, [orderOf(orderBody({ order_id: 'OTHER' }))]);
    const { [LEDGER]: _, ...before } = await redisContent(redis);
    const counted = { ...placed, version };
    await countOrders(redis, [placed]);
    await countOrders(redis, [counted]);
    const known = { version, cents, day, isSameUser: true };
    expect(await countOrders(redis, [counted], 'look')).toEqual([{ kind: 'duplicate', known }]);
    expect(await redis.hget('global:days', day)).toBe(`1 ${amount}`);

    const cancelled = orderOf(orderBody({ order_version: version + 1, order_status: 'cancelled' }));
    expect(await verdictOf(cancelled)).toBe('revised');
    const { [LEDGER]: __, ...after } = await redisContent(redis);
    expect(after).toEqual(before);
  },
);

it('a corrupt bucket that is due for a split fails no other order while the ledger grows', async () => {
  await verdictOf(order('ORD1'));
  const [, ...rest] = (await redis.hget(LEDGER, 'state'))?.split(' ') ?? [];
  const next = Buffer.alloc(4);
  await redis.hset(LEDGER, next, 'text');
  // As 150,000 more orders would leave it.
  await redis.hset(LEDGER, 'state', [150_001, ...rest].join(' '));
  expect(await verdictOf(order('ORD2'))).toBe('counted');
  await redis.hdel(LEDGER, next);
  expect(await verdictOf(order('ORD3'))).toBe('counted');
});

it('a growing ledger forgets no order and costs at most 36 bytes per order', async () => {
  const orders = 150_000;
  const batch = 1000;
  const example = order('ORD1');
  const numbered = (n: number): Order => ({
    ...example,
    orderId: `ORDER-${n}`,
    userId: `U${(n * 7919) % 10_000}`,
    version: n % 10 === 0 ? 2 : 1,
  });
  // Version 2 counts at once where its order was placed lately.
  const placed = { ...example.placed, epoch: String(Math.floor(Date.now() / 1000)) };
  const batches = Array.from({ length: orders / batch }, (_, start) =>
    Array.from({ length: batch }, (_, n) => ({ ...numbered(start * batch + n), placed })),
  );
  for (const each of batches) await countOrders(redis, each);
  expect(await rememberedOrders(redis)).toBe(orders);
  for (const each of batches) {
    expect(new Set((await countOrders(redis, each)).map(({ kind }) => kind))).toEqual(new Set(['duplicate']));
  }
  const lower = batches.flat().filter(({ version }) => version > 1);
  const verdicts = await countOrders(
    redis,
    lower.map((each) => ({ ...each, version: 1 })),
  );
  expect(new Set(verdicts.map(({ kind }) => kind))).toEqual(new Set(['superseded']));

  expect(await redis.hget('global:stats', 'total_orders')).toBe(`${orders}`);
  const before = await usedMemory(redis);
  await redis.del(LEDGER);
  const bytes = (before - (await usedMemory(redis))) / orders;
  console.log(`${bytes.toFixed(1)} bytes per order, with ${orders} orders remembered`);
  expect(bytes).toBeLessThan(36);
});

it('a look changes nothing, and says what is counted of a known order', async () => {
  await verdictOf(order('ORD1'));
  await countOrders(redis, [
    orderOf(
      orderBody({
        order_id: 'GONE',
        order_version: 3,
        order_status: 'cancelled',
        order_timestamp: new Date().toISOString(),
      }),
    ),
  ]);
  const before = await redisContent(redis);
  const looks = [
    orderBody({ order_id: 'ORD1' }),
    orderBody({ order_id: 'ORD1', user_id: 'U2' }),
    orderBody({ order_id: 'ORD1', order_timestamp: '2024-12-14T10:00:00Z' }),
    orderBody({ order_id: 'ORD1', order_version: 2 }),
    orderBody({ order_id: 'GONE' }),
    orderBody({ order_id: 'NEW' }),
    orderBody({ order_id: 'LATER', order_version: 2 }),
  ];
  const known = { version: 1, cents: 9999, day: '2024-12-13', isSameUser: true };
  expect(
    await countOrders(
      redis,
      looks.map((body) => orderOf(body)),
      'look',
    ),
  ).toEqual([
    { kind: 'duplicate', known },
    { kind: 'conflict', known: { ...known, isSameUser: false } },
    { kind: 'conflict', known },
    { kind: 'revised', known },
    { kind: 'superseded', known: { version: 3, cents: undefined, day: undefined, isSameUser: true } },
    { kind: 'counted' },
    { kind: 'unknown' },
  ]);
  expect(await redisContent(redis)).toEqual(before);
});

it('a look judges each message of a call independently', async () => {
  const looks = [order('NEW'), order('NEW')];
  expect(await countOrders(redis, looks, 'look')).toEqual([{ kind: 'counted' }, { kind: 'counted' }]);
});
