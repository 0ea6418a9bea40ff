import { expect, it } from 'vitest';
import { oneLineBody, orderBody, orderOf, rejectionOf } from '../../tests/support/orderMessage.ts';

const line = { product_id: 'P001', quantity: 1, price_per_unit: 99.99 };

it('items must not be empty', () => {
  expect(rejectionOf(orderBody({ items: [] }))).toBe('items must have at least 1 item');
});

it.each([{}, 'P001', 1, { 0: line, length: 1 }])('items must be an array, not %j', (items) => {
  expect(rejectionOf(orderBody({ items }))).toBe('items must be an array');
});

it.each(['P001', 7, true])('an item must be an object, not %j', (entry) => {
  expect(rejectionOf(orderBody({ items: [line, entry] }))).toBe('items[1] must be an object');
});

it('an item must not be an array', () => {
  expect(rejectionOf(orderBody({ items: [line, ['P001', 1, 99.99]] }))).toBe('items[1].product_id is required');
});

it('an order may have a thousand items', () => {
  const items = Array.from({ length: 1000 }, (_, n) => ({ product_id: `P${n}`, quantity: 1, price_per_unit: 0.01 }));
  expect(orderOf(orderBody({ items, order_value: 10 })).items).toHaveLength(1000);
});

it('a rejection names the item that breaks a rule', () => {
  const items = Array.from({ length: 1000 }, (_, n) => ({ ...line, quantity: n === 998 ? 0 : 1 }));
  expect(rejectionOf(orderBody({ items }))).toBe('items[998].quantity must be a whole number from 1 to 1,000,000');
});

it.each(['product_id', 'quantity', 'price_per_unit'])('every item needs a %s', (field) => {
  const items = [line, { ...line, [field]: undefined }];
  expect(rejectionOf(orderBody({ items }))).toBe(`items[1].${field} is required`);
});

it.each([
  ['one character', 'P'],
  ['128 characters', 'P'.repeat(128)],
  ['128 emoji, each a character of two UTF-16 units', '🎉'.repeat(128)],
  ['a space', ' '],
  ['characters that an order_id may not have', '{Ünï}/"\n'],
  ['__proto__', '__proto__'],
])('product_id may be %s', (_, id) => {
  expect(rejectionOf(orderBody({ items: [{ ...line, product_id: id }] }))).toBe('accepted');
});

it.each([
  ['empty', ''],
  ['of 129 characters', 'P'.repeat(129)],
  ['of 129 emoji', '🎉'.repeat(129)],
  ['of 10 kB', 'P'.repeat(10_000)],
])('product_id is not valid when %s', (_, id) => {
  const rejection = rejectionOf(orderBody({ items: [{ ...line, product_id: id }] }));
  expect(rejection).toBe('items[0].product_id must be 1 to 128 characters');
});

it.each([1, ['P']])('product_id must be a string, not %j', (id) => {
  const rejection = rejectionOf(orderBody({ items: [{ ...line, product_id: id }] }));
  expect(rejection).toBe('items[0].product_id must be a string');
});

it.each(['1', '1.0', '1e0', '1000000', '1e6'])('quantity may be %s', (quantity) => {
  expect(rejectionOf(oneLineBody({ quantity, price: '0', value: '0' }))).toBe('accepted');
});

it.each(['0', '-0', '-1', '0.5', '1.5', '1000001', '1e300', '1e400', 'true', '[1]'])(
  'quantity is not %s',
  (quantity) => {
    const rejection = rejectionOf(oneLineBody({ quantity, price: '0', value: '0' }));
    expect(rejection).toBe('items[0].quantity must be a whole number from 1 to 1,000,000');
  },
);

it.each([
  { price: '0', value: '0' },
  { price: '-0', value: '0' },
  { price: '0.000001', value: '0' },
  { price: '1.234567', value: '1.23' },
  { price: '1.2345670', value: '1.23' },
  { price: '123456.789012', value: '123456.79' },
  { price: '1000000000', value: '1e9' },
])('price_per_unit may be $price', (fields) => {
  expect(rejectionOf(oneLineBody(fields))).toBe('accepted');
});

it.each(['-0.000001', '-1', '1000000000.000001', '1e9999', 'true', '[]', '{}'])('price_per_unit is not %s', (price) => {
  const rejection = rejectionOf(oneLineBody({ price, value: '20' }));
  expect(rejection).toBe('items[0].price_per_unit must be a number from 0 to 1,000,000,000');
});

it.each([
  ['quantity', { quantity: '"1"', price: '20' }, 'must be a whole number from 1 to 1,000,000, not a string'],
  ['price_per_unit', { price: '"20.00"' }, 'must be a number from 0 to 1,000,000,000, not a string'],
  ['price_per_unit', { price: '""' }, 'must be a number from 0 to 1,000,000,000, not a string'],
])('%s must be a number, not a string: %j', (field, line, rule) => {
  expect(rejectionOf(oneLineBody({ value: '20', ...line }))).toBe(`items[0].${field} ${rule}`);
});

it.each(['1.2345678', '0.0000001', '0.0000015', '123456.7890123', '1e-7', '1.000000001'])(
  'price_per_unit has at most 6 decimals, unlike %s',
  (price) => {
    const rejection = rejectionOf(oneLineBody({ price, value: '1.23' }));
    expect(rejection).toBe('items[0].price_per_unit must have at most 6 decimals');
  },
);

it.each(['0.30000000000000004', '1.0000000009', '0.9999999991'])(
  'price_per_unit is forgiven the noise of %s',
  (price) => {
    const value = price.startsWith('0.3') ? '0.3' : '1';
    expect(orderOf(oneLineBody({ price, value })).items).toEqual(orderOf(oneLineBody({ price: value, value })).items);
  },
);

it('price_per_unit may be one double off where neighbouring doubles are more than a thousandth of a micro apart', () => {
  // 999999999.1 and the double after it, whose shortest decimals are 7.
  const items = orderOf(oneLineBody({ price: '999999999.1000001', value: '999999999.1' })).items;
  expect(items).toEqual([{ productId: 'P001', quantity: 1, micros: 999_999_999_100_000 }]);
});
