import { describe, expect, it } from 'vitest';
import { countOrders } from '../../lib/counting/count.ts';
import type { Verdict } from '../../lib/counting/wire.ts';
import type { Order } from '../../lib/orders/order.ts';
import { pickNumber, seededRandom } from '../../scripts/shared/random.ts';
import { countingRedis } from '../support/countingRedis.ts';
import { expectLedger, expectTotals } from '../support/expectModel.ts';
import { bucketField, fieldOf, readLedger } from '../support/ledgerContent.ts';
import { knownOf, PERIOD, ShardModel } from '../support/model.ts';
import {
  countInModel,
  countRandom,
  idsOfFewBuckets,
  modelOrderOf,
  orderAt,
  type RandomOrder,
  randomOrder,
} from '../support/randomOrders.ts';
import { redisContent } from '../support/storedContent.ts';

const LEDGER = 'global:ledger:orders';

const redis = await countingRedis();
const fewBuckets = idsOfFewBuckets(400, 8);

/** Seconds since 1970 by the clock of Redis. */
const time = async (): Promise<number> => Number((await redis.time())[0]);

const kindsOf = (verdicts: readonly Verdict[]) => verdicts.map(({ kind }) => kind);

/** Counts orders, and compares the verdicts with those of the model. */
async function expectCounted(model: ShardModel, orders: readonly RandomOrder[], what: string): Promise<void> {
  const now = await time();
  const verdicts = kindsOf(await countRandom(redis, orders));
  expect(verdicts, what).toEqual(orders.map((order) => countInModel(model, order, now)));
}

/** Looks at orders, and compares what is known of them with the model; nothing changes. */
async function expectLook(model: ShardModel, orders: readonly RandomOrder[], what: string): Promise<void> {
  const before = await redisContent(redis);
  const now = await time();
  for (const order of orders) {
    const [verdict] = await countRandom(redis, [order], 'look');
    const [kind] = model.verdicts(modelOrderOf(order), now, order.isAccepted);
    const counted = model.counted(order.orderId, now);
    expect(verdict, what).toEqual(counted ? { kind, known: knownOf(counted, order) } : { kind });
  }
  expect(await redisContent(redis), what).toEqual(before);
}

/** Gives an empty ledger this number of buckets. It splits the next bucket after 8 more records. */
async function startWith(buckets: number): Promise<{ readonly uncounted: number }> {
  const now = await time();
  const uncounted = buckets * 8;
  await redis.hset(LEDGER, 'state', `${uncounted} ${buckets} 0 ${now} ${Math.floor(now / PERIOD)}`);
  return { uncounted };
}

it('orders, later versions, cancellations, conflicts and duplicates in any order match a model', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    await redis.flushall();
    const random = seededRandom(seed, 0);
    const model = new ShardModel('at once');
    const ids = fewBuckets.slice(0, 5 + pickNumber(random, 60));
    for (let batch = 0; batch < 8; batch++) {
      const what = `seed ${seed}, batch ${batch}`;
      const now = await time();
      const orders = Array.from({ length: 1 + pickNumber(random, 80) }, () => randomOrder(random, ids, now));
      await expectLook(model, orders.slice(0, 3), what);
      await expectCounted(model, orders, what);
      await expectTotals(redis, model, what);
      await expectLedger(redis, model, now, { what });
    }
  }
});

it.each([4096, 4096 + 5, 8190, 8191, 8192, 12_288, 16_380, 4096 * 2 ** 18])(
  'a growing ledger of %i buckets and more loses and misplaces no record',
  async (buckets) => {
    const { uncounted } = await startWith(buckets);
    const random = seededRandom(buckets, 0);
    const model = new ShardModel('at once');
    for (let start = 0; start < fewBuckets.length; start += 40) {
      const what = `${start} orders`;
      const now = await time();
      const ids = fewBuckets.slice(0, start + 40);
      // All ids once, some of them later again.
      const orders = [...ids.slice(start).map((id) => randomOrder(random, [id], now))];
      for (let n = 0; n < 20; n++) orders.push(randomOrder(random, ids, now));
      await expectCounted(model, orders, what);
      await expectLedger(redis, model, now, { uncounted, what });
    }
    await expectTotals(redis, model);
    const { state } = await readLedger(redis);
    expect(state.buckets).toBe(Math.floor(state.records / 8));
    expect(state.buckets).toBeGreaterThan(buckets + 20);
  },
);

/** What a bucket is that a person, or a fault, has corrupt. */
const CORRUPTIONS: readonly (readonly [string, (bucket: Buffer) => Buffer])[] = [
  ['is empty', () => Buffer.from('')],
  ['is a text', () => Buffer.from('text')],
  ['is only a header', (bucket) => bucket.subarray(0, 3)],
  ['is the header of no records', (bucket) => Buffer.concat([bucket.subarray(0, 1), Buffer.from([0, 0])])],
  ['lacks a byte', (bucket) => bucket.subarray(0, -1)],
  ['has a byte more', (bucket) => Buffer.concat([bucket, Buffer.from('0')])],
  [
    'has more long records than bytes',
    // The missing bytes must be a whole number of short records.
    (bucket) => Buffer.concat([bucket.subarray(0, 2), Buffer.from([bucket.readUInt8(2) + 100]), bucket.subarray(3)]),
  ],
];

describe.each(CORRUPTIONS)('a bucket that %s', (_, corruption) => {
  it.each([4096, 8182, 8192])(
    'of %i and more fails only its own orders, until it is repaired; nothing counts twice, and growth waits for it',
    async (buckets) => {
      const { uncounted } = await startWith(buckets);
      const random = seededRandom(buckets, 1);
      const model = new ShardModel('at once');
      const ids = [...fewBuckets];
      const now = await time();
      await expectCounted(
        model,
        ids.slice(0, 100).map((id) => randomOrder(random, [id], now)),
        'before',
      );
      for (let round = 0; round < 10; round++) {
        const what = `round ${round}`;
        const { state } = await readLedger(redis);
        // Every second time the one that is to split next.
        let size = 4096;
        while (size * 2 <= state.buckets) size *= 2;
        const own = bucketField(ids[pickNumber(random, 100)] ?? '', state.buckets);
        const field = round % 2 ? own : fieldOf(state.buckets - size);
        const sound = await redis.hgetBuffer(LEDGER, field);
        if (!sound) continue;
        await redis.hset(LEDGER, field, corruption(sound));
        for (let call = 0; call < 6; call++) {
          const orders = Array.from({ length: 9 }, () => randomOrder(random, ids.slice(0, 100 + round * 30), now));
          const before = Number(`${await redis.hget(LEDGER, 'state')}`.split(' ')[1]);
          const isHit = (order: Order) => bucketField(order.orderId, before).equals(field);
          const verdicts = await countRandom(redis, orders);
          expect(kindsOf(verdicts), what).toEqual(
            orders.map((order) => (isHit(order) ? 'corrupt' : countInModel(model, order, now))),
          );
          for (const verdict of verdicts) {
            if (verdict.kind === 'corrupt') {
              expect(verdict.reason).toBe(`${LEDGER}: bucket ${field.readUInt32BE()} is corrupt`);
            }
          }
        }
        await expectTotals(redis, model, what);
        expect(await redis.hgetBuffer(LEDGER, field), what).toEqual(corruption(sound));
        await redis.hset(LEDGER, field, sound);
        await expectCounted(model, [randomOrder(random, ids, now), orderAt(now, { orderId: `NEW${round}` })], what);
        await expectLedger(redis, model, now, { uncounted, what });
        const after = (await readLedger(redis)).state;
        expect(after.buckets, what).toBe(Math.floor(after.records / 8));
      }
    },
  );
});

it.each(['', 'text', '1 2 3', '8 4095 0 1 1', '-8 4096 0 1 1', '8 4096 0 1 1 1'])(
  'a state of %j fails all orders before anything changes',
  async (state) => {
    await redis.hset(LEDGER, 'state', state);
    const before = await redisContent(redis);
    const verdicts = await countOrders(redis, [orderAt(1), orderAt(1, { orderId: 'ORD2' })]);
    expect(verdicts).toEqual(Array(2).fill({ kind: 'corrupt', reason: `${LEDGER}: state is corrupt` }));
    expect(await redisContent(redis)).toEqual(before);
  },
);

it('an id matches only at the start of a record, not inside or across others', async () => {
  const hidden = orderAt(1, { orderId: 'HIDDEN' });
  await countOrders(redis, [hidden]);
  const field = bucketField(hidden.orderId, 4096);
  const record = (await redis.hgetBuffer(LEDGER, field))?.subarray(3) ?? Buffer.from('');
  const id = record.subarray(0, 8);
  const stamp = record.subarray(-1);
  const zeros = (count: number) => Buffer.alloc(count);
  // In a long record, across the border from long to short ones, in a short one, and across two short ones.
  const bucket = Buffer.concat([
    stamp,
    Buffer.from([0, 2]),
    ...[zeros(10), id, zeros(8), stamp],
    ...[zeros(22), id.subarray(0, 5)],
    ...[id.subarray(5), zeros(17), stamp],
    ...[zeros(9), id, zeros(3), stamp],
    ...[zeros(16), id.subarray(0, 5)],
    ...[id.subarray(5), zeros(17), stamp],
  ]);
  expect(bucket.length).toBe(3 + 2 * 27 + 4 * 21);
  await redis.flushall();
  await redis.hset(LEDGER, field, bucket);
  expect(kindsOf(await countOrders(redis, [hidden, hidden]))).toEqual(['counted', 'duplicate']);
  expect(kindsOf(await countOrders(redis, [{ ...hidden, version: 2, cents: 1 }, hidden]))).toEqual([
    'revised',
    'superseded',
  ]);
  expect(await redis.hgetall('user:U5678')).toEqual({ order_count: '1', total_spend: '0.01', '1970-01': '1 0.01' });
});

it('68,000 orders with duplicates each count once, in 8,500 buckets', async () => {
  const random = seededRandom(1, 0);
  const model = new ShardModel('at once');
  const now = await time();
  const orderNumber = (n: number) => orderAt(now, { orderId: `O-${n}`, userId: `U${n % 500}`, cents: n % 1000 });
  for (let start = 0; start < 68_000; start += 1000) {
    const orders = Array.from({ length: 1000 }, (_, n) => orderNumber(start + n));
    for (let n = 0; n < 20; n++) orders.push(orderNumber(pickNumber(random, start + 1000)));
    await expectCounted(model, orders, `${start} orders`);
  }
  await expectLedger(redis, model, now);
  await expectTotals(redis, model);
  expect((await readLedger(redis)).state).toMatchObject({ records: 68_000, buckets: 8_500 });
});

it.each([
  [
    'whose header says that it has long ones',
    (bucket: Buffer) => Buffer.concat([bucket.subarray(0, 1), Buffer.from([0, 10]), bucket.subarray(3)]),
  ],
  ['that lacks a byte', (bucket: Buffer) => bucket.subarray(0, -1)],
])('a bucket of short records %s is corrupt for a new order too', async (_, corruption) => {
  const [first = '', second = ''] = idsOfFewBuckets(2, 1);
  await countOrders(redis, [orderAt(1, { orderId: first })]);
  const field = bucketField(first, 4096);
  const bucket = (await redis.hgetBuffer(LEDGER, field)) ?? Buffer.from('');
  await redis.hset(LEDGER, field, corruption(bucket));
  expect(kindsOf(await countOrders(redis, [orderAt(1, { orderId: second })]))).toEqual(['corrupt']);
});
