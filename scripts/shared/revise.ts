import type { OrderMessage } from './order.ts';
import { pickNumber, type Random } from './random.ts';

/** A later version of an order, and its value in cents: 0 where it is cancelled. */
export type Revision = { readonly order: OrderMessage; readonly cents: number };

const MICROS = 1_000_000;
const MICROS_PER_CENT = 10_000;

/** A partial refund, version 2: an item less, or one piece less of an item; for one piece only, a tenth off its price. */
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

/** The order as a shop cancels it, in the version after this one. */
export const cancel = (order: OrderMessage): Revision => ({
  order: { ...order, order_version: (order.order_version ?? 1) + 1, order_status: 'cancelled' },
  cents: 0,
});
