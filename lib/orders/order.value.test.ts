import { expect, it } from 'vitest';
import { oneLineBody, orderBody, orderOf, rejectionOf } from '../../tests/support/orderMessage.ts';

it.each([
  { value: '0', cents: 0 },
  { value: '-0', cents: 0 },
  { value: '0.01', cents: 1 },
  { value: '1e-2', cents: 1 },
  { value: '99.990', cents: 9999 },
  { value: '999999999.99', cents: 99_999_999_999 },
  { value: '1000000000', cents: 100_000_000_000 },
  { value: '1e9', cents: 100_000_000_000 },
])('order_value may be $value', ({ value, cents }) => {
  // + 0 turns a negative zero into 0.
  expect(orderOf(oneLineBody({ value, price: value })).cents + 0).toBe(cents);
});

it.each(['-0.01', '-1', '1000000000.01', '1e10', '1e9999', 'true', '[99.99]', '{}'])(
  'order_value is not %s',
  (value) => {
    const rejection = rejectionOf(oneLineBody({ value, price: '99.99' }));
    expect(rejection).toBe('order_value must be a number from 0 to 1,000,000,000');
  },
);

it.each(['"99.99"', '""'])('order_value is not the string %s', (value) => {
  const rejection = rejectionOf(oneLineBody({ value, price: '99.99' }));
  expect(rejection).toBe('order_value must be a number from 0 to 1,000,000,000, not a string');
});

it.each(['NaN', 'Infinity', '+1', '01', '.5', '0x10', '1_000'])(
  'order_value must be a JSON number, unlike %s',
  (value) => {
    expect(rejectionOf(oneLineBody({ value, price: '1' }))).toBe('body must be JSON');
  },
);

it.each([
  { value: '30.000000000000004', cents: 3000 },
  { value: '29.999999999999996', cents: 3000 },
  { value: '10.000009', cents: 1000 },
  { value: '9.999991', cents: 1000 },
  { value: '0.000009', cents: 0 },
  { value: '999999999.990009', cents: 99_999_999_999 },
])('order_value may have less than a thousandth of a cent of noise: $value', ({ value, cents }) => {
  expect(orderOf(oneLineBody({ value, price: String(cents / 100) })).cents).toBe(cents);
});

it.each(['10.00001', '9.99999', '0.00001', '10.001', '10.005', '10.0000101', '999999999.99001', '1e-5'])(
  'order_value has at most 2 decimals, unlike %s',
  (value) => {
    expect(rejectionOf(oneLineBody({ value, price: '10' }))).toBe('order_value must have at most 2 decimals');
  },
);

it.each([
  { value: '99.98', price: '99.99', sum: '99.99' },
  { value: '100.00', price: '99.99', sum: '99.99' },
  { value: '0.00', price: '0.01', sum: '0.01' },
  { value: '0.01', price: '0', sum: '0.00' },
])('an order_value of $value is refused if the items add up to $sum', ({ value, price, sum }) => {
  expect(rejectionOf(oneLineBody({ value, price }))).toBe(
    `order_value must equal the sum of the items: it is ${value}, they add up to ${sum}`,
  );
});

it.each([
  { what: 'exactly half a cent', quantity: '1', price: '0.005', cents: 1 },
  { what: 'a micro below half a cent', quantity: '1', price: '0.004999', cents: 0 },
  { what: 'half a cent that no double holds', quantity: '1', price: '1.005', cents: 101 },
  { what: 'half a cent from three thirds of it', quantity: '3', price: '0.335', cents: 101 },
  { what: 'half a cent from a million micros', quantity: '1000000', price: '0.000001', cents: 100 },
  { what: 'half a cent of a large sum', quantity: '1000', price: '999999.999995', cents: 100_000_000_000 },
])('the sum of the items is rounded half up to the cent: $what', ({ quantity, price, cents }) => {
  expect(orderOf(oneLineBody({ quantity, price, value: `${cents / 100}` })).cents).toBe(cents);
});

it('the sum of the items is rounded once, not line by line', () => {
  const items = Array.from({ length: 4 }, () => ({ product_id: 'P', quantity: 1, price_per_unit: 0.005 }));
  expect(rejectionOf(orderBody({ items, order_value: 0.02 }))).toBe('accepted');
  expect(rejectionOf(orderBody({ items, order_value: 0.04 }))).toContain('they add up to 0.02');
});

it('a product that appears twice counts twice', () => {
  const items = Array.from({ length: 2 }, () => ({ product_id: 'P', quantity: 1, price_per_unit: 1 }));
  expect(rejectionOf(orderBody({ items, order_value: 2 }))).toBe('accepted');
  expect(rejectionOf(orderBody({ items, order_value: 1 }))).toContain('they add up to 2.00');
});

it.each([
  { what: 'half a cent more', quantity: 1, price: 0.005, lines: 1, first: 1e9 },
  { what: 'one cent more', quantity: 1, price: 0.01, lines: 1, first: 1e9 },
  { what: 'more than 2^53 micros', quantity: 10, price: 1e9, lines: 1, first: 0 },
  { what: 'that of a thousand of the largest lines', quantity: 1_000_000, price: 1e9, lines: 1000, first: 1e9 },
])('the sum of the items must not exceed the largest order_value: $what', ({ quantity, price, lines, first }) => {
  const items = Array.from({ length: lines }, () => ({ product_id: 'P', quantity, price_per_unit: price }));
  const all = [{ product_id: 'P', quantity: 1, price_per_unit: first }, ...items];
  expect(rejectionOf(orderBody({ items: all, order_value: 1e9 }))).toBe(
    'order_value must equal the sum of the items: it is 1000000000.00, they add up to more than 1,000,000,000',
  );
});
