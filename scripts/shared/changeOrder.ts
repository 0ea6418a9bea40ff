import type { OrderMessage } from './order.ts';
import { pickNumber, type Random } from './random.ts';

/** A later version of an order, and its value in cents: 0 for a cancelled one. */
export type Revision = { readonly order: OrderMessage; readonly cents: number };

const MICROS = 1_000_000;
const MICROS_PER_CENT = 10_000;

/** A partial refund, version 2: without an item, or without one piece of it. The price of a single piece drops by a tenth. */
export function amend(order: OrderMessage, random: Random): Revision {
  const { items } = order;
  const chosen = pickNumber(random, items.length);
  const isReturned = items.length > 1 && random() < 0.5;
  const amended = items.flatMap((item, index) => {
    if (index !== chosen) return [item];
    if (isReturned) return [];
    if (item.quantity > 1) return [{ ...item, quantity: item.quantity - 1 }];
    return items.length > 1 ? [] : [{ ...item, price_per_unit: Math.floor(item.price_per_unit * 90) / 100 }];
  });
  let micros = 0;
  for (const { quantity, price_per_unit } of amended) micros += quantity * Math.round(price_per_unit * MICROS);
  const cents = Math.floor((micros + MICROS_PER_CENT / 2) / MICROS_PER_CENT);
  return { order: { ...order, order_version: 2, order_value: cents / 100, items: amended }, cents };
}

/** The next version of an order, as a shop cancels it. */
export const cancel = (order: OrderMessage): Revision => ({
  order: { ...order, order_version: (order.order_version ?? 1) + 1, order_status: 'cancelled' },
  cents: 0,
});

/** One function for each way to break a rule for messages. */
const WAYS: readonly ((order: OrderMessage) => string)[] = [
  (order) => JSON.stringify({ ...order, order_value: Math.round(order.order_value * 100 + 1) / 100 }),
  (order) => JSON.stringify(order).slice(0, -10),
  ({ user_id, ...rest }) => JSON.stringify(rest),
  (order) => JSON.stringify({ ...order, order_value: String(order.order_value) }),
  (order) => JSON.stringify({ ...order, items: order.items.map((item) => ({ ...item, quantity: 0 })) }),
  (order) => JSON.stringify({ ...order, order_timestamp: '2025-02-30T12:00:00Z' }),
  (order) => JSON.stringify({ ...order, items: [] }),
  (order) => JSON.stringify({ ...order, order_value: order.order_value + 0.005 }),
  (order) => JSON.stringify({ ...order, user_id: `${order.user_id} ` }),
  (order) =>
    JSON.stringify({ ...order, items: order.items.map((item) => ({ ...item, price_per_unit: -item.price_per_unit })) }),
  ({ order_timestamp, ...rest }) => JSON.stringify({ ...rest, order_timestamp: order_timestamp.slice(0, 10) }),
  (order) => JSON.stringify([order]),
];

/**
 * The body of an invalid message: `order` with one mistake.
 *
 * @param number - chooses the mistake: consecutive numbers go through all of them in turn
 */
export function spoil(order: OrderMessage, number: number): string {
  const way = WAYS[number % WAYS.length];
  if (!way) throw new RangeError('number must be a whole number from 0');
  return way(order);
}
