import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { eventBridgeEvent, snsNotification } from '../../tests/support/envelopes.ts';
import { orderBody, orderOf } from '../../tests/support/orderMessage.ts';
import { scriptInput } from '../counting/wire.ts';
import { hourIn } from '../orders/calendar.ts';
import { type Order, parseOrder } from '../orders/order.ts';
import { readLine, writeLine } from './line.ts';

const CURRENCY = 'EUR';

// Orders may be dated up to a year ahead: from here, every year is valid.
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(9999, 0) });
});
afterAll(() => {
  vi.useRealTimers();
});

const digits = (number: number, length: number): string => `${number}`.padStart(length, '0');
const number = (min: number, max: number) => fc.integer({ min, max });
const padded = (min: number, max: number, length = 2) => number(min, max).map((value) => digits(value, length));

/** Days that exist in every month, and the last ones of some. */
const date = fc.oneof(
  fc.tuple(padded(1970, 9999, 4), padded(1, 12), padded(1, 28)).map((parts) => parts.join('-')),
  fc.constantFrom('1970-01-02', '1970-01-03', '2024-02-29', '2097-12-31', '2098-01-01', '9999-12-29', '9999-12-30'),
);
const fraction = fc.oneof(
  fc.constantFrom('', '.0', ',000', '.500', '.000000001', '.999999999'),
  fc
    .tuple(fc.constantFrom('.', ','), number(1, 9), number(0, 999_999_999))
    .map(([point, length, value]) => point + digits(value, 9).slice(0, length)),
);
const time = fc
  .tuple(padded(0, 23), padded(0, 59), fc.option(fc.tuple(padded(0, 59), fraction), { nil: undefined }))
  .map(([hour, minute, rest]) => `${hour}:${minute}${rest ? `:${rest[0]}${rest[1]}` : ''}`);
const offset = fc.oneof(
  fc.constant('Z'),
  fc
    .tuple(fc.constantFrom('+', '-'), padded(0, 23), fc.constantFrom('', ':'), fc.option(padded(0, 59), { nil: '' }))
    .map(([sign, hours, colon, minutes]) => sign + hours + (minutes && colon + minutes)),
);
const timestamp = fc.tuple(date, time, offset).map(([day, clock, zone]) => `${day}T${clock}${zone}`);

const FIRST = 'ABCXYZabcxyz0189';
const idOf = (more: string) =>
  fc
    .tuple(fc.constantFrom(...FIRST), fc.string({ unit: fc.constantFrom(...FIRST, ...more), maxLength: 127 }))
    .map(([first, rest]) => first + rest);

const productId = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }),
  fc.constantFrom('\ud800', '\udfff\ud800', 'a\n"\\b\r', '\u2028\u2029\0\u007f', '𝒫'.repeat(128), '__proto__'),
);

/** Whole numbers of millionths, written as people write prices. */
const micros = fc.oneof(
  fc.bigInt({ min: 0n, max: 100_000_000n }),
  fc.bigInt({ min: 0n, max: 1_000_000_000_000_000n }),
  fc.bigInt({ min: 0n, max: 10_000_000n }).map((halfCents) => halfCents * 5_000n),
);
const decimal = (units: bigint, decimals: number): string => {
  const text = String(units).padStart(decimals + 1, '0');
  return `${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
};
const item = fc.record({ productId, quantity: fc.bigInt({ min: 1n, max: 1_000_000n }), micros });
type Item = { readonly productId: string; readonly quantity: bigint; readonly micros: bigint };

const MAX_MICROS = 1_000_000_000_000_000n;

/** Value and items as JSON text, with numbers that no double has rounded; dropped to one piece each if too expensive. */
function contentOf(items: readonly Item[]): string {
  const total = items.reduce((sum, { quantity, micros }) => sum + quantity * micros, 0n);
  if (total > MAX_MICROS) {
    const cheap = items.map((each) => ({ ...each, quantity: 1n, micros: each.micros / BigInt(items.length) }));
    return contentOf(cheap);
  }
  const cents = (total + 5_000n) / 10_000n;
  const lines = items.map(
    (each) =>
      `{"product_id":${JSON.stringify(each.productId)},"quantity":${each.quantity},"price_per_unit":${decimal(each.micros, 6)},"name":"x"}`,
  );
  return `"order_value":${decimal(cents, 2)},"items":[${lines}]`;
}

const body = fc
  .record({
    orderId: idOf('._:@+=/#-'),
    userId: idOf('._:@+=-'),
    timestamp,
    version: fc.oneof(
      fc.constant(''),
      number(1, 1_000_000).map((version) => `"order_version":${version},`),
    ),
    status: fc.constantFrom('', '"order_status":"placed",', '"order_status":"cancelled",'),
    currency: fc.constantFrom('', `"currency":"${CURRENCY}",`),
    content: fc.array(item, { minLength: 1, maxLength: 5 }).map(contentOf),
  })
  .map(
    ({ orderId, userId, timestamp, version, status, currency, content }) =>
      `{"order_id":"${orderId}","user_id":"${userId}","order_timestamp":"${timestamp}",${version}${status}${currency}${content},"payment_method":"card"}`,
  );

const message = fc.tuple(body, fc.constantFrom('none', 'SNS', 'EventBridge', 'both')).map(([text, envelope]) => {
  if (envelope === 'none') return text;
  if (envelope === 'SNS') return snsNotification(text);
  const event = eventBridgeEvent(JSON.parse(text));
  return envelope === 'both' ? snsNotification(event) : event;
});

const zone = fc
  .constantFrom('UTC', 'Etc/GMT+12', 'America/New_York', 'Pacific/Kiritimati', 'Europe/Berlin')
  .map(hourIn);

/** All that the counting script gets to know of an order. */
function counted(order: Order) {
  const { keys, ...buffers } = scriptInput('', [{ order, isAccepted: false }]);
  return [keys, Object.values(buffers).map((buffer) => buffer.toString('hex'))];
}

it('a line of the archive counts exactly like the message, whatever an order message may be', () => {
  let valid = 0;
  fc.assert(
    fc.property(message, zone, zone, (text, hourOf, laterHourOf) => {
      let order: Order;
      try {
        order = orderOf(text, { hourOf, currency: CURRENCY });
      } catch (error) {
        expect(String(error)).toContain('must be from 1970-01-02 to 9999-12-30, in UTC');
        return;
      }
      valid++;
      const line = writeLine(order);
      const read = readLine(line, { hourOf });
      expect(parseOrder(line, { hourOf })).toEqual(read);
      expect(read).toEqual({ ok: true, order });
      expect(read.ok && counted(read.order)).toEqual(counted(order));
      expect(readLine(line, { hourOf: laterHourOf })).toMatchObject({ ok: true });
      expect(line).not.toContain('\n');
      expect(Buffer.from(line).toString()).toBe(line);
    }),
    { numRuns: 600 },
  );
  expect(valid).toBeGreaterThan(550);
});

const edit = fc.record({
  at: fc.nat(),
  removed: fc.nat(3),
  text: fc.constantFrom(...'019-.e"\\[]{},:/#_ éZ', '', '\n', '1000000', '9999999999', '.005', '1e3', '\ud800', 'null'),
});

it('a line that is not as the worker writes it is read like a message, or refused like one', () => {
  const lines = fc.constantFrom(
    writeLine(orderOf(orderBody())),
    writeLine(orderOf(orderBody({ order_timestamp: '2024-12-13T10:00:00.250Z', order_version: 999_999 }))),
    writeLine(orderOf(orderBody({ order_status: 'cancelled' }))),
  );
  let valid = 0;
  fc.assert(
    fc.property(lines, fc.array(edit, { minLength: 1, maxLength: 2 }), zone, (line, edits, hourOf) => {
      const edited = edits.reduce((text, { at, removed, text: added }) => {
        const start = at % text.length;
        return text.slice(0, start) + added + text.slice(start + removed);
      }, line);
      const expected = parseOrder(edited, { hourOf });
      expect(readLine(edited, { hourOf })).toEqual(expected);
      if (expected.ok) valid++;
    }),
    { numRuns: 5000 },
  );
  expect(valid).toBeGreaterThan(200);
});

it.each([
  ['order_version', '1000000', '1000001'],
  ['quantity', '1000000', '1000001'],
  ['price_per_unit', '1000000000', '1000000000.01'],
])('a line may have %s of %s, and not of %s', (field, most, more) => {
  const withNumber = (number: string) =>
    writeLine(orderOf(orderBody({ items: [{ product_id: 'P', quantity: 1, price_per_unit: 0 }], order_value: 0 })))
      .replace(new RegExp(`("${field}":)\\d+`), `$1${number}`)
      .replace(/("order_value":)0.00/, field === 'price_per_unit' ? `$1${number}` : '$10.00');
  expect(readLine(withNumber(most), {})).toMatchObject({ ok: true });
  expect(readLine(withNumber(more), {})).toEqual(parseOrder(withNumber(more)));
  expect(readLine(withNumber(more), {}).ok).toBe(false);
});

it('a line that is dated too far ahead is refused like a message', () => {
  const line = writeLine(orderOf(orderBody({ order_timestamp: '9999-06-01T00:00:00Z' })));
  vi.setSystemTime(Date.UTC(9998, 0));
  try {
    expect(readLine(line, {})).toMatchObject({ ok: false, rejection: { field: 'order_timestamp' } });
  } finally {
    vi.setSystemTime(Date.UTC(9999, 0));
  }
});

it('a line keeps how an amount of minus zero counts', () => {
  const text = orderBody()
    .replace('99.99', '-0')
    .replace(/"items":\[.*?\]/, '"items":[{"product_id":"P","quantity":1,"price_per_unit":-0.0}]');
  const order = orderOf(text);
  const read = parseOrder(writeLine(order));
  expect(read.ok && counted(read.order)).toEqual(counted(order));
});

it('a line holds what counts, and nothing about the address or the payment', () => {
  const order = orderOf(
    orderBody({ order_timestamp: '2024-12-13T11:00:00.250+01:00', order_status: 'placed', note: 'x' }),
  );
  expect(JSON.parse(writeLine(order))).toEqual({
    order_id: 'ORD1234',
    user_id: 'U5678',
    order_timestamp: '2024-12-13T10:00:00.25Z',
    order_version: 1,
    order_status: 'placed',
    order_value: 99.99,
    items: [
      { product_id: 'P001', quantity: 2, price_per_unit: 20 },
      { product_id: 'P002', quantity: 1, price_per_unit: 59.99 },
    ],
  });
});

it('a line of a cancelled order has neither value nor items', () => {
  const order = orderOf(orderBody({ order_version: 3, order_status: 'cancelled' }));
  expect(JSON.parse(writeLine(order))).toEqual({
    order_id: 'ORD1234',
    user_id: 'U5678',
    order_timestamp: '2024-12-13T10:00:00Z',
    order_version: 3,
    order_status: 'cancelled',
  });
});

it('the day of a line follows from the time zone of the stage', () => {
  const line = writeLine(orderOf(orderBody({ order_timestamp: '2024-12-31T23:30:00Z' })));
  expect(parseOrder(line)).toMatchObject({ order: { placed: { day: '2024-12-31' } } });
  expect(parseOrder(line, { hourOf: hourIn('Europe/Berlin') })).toMatchObject({
    order: { placed: { day: '2025-01-01' } },
  });
});
