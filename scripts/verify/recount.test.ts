import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventBridgeEvent, snsNotification } from '../../tests/support/envelopes.ts';
import { exampleOrder, orderBody, orderOf } from '../../tests/support/orderMessage.ts';
import { Recount } from './recount.ts';
import type { RecountedTotals } from './totals.ts';

/** Counts bodies, one per line. */
function recountOf(...bodies: string[]): Recount {
  const recount = new Recount();
  for (const [index, body] of bodies.entries()) recount.add(body, { file: 'x.jsonl', line: index + 1 });
  return recount;
}

/** Counts bodies to the end. */
const totalsOf = (...bodies: string[]): RecountedTotals => recountOf(...bodies).end(['']);

test('an order adds to the grand total, its month, its day, its user and the user’s month', () => {
  const other = orderBody({ order_id: 'ORD2', user_id: 'U2', order_timestamp: '2025-01-01T00:30:00+01:00' });
  const total = { orders: 1, cents: 9999n };
  const both = { orders: 2, cents: 19998n };
  const { all, months, days, users, size } = totalsOf(orderBody(), other);
  expect(all).toEqual(both);
  expect(Object.fromEntries(months)).toEqual({ '2024-12': both });
  expect(Object.fromEntries(days)).toEqual({ '2024-12-13': total, '2024-12-31': total });
  const user = { all: total, months: new Map([['2024-12', total]]) };
  expect(Object.fromEntries(users)).toEqual({ U5678: user, U2: user });
  expect(size).toBe(8);
});

test('an order counts for the day of the time zone', () => {
  const recount = new Recount({ timeZone: 'Europe/Berlin', currency: 'USD' });
  recount.add(orderBody({ order_timestamp: '2024-12-31T23:30:00Z' }), { file: 'x.jsonl', line: 1 });
  const { months, days } = recount.end(['']);
  expect([[...months.keys()], [...days.keys()]]).toEqual([['2025-01'], ['2025-01-01']]);
});

test.each([null, 1, exampleOrder])(
  'a notification with the detail %j is a notification, as in the pipeline',
  (detail) => {
    const order = orderBody({ order_id: 'IN-MESSAGE', user_id: 'U2' });
    const notification = JSON.parse(snsNotification(order));
    const both = { ...notification, 'detail-type': 'OrderPlaced', detail };
    for (const body of [{ ...notification, detail }, both]) {
      expect([...totalsOf(JSON.stringify(body)).users.keys()]).toEqual([orderOf(JSON.stringify(body)).userId]);
      expect([...totalsOf(JSON.stringify(body)).users.keys()]).toEqual(['U2']);
    }
  },
);

const item = (quantity: number) => [{ product_id: 'P001', quantity, price_per_unit: 10 }];
const version = (order_version: number, changes: object = {}) =>
  orderBody({ order_version, order_value: 10 * order_version, items: item(order_version), ...changes });

test('of several versions the highest counts, in whatever order they come', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([1, 2, 3, 4, 1, 2, 3, 4], { minLength: 1 }), (versions) => {
      const recount = recountOf(...versions.map((number) => version(number)));
      const highest = Math.max(...versions);
      const again = versions.filter((number) => number === highest).length - 1;
      expect(recount.superseded + recount.duplicates).toBe(versions.length - 1);
      expect(recount.duplicates).toBeGreaterThanOrEqual(again);
      expect(recount.end(['']).all).toEqual({ orders: 1, cents: 1000n * BigInt(highest) });
    }),
  );
});

test('of several versions nothing is counted where the highest is cancelled, whatever its message says of a value', () => {
  const cancelled = { order_status: 'cancelled' };
  const totals = totalsOf(version(1), version(3, cancelled), version(2), version(3, { ...cancelled, items: 'none' }));
  expect(totals).toMatchObject({ all: { orders: 0, cents: 0n }, cancelled: 1, size: 1 });
  expect(totalsOf(version(3, cancelled), version(4)).all).toEqual({ orders: 1, cents: 4000n });
});

test('of one version, another content is a conflict; of another user, all versions are', () => {
  const recount = recountOf(
    version(2),
    version(2, { order_timestamp: '2024-12-14T10:00:00Z' }),
    version(2, { order_status: 'cancelled' }),
    version(3, { user_id: 'U1' }),
    version(1, { user_id: 'U1' }),
    version(1),
  );
  expect(recount.conflicts.count).toBe(4);
  expect(recount.conflicts.first[2]).toBe('line 4 of x.jsonl: order ORD1234 was there before with a different user_id');
  expect(recount.superseded).toBe(1);
  expect(recount.end(['']).all).toEqual({ orders: 1, cents: 2000n });
});

test('the same content is a duplicate however it is written', () => {
  const { items } = exampleOrder;
  const rewritten = [
    orderBody(),
    orderBody({ order_timestamp: '2024-12-13T11:00:00.000+01:00' }),
    orderBody({ order_value: 99.99000000000001, shipping_address: 'elsewhere', more: true }),
    orderBody({ items: items.map((line) => ({ ...line, colour: 'red' })) }),
    orderBody().replace('"price_per_unit":20', '"price_per_unit":2.0e1'),
  ];
  const recount = recountOf(orderBody(), ...rewritten);
  expect(recount).toMatchObject({ duplicates: rewritten.length, conflicts: { count: 0 } });
  expect(recount.end(['']).all).toEqual({ orders: 1, cents: 9999n });
});

const OTHER_LINES =
  'the same user, value and day, but a different time of day or different items: other lines, the same lines in another order, or a product_id in another Unicode form';

test.each([
  [{ user_id: 'U1' }, 'a different user_id'],
  [{ order_timestamp: '2024-12-13T10:00:00.001Z' }, OTHER_LINES],
  [{ order_timestamp: '2024-12-13T10:00:00.0000001Z' }, OTHER_LINES],
  [{ items: exampleOrder.items.toReversed() }, OTHER_LINES],
  [
    { order_value: 20, items: [{ product_id: 'P001', quantity: 2, price_per_unit: 10 }] },
    'a different order_value (20.00, here 99.99)',
  ],
  [{ order_timestamp: '2024-12-14T10:00:00Z' }, 'a different day (2024-12-14, here 2024-12-13)'],
])('an order that came before with other content than %j is a conflict and counts nothing', (change, difference) => {
  const recount = recountOf(orderBody(change), orderBody(), orderBody(change));
  expect(recount.conflicts).toEqual({
    count: 1,
    first: [`line 2 of x.jsonl: order ORD1234 was there before with ${difference}`],
  });
  expect(recount).toMatchObject({ lines: 3, duplicates: 1 });
  expect(recount.end(['']).all.orders).toBe(1);
});

test('an order in an envelope is the order itself', () => {
  const notification = snsNotification(orderBody());
  const recount = recountOf(orderBody(), notification, eventBridgeEvent(exampleOrder), snsNotification(notification));
  expect(recount).toMatchObject({ lines: 4, duplicates: 3 });
  expect(recount.end(['']).all).toEqual({ orders: 1, cents: 9999n });
});

test('an order in another currency than that of the stage is invalid', () => {
  const recount = new Recount({ timeZone: 'UTC', currency: 'EUR' });
  const place = { file: 'x.jsonl', line: 1 };
  recount.add(orderBody({ currency: 'USD' }), place);
  recount.add(orderBody({ currency: 'EUR' }), place);
  expect(recount.invalid.first).toEqual(['line 1 of x.jsonl: currency is USD; this stage counts EUR']);
  expect(recount.end(['']).all.orders).toBe(1);
});

test('an invalid message counts nothing and does not take the order id', () => {
  const recount = recountOf(orderBody({ order_value: 1 }), '[]', orderBody());
  expect(recount.invalid).toEqual({
    count: 2,
    first: [
      'line 1 of x.jsonl: order_value must equal the sum of the items: it is 1.00, they add up to 99.99',
      'line 2 of x.jsonl: body must be a JSON object, not an array: a message holds one order',
    ],
  });
  expect(recount).toMatchObject({ lines: 3, conflicts: { count: 0 } });
  expect(recount.end(['']).all).toEqual({ orders: 1, cents: 9999n });
});

test('only the first few invalid messages are named, but all are counted', () => {
  const { invalid } = recountOf(...Array<string>(1000).fill('{}'));
  expect(invalid.count).toBe(1000);
  expect(invalid.first).toHaveLength(5);
});
