import { expect, it } from 'vitest';
import { exampleOrder, orderBody, orderOf, rejectionOf } from '../../tests/support/orderMessage.ts';

it('order_version defaults to 1', () => {
  expect(orderOf(orderBody()).version).toBe(1);
});

it.each([1, 2, 1_000_000])('order_version may be %i', (order_version) => {
  expect(orderOf(orderBody({ order_version })).version).toBe(order_version);
});

it('order_version may be written as 2.0 or 2e0, which are whole numbers in JSON', () => {
  for (const written of ['2.0', '2e0']) {
    const body = orderBody({ order_version: 'V' }).replace('"V"', written);
    expect(orderOf(body).version).toBe(2);
  }
});

it.each([0, -1, 1.5, 1_000_001, 1e300, true, [2], {}])('order_version must not be %j', (order_version) => {
  expect(rejectionOf(orderBody({ order_version }))).toBe('order_version must be a whole number from 1 to 1,000,000');
});

it.each(['2', ''])('order_version must not be the string %j', (order_version) => {
  const rule = 'must be a whole number from 1 to 1,000,000, not a string';
  expect(rejectionOf(orderBody({ order_version }))).toBe(`order_version ${rule}`);
});

it.each([undefined, 'placed'])('an order with order_status %s counts', (order_status) => {
  expect(orderOf(orderBody({ order_status }))).toMatchObject({ isCancelled: false, cents: 9999 });
});

it.each(['', 'Cancelled', 'canceled', 'refunded', ' placed', 1, true, ['cancelled']])(
  'order_status must not be %j',
  (order_status) => {
    expect(rejectionOf(orderBody({ order_status }))).toBe('order_status must be placed or cancelled');
  },
);

const { order_id, user_id, order_timestamp } = exampleOrder;
const cancelled = { order_id, user_id, order_timestamp, order_status: 'cancelled', order_version: 2 };

it('a cancelled order needs neither value nor items, and counts nothing', () => {
  expect(orderOf(JSON.stringify(cancelled))).toEqual({
    orderId: order_id,
    userId: user_id,
    placed: { epoch: '1734084000', day: '2024-12-13', hour: 481_690 },
    version: 2,
    isCancelled: true,
    cents: 0,
    items: [],
  });
});

it('a cancelled order counts nothing whatever value and items it has', () => {
  for (const rest of [{ order_value: 99.99 }, { items: exampleOrder.items }, { order_value: 'x', items: [] }]) {
    expect(orderOf(JSON.stringify({ ...cancelled, ...rest }))).toMatchObject({ cents: 0, items: [] });
  }
});

it.each(['order_id', 'user_id', 'order_timestamp'])('a cancelled order needs %s', (field) => {
  expect(rejectionOf(JSON.stringify({ ...cancelled, [field]: undefined }))).toBe(`${field} is required`);
});

it('a placed order needs value and items in every version', () => {
  expect(rejectionOf(orderBody({ order_version: 2, order_value: undefined }))).toBe('order_value is required');
  expect(rejectionOf(orderBody({ order_version: 2, order_status: 'placed', items: [] }))).toBe(
    'items must have at least 1 item',
  );
});
