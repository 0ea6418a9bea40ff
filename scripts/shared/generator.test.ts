import * as fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { parseOrder } from '../../lib/orders/order.ts';
import { describeRejection } from '../../lib/orders/rejection.ts';
import { type GeneratedMessage, type GenerateOptions, generateMessages } from './generator.ts';

const generate = (options: Partial<GenerateOptions> = {}): GeneratedMessage[] => [
  ...generateMessages({ count: 500, users: 50, invalid: 0, duplicates: 0, seed: 1, day: '2026-11-24', ...options }),
];
const bodies = (messages: readonly GeneratedMessage[], kind: GeneratedMessage['kind']): string[] =>
  messages.filter((message) => message.kind === kind).map(({ body }) => body);

test('the same options give the same bytes', () => {
  const options = { invalid: 0.1, duplicates: 0.1, seed: 42 };
  expect(generate(options)).toEqual(generate(options));
});

test('another seed, number of users or day gives other order ids', () => {
  const others = [{ seed: 2 }, { users: 51 }, { day: '2026-11-25' }];
  const ids = [generate(), ...others.map(generate)].flatMap((messages) =>
    messages.map(({ body }) => JSON.parse(body).order_id),
  );
  expect(new Set(ids).size).toBe(2000);
});

test('orders depend neither on their number nor on the other messages', () => {
  const few = bodies(generate({ count: 100, invalid: 0.3, duplicates: 0.2 }), 'valid');
  expect(bodies(generate(), 'valid').slice(0, few.length)).toEqual(few);
});

test('each kind has exactly its share, rounded to whole messages', () => {
  const share = fc.integer({ min: 0, max: 49 }).map((percent) => percent / 100);
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 300 }), share, share, fc.nat(), (count, invalid, duplicates, seed) => {
      fc.pre(Math.round(count * invalid) + Math.round(count * duplicates) < count);
      const messages = generate({ count, invalid, duplicates, seed });
      expect(messages).toHaveLength(count);
      expect(bodies(messages, 'invalid')).toHaveLength(Math.round(count * invalid));
      expect(bodies(messages, 'duplicate')).toHaveLength(Math.round(count * duplicates));
    }),
  );
});

test('shares that leave no order to repeat are refused', () => {
  expect(() => generate({ invalid: 0.5, duplicates: 0.5 })).toThrow(RangeError);
  expect(() => generate({ invalid: 0.7, duplicates: 0.7 })).toThrow(RangeError);
  expect(generate({ invalid: 1 })).toHaveLength(500);
});

const orders = generate({ count: 2000 });

test('the pipeline accepts a valid order with the expected value', () => {
  for (const message of orders) {
    const parsed = parseOrder(message.body);
    expect(parsed).toMatchObject({ ok: true, order: { cents: message.kind === 'valid' && message.cents } });
  }
});

test('an order has the value of its lines, rounded half up to the cent', () => {
  for (const { body } of orders) {
    const order = JSON.parse(body);
    let micros = 0n;
    for (const { quantity, price_per_unit } of order.items) {
      micros += BigInt(quantity) * BigInt(Math.round(price_per_unit * 1e6));
    }
    expect(order.order_value).toBe(Number((micros + 5000n) / 10_000n) / 100);
  }
});

test('an order is placed within the 365 days before the day', () => {
  const instants = orders.map(({ body }) => Date.parse(JSON.parse(body).order_timestamp));
  expect(Math.min(...instants)).toBeGreaterThanOrEqual(Date.parse('2025-11-24'));
  expect(Math.min(...instants)).toBeLessThan(Date.parse('2025-12-01'));
  expect(Math.max(...instants)).toBeLessThan(Date.parse('2026-11-24'));
  expect(Math.max(...instants)).toBeGreaterThan(Date.parse('2026-11-17'));
});

test('with an instant, orders are placed in the minute before it, and differ from those of the days before', () => {
  const placedAt = '2026-11-24T10:00:00.000Z';
  const placed = generate({ placedAt, duplicates: 0.1 }).map(({ body }) => JSON.parse(body));
  for (const { order_timestamp } of placed) {
    const age = Date.parse(placedAt) - Date.parse(order_timestamp);
    expect([age >= 0, age < 60_000]).toEqual([true, true]);
  }
  const ids = new Set(orders.map(({ body }) => JSON.parse(body).order_id));
  expect(placed.filter(({ order_id }) => ids.has(order_id))).toEqual([]);
  expect(placed.every(({ order_id }) => order_id.startsWith('GEN-20261124T100000.000Z-'))).toBe(true);
});

test('more orders are placed in the evening than at night, and before Christmas than in February', () => {
  const dates = orders.map(({ body }) => new Date(JSON.parse(body).order_timestamp));
  const share = (holds: (date: Date) => boolean) => dates.filter(holds).length;
  expect(share((date) => date.getUTCHours() >= 18)).toBeGreaterThan(2 * share((date) => date.getUTCHours() < 6));
  expect(share((date) => date.getUTCMonth() === 11)).toBeGreaterThan(share((date) => date.getUTCMonth() === 1));
});

test("an order looks like a shop's", () => {
  const parsed = orders.map(({ body }) => JSON.parse(body));
  const lines = parsed.map(({ items }) => items.length);
  expect([Math.min(...lines), Math.max(...lines)]).toEqual([1, 5]);
  expect(new Set(parsed.map(({ user_id }) => user_id)).size).toBe(50);
  expect(new Set(parsed.map(({ order_timestamp }) => new Date(order_timestamp).toISOString().slice(0, 7))).size).toBe(
    13,
  );
  const decimals = orders.map(({ body }) => /"price_per_unit":\d+\.(\d+)/.exec(body)?.[1]?.length ?? 0);
  expect(Math.max(...decimals)).toBe(6);
  expect(decimals.filter((length) => length <= 2).length).toBeGreaterThan(1000);
  for (const { shipping_address, payment_method } of parsed) {
    expect([shipping_address, payment_method]).toEqual([expect.stringMatching(/./), expect.stringMatching(/./)]);
  }
});

test('a duplicate repeats an earlier order unchanged', () => {
  const before = new Set<string>();
  for (const { kind, body } of generate({ duplicates: 0.4, invalid: 0.1 })) {
    if (kind === 'duplicate') expect(before).toContain(body);
    if (kind === 'valid') before.add(body);
  }
});

test('invalid messages break many rules, and none is accepted', () => {
  const reasons = bodies(generate({ invalid: 0.2 }), 'invalid').map((body) => {
    const parsed = parseOrder(body);
    return parsed.ok ? 'accepted' : describeRejection(parsed.rejection).replace(/: it is.*/, '');
  });
  expect(reasons).not.toContain('accepted');
  expect(new Set(reasons).size).toBeGreaterThanOrEqual(10);
});

const DAY = '2026-11-24';
const revised = { count: 2000, revisions: 0.1, cancellations: 0.05, duplicates: 0.1, invalid: 0.05 };
const Versions = v.object({ order_id: v.string(), order_version: v.optional(v.number(), 1) });
const versionOf = (body: string) => v.parse(Versions, JSON.parse(body));

test('revisions are later versions of earlier orders, with a lower value or cancelled', () => {
  const values = new Map<string, number>();
  const messages = generate(revised);
  for (const { kind, body, cents } of messages) {
    const parsed = parseOrder(body);
    if (!parsed.ok) continue;
    const { orderId, version, isCancelled, cents: value } = parsed.order;
    if (kind === 'valid') values.set(orderId, value);
    if (kind === 'revision') expect(value).toBeLessThan(values.get(orderId) ?? 0);
    expect(isCancelled && kind !== 'duplicate').toBe(kind === 'cancellation');
    if (kind === 'revision' || kind === 'cancellation') {
      expect(version).toBe(2);
      expect(cents).toBe(value - (values.get(orderId) ?? 0));
    }
  }
  const [amended, cancelled] = [bodies(messages, 'revision'), bodies(messages, 'cancellation')];
  expect([amended.length, cancelled.length]).toEqual([200, 100]);
  const ids = [...amended, ...cancelled].map((body) => versionOf(body).order_id);
  expect(new Set(ids).size).toBe(300);
  const later = bodies(messages, 'duplicate').filter((body) => versionOf(body).order_version > 1);
  expect(later.length).toBeGreaterThan(0);
});

test('revisions are partial refunds of several kinds', () => {
  const orders = new Map(
    bodies(generate(revised), 'valid').map((body) => [versionOf(body).order_id, JSON.parse(body)]),
  );
  const kinds = bodies(generate(revised), 'revision').map((body) => {
    const [before, after] = [orders.get(versionOf(body).order_id), JSON.parse(body)];
    if (after.items.length < before.items.length) return 'an item less';
    const pieces = ({ items }: { items: { quantity: number }[] }) =>
      items.reduce((sum, item) => sum + item.quantity, 0);
    return pieces(after) < pieces(before) ? 'a piece less' : 'a lower price';
  });
  expect(new Set(kinds)).toEqual(new Set(['an item less', 'a piece less', 'a lower price']));
  expect(kinds.filter((kind) => kind === 'a lower price').length).toBeLessThan(50);
});

test('with revisions, orders are placed within 28 days, so that a later version may come first', () => {
  for (const { kind, body } of generate(revised)) {
    if (kind === 'invalid') continue;
    expect(Date.parse(JSON.parse(body).order_timestamp)).toBeGreaterThanOrEqual(Date.parse(DAY) - 28 * 86_400_000);
  }
});

test('shuffling changes only the order of the messages, the same way each time, with some later versions first', () => {
  const [plain, shuffled] = [generate(revised), generate({ ...revised, shuffle: true })];
  expect(generate({ ...revised, shuffle: true })).toEqual(shuffled);
  const sorted = (messages: GeneratedMessage[]) => messages.map(({ body }) => body).sort();
  expect(sorted(shuffled)).toEqual(sorted(plain));
  const seen = new Set<string>();
  const first = shuffled.filter(({ kind, body }) => {
    if (kind === 'invalid') return false;
    const { order_id } = versionOf(body);
    if (kind === 'valid') seen.add(order_id);
    return kind === 'revision' && !seen.has(order_id);
  });
  expect(first.length).toBeGreaterThan(50);
});

test('shuffling loses no message, even of more than it keeps in memory', () => {
  const ids = generate({ count: 25_000, shuffle: true }).map(({ body }) => versionOf(body).order_id);
  expect(new Set(ids).size).toBe(25_000);
});

test('each revision needs another order', () => {
  expect(() => generate({ revisions: 0.4, cancellations: 0.2 })).toThrow(RangeError);
  expect(generate({ revisions: 0.3, cancellations: 0.2 })).toHaveLength(500);
});
