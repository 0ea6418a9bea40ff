import type { OrderMessage } from './order.ts';

/** The ways to break the rules of an order message, one function each. */
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
 * The body of a message that is no valid order: `order` with one mistake.
 *
 * @param number - chooses the mistake: numbers that follow each other go through all of them in turn
 */
export function spoil(order: OrderMessage, number: number): string {
  const way = WAYS[number % WAYS.length];
  if (!way) throw new RangeError('number must be a whole number from 0');
  return way(order);
}
