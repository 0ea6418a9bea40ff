import fc from 'fast-check';
import { expect, it } from 'vitest';
import { exampleOrder, orderBody, orderOf, rejectionOf } from '../../tests/support/orderMessage.ts';
import { parseOrder } from './order.ts';
import { describeRejection } from './rejection.ts';

const LEVELS = 100_000;

it.each([
  ['empty', ''],
  ['blank', ' \n'],
  ['plain text', 'hello'],
  ['an order that is cut off', orderBody().slice(0, -1)],
  ['an order with something behind it', `${orderBody()}x`],
  ['an order in single quotes', "{'order_id':'ORD1234'}"],
  ['an order with a comma too many', orderBody().replace(/}$/, ',}')],
  ['undefined', 'undefined'],
  ['a lone surrogate', '\ud800'],
  ['100,000 brackets that never close', '['.repeat(LEVELS)],
  ['100,000 objects that never close', '{"order_id":'.repeat(LEVELS)],
])('a body is not JSON when it is %s', (_, body) => {
  expect(rejectionOf(body)).toBe('body must be JSON');
});

it.each([
  ['a boolean', 'true'],
  ['a number', '1'],
  ['a text', '"text"'],
  ['a lone surrogate', '"\\ud800"'],
])('a body must be an object, not %s', (_, body) => {
  expect(rejectionOf(body)).toBe('body must be a JSON object');
});

it.each([
  ['null', 'null', 'body must be a JSON object, not null'],
  ['an empty array', '[]', 'body must be a JSON object, not an array: a message holds one order'],
  ['an array of orders', `[${orderBody()}]`, 'body must be a JSON object, not an array: a message holds one order'],
  [
    '100,000 arrays in each other',
    '['.repeat(LEVELS) + ']'.repeat(LEVELS),
    'body must be a JSON object, not an array: a message holds one order',
  ],
  [
    'an order that was encoded twice',
    JSON.stringify(orderBody()),
    'body must be a JSON object, not a string that holds JSON: it was encoded twice',
  ],
  ['an order behind a byte order mark', `\ufeff${orderBody()}`, 'body must be JSON without a byte order mark (U+FEFF)'],
])('a rejection says what the body is instead: %s', (_, body, reason) => {
  expect(rejectionOf(body)).toBe(reason);
});

it('a body may have white space around an order', () => {
  expect(orderOf(`\r\n\t ${JSON.stringify(exampleOrder, null, 2)}\n`)).toEqual(orderOf(orderBody()));
});

it('an ignored field may be 100,000 levels deep', () => {
  const deep = '['.repeat(LEVELS) + ']'.repeat(LEVELS);
  const body = orderBody({ shipping_address: 'HERE' }).replace('"HERE"', deep);
  expect(orderOf(body)).toEqual(orderOf(orderBody()));
});

it('a key named __proto__ adds no field', () => {
  expect(rejectionOf(`{"__proto__":${orderBody()}}`)).toBe('order_id is required');
  const body = orderBody().replace('{', '{"__proto__":{"order_id":"OTHER","polluted":true},');
  expect(orderOf(body)).toEqual(orderOf(orderBody()));
  expect({}).not.toHaveProperty('polluted');
});

const secrets = { shipping_address: '12 Secret Lane', payment_method: 'card-secret-4242' };

it.each([
  ['no order_id', { order_id: undefined }],
  ['a bad order_id', { order_id: 'secret id' }],
  ['a user_id of another type', { user_id: { secret: 'secret' } }],
  ['a bad order_timestamp', { order_timestamp: 'secret' }],
  ['an order_value as text', { order_value: 'secret' }],
  ['items as text', { items: 'secret' }],
  ['a product_id that is too long', { items: [{ product_id: 'secret'.repeat(30), quantity: 1, price_per_unit: 1 }] }],
  ['an address among the items', { items: [secrets] }],
  ['an address instead of an item', { items: ['12 Secret Lane'] }],
  ['a sum that does not match', { order_value: 1 }],
])('a rejection of %s repeats no address, payment or id from the message', (_, changes) => {
  const rejection = rejectionOf(orderBody({ ...secrets, ...changes }));
  expect(rejection).not.toBe('accepted');
  expect(rejection).not.toMatch(/secret|4242/i);
});

it.each([
  ['cut off within the address', '{"shipping_address":"12 Secret La'],
  ['with a stray character', '{"shipping_address": 12 Secret Lane}'],
  ['of only text', 'card-secret-4242'],
])('a rejection of a body that is not JSON quotes none of it: %s', (_, body) => {
  expect(rejectionOf(body)).toBe('body must be JSON');
});

const answers = (body: string): void => {
  const parsed = parseOrder(body);
  if (parsed.ok) {
    expect(Number.isSafeInteger(parsed.order.cents)).toBe(true);
    expect(parsed.order.placed.day).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  } else {
    expect(describeRejection(parsed.rejection)).toMatch(/^(body|Message|[a-z_]+(\[\d+\](\.[a-z_]+)?)?) (must|is) ./);
  }
};

it('any text gives an order, or a rejection with field and rule', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), answers));
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), answers));
});

it('any JSON gives an order, or a rejection with field and rule', () => {
  fc.assert(fc.property(fc.json(), answers));
});

it('an order with any JSON in any field gives an order, or a rejection with field and rule', () => {
  const item = fc.record(
    {
      product_id: fc.oneof(fc.string(), fc.jsonValue()),
      quantity: fc.oneof(fc.integer({ min: 1, max: 1_000_000 }), fc.double(), fc.jsonValue()),
      price_per_unit: fc.oneof(fc.double({ min: 0, max: 1e9 }), fc.double(), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const changes = fc.record(
    {
      order_id: fc.oneof(fc.string(), fc.jsonValue()),
      user_id: fc.oneof(fc.string(), fc.jsonValue()),
      order_timestamp: fc.oneof(fc.date({ noInvalidDate: true }), fc.jsonValue()),
      order_value: fc.oneof(fc.double({ min: 0, max: 1e9 }), fc.double(), fc.jsonValue()),
      items: fc.oneof(fc.array(fc.oneof(item, fc.jsonValue())), fc.jsonValue()),
      shipping_address: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  fc.assert(fc.property(changes, (fields) => answers(orderBody(fields))));
});
