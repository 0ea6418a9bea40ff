import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { orderBody, orderOf } from '../../tests/support/orderMessage.ts';
import { orderAt } from '../../tests/support/randomOrders.ts';
import type { Order } from '../orders/order.ts';
import { CANCELLED_CENTS } from './ledgerRecord.ts';
import { scriptInput } from './wire.ts';

/** The parts of an order as the script takes it. */
function wireOf(order: Order) {
  const buffer = scriptInput('', [{ order, isAccepted: false }]).wire;
  const isLong = buffer.readUInt8(9) === 1;
  return {
    user: buffer.readUInt16BE(0),
    base: buffer.readUInt16BE(2),
    placed: buffer.readUIntBE(4, 5),
    isLong,
    id: buffer.toString('hex', 10, 18),
    userHash: buffer.toString('hex', 18, 21),
    content: buffer.toString('hex', 21, 24),
    version: isLong ? buffer.readUIntBE(24, 3) : 1,
    cents: isLong ? buffer.readUIntBE(27, 5) : buffer.readUIntBE(24, 3),
    hour: isLong ? buffer.readUInt32BE(32) : buffer.readUIntBE(27, 3),
  };
}

const wire = (changes: Record<string, unknown> = {}) => wireOf(orderOf(orderBody(changes)));

/** An order of this value, with one line. */
const valued = (value: number) => ({
  order_value: value,
  items: [{ product_id: 'P1', quantity: 1, price_per_unit: value }],
});

const hourOf = (iso: string) => Date.parse(`${iso}:00Z`) / 3_600_000;

it('an order says its user, its id as a part of a SHA-256, when it was placed, and what it adds', () => {
  const digest = createHash('sha256').update('ORD1234').digest();
  expect(wire()).toMatchObject({
    user: 1,
    base: digest.readUInt16BE(8) % 4096,
    placed: Date.UTC(2024, 11, 13, 10) / 1000,
    isLong: false,
    id: digest.toString('hex', 0, 8),
    version: 1,
    cents: 9999,
    hour: hourOf('2024-12-13T10'),
  });
});

it.each([
  ['a higher version', { order_version: 2 }, { version: 2 }],
  ['the highest version', { order_version: 1_000_000 }, { version: 1_000_000 }],
  ['a value of 2^24 cents', valued(167_772.16), { cents: 2 ** 24 }],
  ['the largest value', valued(1_000_000_000), { cents: 100_000_000_000 }],
  ['a cancelled order', { order_status: 'cancelled' }, { version: 1, cents: CANCELLED_CENTS }],
])('%s takes the long form', (_, changes, parts) => {
  expect(wire(changes)).toMatchObject({ ...parts, isLong: true });
});

it.each([
  ['2^24 - 1 cents', valued(167_772.15), { cents: 2 ** 24 - 1 }],
  ['nothing', valued(0), { cents: 0 }],
  ['the first hour', { order_timestamp: '1970-01-02T00:59:59Z' }, { placed: 89_999, hour: 24 }],
])('%s fits into the short form', (_, changes, parts) => {
  expect(wire(changes)).toMatchObject({ ...parts, isLong: false });
});

it.each([
  ['3883-12-08T15', false],
  ['3883-12-08T16', true],
  ['9999-12-31T23', true],
])('an order of %s takes the long form: %s', (hour, isLong) => {
  expect(wireOf(orderAt(hourOf(hour) * 3600))).toMatchObject({ isLong, hour: hourOf(hour) });
});

const item = { product_id: 'P001', quantity: 1, price_per_unit: 99.99 };
const same = { items: [item], order_value: 99.99 };

it.each([
  ['another way to write the instant', { order_timestamp: '2024-12-13T11:00:00+01:00' }],
  ['binary noise', { order_value: 99.99000000000001 }],
  ['another address and payment', { shipping_address: 'elsewhere', payment_method: 'Cash' }],
  ['another version', { order_version: 2 }],
])('the content of an order is the same for %s', (_, changes) => {
  expect(wire({ ...same, ...changes }).content).toBe(wire(same).content);
});

it.each([
  ['another user', { user_id: 'U1' }],
  ['another instant', { order_timestamp: '2024-12-13T10:00:01Z' }],
  ['another part of the second', { order_timestamp: '2024-12-13T10:00:00.001Z' }],
  ['another product', { items: [{ ...item, product_id: 'P002' }] }],
  ['other lines with the same sum', { items: [item, { ...item, price_per_unit: 0 }] }],
  ['a cancellation', { order_status: 'cancelled' }],
])('the content of an order differs for %s', (_, changes) => {
  expect(wire({ ...same, ...changes }).content).not.toBe(wire(same).content);
});

it('the content of a cancelled order does not depend on a value or items', () => {
  const cancelled = wire({ order_status: 'cancelled' });
  expect(wire({ order_status: 'cancelled', order_value: undefined, items: undefined })).toEqual(cancelled);
});

// Computed by another implementation: were they to change, every order that comes again would be a conflict.
it.each([
  ['an order', {}, '4a87fe9f666d6e93 df3cd8 7c2fc6 00270f 07599a'],
  ['a later version', { order_version: 2 }, '4a87fe9f666d6e93 df3cd8 7c2fc6 000002 000000270f 0007599a'],
  ['a cancelled order', { order_status: 'cancelled' }, '4a87fe9f666d6e93 df3cd8 d1e7bb 000001 ffffffffff 0007599a'],
])('the record of %s is the same bytes in every release', (_, changes, record) => {
  const bytes = record.replaceAll(' ', '');
  const { wire } = scriptInput('', [{ order: orderOf(orderBody(changes)), isAccepted: false }]);
  expect(wire.toString('hex', 10, 10 + bytes.length / 2)).toBe(bytes);
});
