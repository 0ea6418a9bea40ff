import { describe, expect, it, vi } from 'vitest';
import { orderBody, orderOf, rejectionOf } from '../../tests/support/orderMessage.ts';

const USER_ID_RULE =
  'must be 1 to 128 characters: first an ASCII letter or digit, then ASCII letters, digits and . _ : @ + = -';
const ORDER_ID_RULE = `${USER_ID_RULE} / #`;

it('the example message is read completely', () => {
  expect(orderOf(orderBody())).toEqual({
    orderId: 'ORD1234',
    userId: 'U5678',
    placed: { epoch: '1734084000', day: '2024-12-13', hour: 481_690 },
    version: 1,
    isCancelled: false,
    cents: 9999,
    items: [
      { productId: 'P001', quantity: 2, micros: 20_000_000 },
      { productId: 'P002', quantity: 1, micros: 59_990_000 },
    ],
  });
});

it.each(['order_id', 'user_id', 'order_timestamp', 'order_value', 'items'])(
  'the example of the order message is not an order without %s',
  (field) => {
    expect(rejectionOf(orderBody({ [field]: undefined }))).toBe(`${field} is required`);
  },
);

it.each(['shipping_address', 'payment_method'])('the example message is valid without %s', (field) => {
  expect(rejectionOf(orderBody({ [field]: undefined }))).toBe('accepted');
});

describe.each([
  { field: 'order_id', rule: ORDER_ID_RULE, allowed: '._:@+=-/#' },
  { field: 'user_id', rule: USER_ID_RULE, allowed: '._:@+=-' },
])('$field', ({ field, rule, allowed }) => {
  it.each(['A', 'z', '0', '9', 'constructor', 'a'.repeat(128)])('an id may be %j', (id) => {
    expect(rejectionOf(orderBody({ [field]: id }))).toBe('accepted');
  });

  it.each([...allowed])('an id may contain %j, but not as its first character', (character) => {
    expect(rejectionOf(orderBody({ [field]: `a${character}` }))).toBe('accepted');
    expect(rejectionOf(orderBody({ [field]: `${character}a` }))).toBe(`${field} ${rule}`);
  });

  it('an id may contain no other ASCII character', () => {
    const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
    const accepted = ascii.filter((character) => rejectionOf(orderBody({ [field]: `a${character}` })) === 'accepted');
    expect(accepted.join('')).toMatch(/^[^A-Za-z0-9]*0123456789[^A-Za-z0-9]*[A-Z]{26}_?[a-z]{26}$/);
    expect(accepted.filter((character) => !/[A-Za-z0-9]/.test(character)).sort()).toEqual([...allowed].sort());
  });

  it.each([
    ['empty', ''],
    ['of 129 characters', 'a'.repeat(129)],
    ['of 10 kB', 'a'.repeat(10_000)],
    ['with a space at its end', 'a '],
    ['with a newline at its end', 'a\n'],
    ['with an inner newline', 'a\nb'],
    ['with braces, which choose a Redis Cluster slot', '{a}'],
    ['with a later brace', 'a{b'],
    ['with a null character', 'a\0'],
    ['__proto__', '__proto__'],
    ['of a letter outside ASCII', 'é'],
    ['of an emoji', 'a🎉'],
    ['of a lone surrogate', 'a\ud800'],
  ])('an id is not valid when %s', (_, id) => {
    expect(rejectionOf(orderBody({ [field]: id }))).toContain(`${field} ${rule}`);
  });

  it('a rejection names an invisible character of an id by its code point', () => {
    expect(rejectionOf(orderBody({ [field]: '\ufeffA1' }))).toBe(
      `${field} ${rule} (it contains U+FEFF, which is invisible)`,
    );
    expect(rejectionOf(orderBody({ [field]: 'A1 ' }))).toBe(`${field} ${rule} (it contains a space)`);
  });

  it.each([1234, true, ['A'], { id: 'A' }])('an id must be a string, not %j', (id) => {
    expect(rejectionOf(orderBody({ [field]: id }))).toBe(`${field} must be a string`);
  });
});

it('order_timestamp gives the order its month in UTC', () => {
  const order = orderOf(orderBody({ order_timestamp: '2025-01-01T00:30:00+01:00' }));
  expect(order.placed.day.slice(0, 7)).toBe('2024-12');
});

it.each([
  ['yesterday', /^order_timestamp must be an ISO 8601 date and time with Z or an offset, such as \S+$/],
  ['2024-02-30T10:00:00Z', /^order_timestamp must be a date that exists$/],
  ['1969-12-31T23:59:59Z', /^order_timestamp must be from 1970-01-02 to 9999-12-30, in UTC$/],
])('order_timestamp is not %j', (timestamp, reason) => {
  expect(rejectionOf(orderBody({ order_timestamp: timestamp }))).toMatch(reason);
});

it('order_timestamp may be a leap year ahead, but not a second more', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 30) });
  expect(rejectionOf(orderBody({ order_timestamp: '2027-12-01T00:00:00Z' }))).toBe('accepted');
  expect(rejectionOf(orderBody({ order_timestamp: '2027-12-01T00:00:01Z' }))).toBe(
    'order_timestamp must be at most 366 days ahead',
  );
  vi.useRealTimers();
});

it.each([1734084000, {}])('order_timestamp must be a string, not %j', (timestamp) => {
  expect(rejectionOf(orderBody({ order_timestamp: timestamp }))).toBe('order_timestamp must be a string');
});

it.each([null, 0, '', 'text', [], ['a', { b: 1 }], {}, { street: { name: 'Main', number: 1 } }, false])(
  'keys that the statistics do not need may hold %j',
  (value) => {
    const body = orderBody({ shipping_address: value, payment_method: value, note: value, constructor: value });
    expect(orderOf(body)).toEqual(orderOf(orderBody()));
  },
);

it('unknown keys are ignored in an item too', () => {
  const items = [{ product_id: 'P1', quantity: 1, price_per_unit: 99.99, name: 'Lamp', discount: { percent: 10 } }];
  expect(orderOf(orderBody({ items })).items).toEqual([{ productId: 'P1', quantity: 1, micros: 99_990_000 }]);
});

it('of repeated keys, the last one counts', () => {
  const body = orderBody().replace('{', '{"order_id":17,"user_id":"U1",');
  expect(orderOf(body)).toEqual(orderOf(orderBody()));
});

it.each([
  ['order_id', 'order_id must be a string, not null'],
  ['user_id', 'user_id must be a string, not null'],
  ['order_timestamp', 'order_timestamp must be a string, not null'],
  ['order_version', 'order_version must be a whole number from 1 to 1,000,000, not null: leave it out'],
  ['order_status', 'order_status must be placed or cancelled, not null: leave it out'],
  ['currency', 'currency must be a code of three capital letters, such as USD, not null: leave it out'],
  ['order_value', 'order_value must be a number from 0 to 1,000,000,000, not null'],
  ['items', 'items must be an array, not null'],
])('null does not count as absent, and the rejection says so: %s', (field, reason) => {
  expect(rejectionOf(orderBody({ [field]: null }))).toBe(reason);
});

it.each(['', 'EURO', 'usd', 'US', 840, {}])('currency must be a code, not %j', (currency) => {
  expect(rejectionOf(orderBody({ currency }))).toBe('currency must be a code of three capital letters, such as USD');
});

it('naming the currency of the stage changes nothing', () => {
  expect(orderOf(orderBody({ currency: 'USD' }))).toEqual(orderOf(orderBody()));
  expect(orderOf(orderBody({ currency: 'EUR' }), { currency: 'EUR' })).toEqual(orderOf(orderBody()));
});

it('an order in another currency is refused, even a cancelled one', () => {
  expect(rejectionOf(orderBody({ currency: 'EUR' }))).toBe('currency is EUR; this stage counts USD');
  expect(rejectionOf(orderBody({ currency: 'USD', order_status: 'cancelled' }), { currency: 'EUR' })).toBe(
    'currency is USD; this stage counts EUR',
  );
});

it('null does not count as absent in an item either', () => {
  expect(rejectionOf(orderBody({ items: [null] }))).toBe('items[0] must be an object, not null');
  const quantity = { product_id: 'P1', quantity: null, price_per_unit: 1 };
  expect(rejectionOf(orderBody({ items: [quantity] }))).toBe(
    'items[0].quantity must be a whole number from 1 to 1,000,000, not null',
  );
});
