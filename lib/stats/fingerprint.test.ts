import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleOrder, orderBody, orderOf } from '../../tests/support/orderMessage.ts';
import { isSameUser, ledgerEntry } from './fingerprint.ts';

const entryOf = (body: string) => ledgerEntry(orderOf(body));

const original = entryOf(orderBody());
const [first, second] = exampleOrder.items;

describe('an order written differently is the same to the ledger', () => {
  it.each([
    ['as before', orderBody()],
    ['with white space', JSON.stringify(exampleOrder, null, 2)],
    ['with its keys in another order', JSON.stringify(Object.fromEntries(Object.entries(exampleOrder).reverse()))],
    ['with a price of more zeros', orderBody().replace('"price_per_unit":20', '"price_per_unit":20.000000')],
    ['with a price in scientific notation', orderBody().replace('"price_per_unit":20', '"price_per_unit":2e1')],
    ['with a quantity with decimals', orderBody().replace('"quantity":2', '"quantity":2.0')],
    ['with noise in its value', orderBody({ order_value: 99.99000000000001 })],
    ['with noise in a price', orderBody({ items: [first, { ...second, price_per_unit: 59.990000000000002 }] })],
    ['with its instant in another zone', orderBody({ order_timestamp: '2024-12-13T15:30:00+05:30' })],
    ['with its instant in a zone of another day', orderBody({ order_timestamp: '2024-12-12T23:00:00-11:00' })],
    ['with its instant without seconds', orderBody({ order_timestamp: '2024-12-13T10:00Z' })],
    ['with its instant with empty decimals', orderBody({ order_timestamp: '2024-12-13T10:00:00.000Z' })],
    ['with an escaped letter', orderBody().replace('P001', '\\u0050001')],
    ['with another address', orderBody({ shipping_address: { street: 'Elsewhere' } })],
    ['without address and payment', orderBody({ shipping_address: undefined, payment_method: undefined })],
    ['with further keys', orderBody({ note: 'gift', items: [{ ...first, name: 'Lamp' }, second] })],
  ])('%s', (_, body) => {
    expect(entryOf(body)).toEqual(original);
  });
});

describe('another order under the same id has another fingerprint', () => {
  it.each([
    ['another user', { user_id: 'U5679' }],
    ['a user id in other case', { user_id: 'u5678' }],
    ['another second', { order_timestamp: '2024-12-13T10:00:01Z' }],
    ['another nanosecond', { order_timestamp: '2024-12-13T10:00:00.000000001Z' }],
    ['the same time of day in another zone', { order_timestamp: '2024-12-13T10:00:00+01:00' }],
    ['another price and value', { order_value: 100, items: [first, { ...second, price_per_unit: 60 }] }],
    ['another price of the same value', { items: [first, { ...second, price_per_unit: 59.990001 }] }],
    ['another quantity', { order_value: 119.99, items: [{ ...first, quantity: 3 }, second] }],
    ['quantity and price exchanged', { items: [{ ...first, quantity: 20, price_per_unit: 2 }, second] }],
    ['another product', { items: [first, { ...second, product_id: 'P003' }] }],
    ['its lines in another order', { items: [second, first] }],
    ['a line more, for free', { items: [first, second, { product_id: 'P003', quantity: 1, price_per_unit: 0 }] }],
    ['a line split in two', { items: [{ ...first, quantity: 1 }, { ...first, quantity: 1 }, second] }],
  ])('%s', (_, changes) => {
    const other = entryOf(orderBody(changes));
    expect(other.fingerprint).not.toBe(original.fingerprint);
    expect({ ...other, fingerprint: '' }).toEqual({ ...original, fingerprint: '' });
  });

  it('text that moves from one field to the next', () => {
    const lines = (ids: readonly string[]) =>
      orderBody({ order_value: 0, items: ids.map((id) => ({ product_id: id, quantity: 1, price_per_unit: 0 })) });
    const fingerprints = [['a,b'], ['a', 'b'], ['a"', 'b'], ['a', '"b'], ['\ud800'], ['\udc00'], ['\ufffd']].map(
      (ids) => entryOf(lines(ids)).fingerprint,
    );
    expect(new Set(fingerprints).size).toBe(fingerprints.length);
  });
});

it('a fingerprint tells whether an order is of another user', () => {
  expect(isSameUser(original.fingerprint, entryOf(orderBody({ user_id: 'U5679' })).fingerprint)).toBe(false);
  const later = entryOf(orderBody({ order_timestamp: '2024-12-13T10:00:01Z' })).fingerprint;
  expect(isSameUser(original.fingerprint, later)).toBe(true);
});

describe('the entry of an order id', () => {
  it('differs from that of any other, for a hundred thousand similar ids', () => {
    const order = orderOf(orderBody());
    const entries = Array.from({ length: 100_000 }, (_, n) => ledgerEntry({ ...order, orderId: `ORD${n}` }).id);
    expect(new Set(entries).size).toBe(entries.length);
  });

  it('differs where ids differ in case alone', () => {
    expect(entryOf(orderBody({ order_id: 'ord1234' })).id).not.toBe(original.id);
  });

  it('has the same short form whatever the length of the id', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@+=/#-]{0,127}$/), (order_id) => {
        const entry = entryOf(orderBody({ order_id }));
        expect(entry.id).toMatch(/^[\w-]{10}$/);
        expect(entry.fingerprint).toMatch(/^[\w-]{8}$/);
        expect(entry.bucket).toMatch(/^[\w-]{3}$/);
      }),
    );
  });

  it('stays what it was in versions before: else all orders in the ledger would count again', () => {
    expect(original).toEqual({ id: 'Sof-n2Ztbp', bucket: 'MZD', fingerprint: 'qV2UlZGF' });
  });
});
