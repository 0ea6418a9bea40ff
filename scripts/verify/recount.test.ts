import { expect, test } from 'vitest';
import { exampleOrder, orderBody } from '../../tests/support/orderMessage.ts';
import { Recount } from './recount.ts';

/** Counts bodies, one a line. */
function recountOf(...bodies: string[]): Recount {
  const recount = new Recount();
  for (const [index, body] of bodies.entries()) recount.add(body, { file: 'x.jsonl', line: index + 1 });
  return recount;
}

test('an order adds to the grand total, its month, its user and the user’s month', () => {
  const other = orderBody({ order_id: 'ORD2', user_id: 'U2', order_timestamp: '2025-01-01T00:30:00+01:00' });
  const total = { orders: 1, cents: 9999n };
  const both = { orders: 2, cents: 19998n };
  const { totals, users, months } = recountOf(orderBody(), other);
  expect(Object.fromEntries(totals)).toEqual({
    'global:stats': both,
    '{global:stats}:month:2024-12': both,
    'user:U5678': total,
    '{user:U5678}:month:2024-12': total,
    'user:U2': total,
    '{user:U2}:month:2024-12': total,
  });
  expect(Object.fromEntries(users)).toEqual({ U5678: total, U2: total });
  expect([...months]).toEqual(['2024-12']);
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
  expect(recountOf(orderBody(), ...rewritten)).toMatchObject({
    duplicates: rewritten.length,
    conflicts: { count: 0 },
    all: { orders: 1, cents: 9999n },
  });
});

test.each([
  { user_id: 'U1' },
  { order_timestamp: '2024-12-13T10:00:00.001Z' },
  { order_timestamp: '2024-12-13T10:00:00.0000001Z' },
  { items: exampleOrder.items.toReversed() },
  { order_value: 20, items: [{ product_id: 'P001', quantity: 2, price_per_unit: 10 }] },
])('an order that came before with other content than %j is a conflict and counts nothing', (change) => {
  const recount = recountOf(orderBody(change), orderBody(), orderBody(change));
  expect(recount.conflicts).toEqual({
    count: 1,
    first: ['line 2 of x.jsonl: order ORD1234 was there before with other content'],
  });
  expect(recount).toMatchObject({ lines: 3, duplicates: 1, all: { orders: 1 } });
});

test('an invalid message counts nothing and does not take the order id', () => {
  const recount = recountOf(orderBody({ order_value: 1 }), '[]', orderBody());
  expect(recount.invalid).toEqual({
    count: 2,
    first: [
      'line 1 of x.jsonl: order_value must equal the sum of the items: it is 1.00, they add up to 99.99',
      'line 2 of x.jsonl: body must be a JSON object',
    ],
  });
  expect(recount).toMatchObject({ lines: 3, conflicts: { count: 0 }, all: { orders: 1, cents: 9999n } });
});

test('only the first few invalid messages are named, but all are counted', () => {
  const { invalid } = recountOf(...Array<string>(1000).fill('{}'));
  expect(invalid.count).toBe(1000);
  expect(invalid.first).toHaveLength(5);
});
