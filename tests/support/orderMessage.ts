import { type Order, parseOrder, type StageUnits } from '../../lib/orders/order.ts';
import { describeRejection } from '../../lib/orders/rejection.ts';

/** A complete, valid order message. */
export const exampleOrder = {
  order_id: 'ORD1234',
  user_id: 'U5678',
  order_timestamp: '2024-12-13T10:00:00Z',
  order_value: 99.99,
  items: [
    { product_id: 'P001', quantity: 2, price_per_unit: 20 },
    { product_id: 'P002', quantity: 1, price_per_unit: 59.99 },
  ],
  shipping_address: '123 Main St, Springfield',
  payment_method: 'CreditCard',
};

/** The example with other fields; a field that is undefined is left out. */
export const orderBody = (changes: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ ...exampleOrder, ...changes });

/** The body of an order with one line, whose fields may be given as JSON text to control how they are written. */
export function oneLineBody(line: { value: string; price: string; quantity?: string }): string {
  const items = `[{"product_id":"P001","quantity":${line.quantity ?? '1'},"price_per_unit":${line.price}}]`;
  return `{"order_id":"ORD1","user_id":"U1","order_timestamp":"2024-12-13T10:00:00Z","order_value":${line.value},"items":${items}}`;
}

/** Reads a body that must be an order. */
export function orderOf(body: string, units?: StageUnits): Order {
  const parsed = parseOrder(body, units);
  if (!parsed.ok) throw new Error(`Rejected: ${describeRejection(parsed.rejection)}`);
  return parsed.order;
}

/** Why a body is no order, as one sentence; `accepted` when it is one. */
export function rejectionOf(body: string, units?: StageUnits): string {
  const parsed = parseOrder(body, units);
  return parsed.ok ? 'accepted' : describeRejection(parsed.rejection);
}
