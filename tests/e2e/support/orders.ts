import { randomInt, randomUUID } from 'node:crypto';
import { orderBody } from '../../support/orderMessage.ts';

/* Redis may hold what earlier runs counted, so ids and seeds are new in every run. */

export const newId = (kind: string): string => `${kind}-${randomUUID()}`;
export const newSeed = (): number => randomInt(2 ** 32);

/** The body of an order of one piece at this price. */
export const orderOf = (user_id: string, price: number, fields: Readonly<Record<string, string>> = {}): string =>
  orderBody({
    order_id: newId('order'),
    user_id,
    order_value: price,
    items: [{ product_id: 'P1', quantity: 1, price_per_unit: price }],
    ...fields,
  });
