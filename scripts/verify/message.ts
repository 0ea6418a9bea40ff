import { hash } from 'node:crypto';
import * as v from 'valibot';
import { centsOf, toUnits } from './decimal.ts';
import { readInstant } from './instant.ts';

/** A valid order as the recount reads it from the message itself. */
export type RecountedOrder = {
  readonly orderId: string;
  readonly userId: string;
  /** `YYYY-MM` in UTC. */
  readonly month: string;
  readonly cents: bigint;
  /** Equal for equal content: user, instant, cents and lines. SHA-256, a byte a character: 32 bytes in memory. */
  readonly content: string;
};

/** The types of a message that is known to be a valid order. */
const Message = v.object({
  order_id: v.string(),
  user_id: v.string(),
  order_timestamp: v.string(),
  order_value: v.number(),
  items: v.array(v.object({ product_id: v.string(), quantity: v.number(), price_per_unit: v.number() })),
});

const MICRO_DECIMALS = 6;

/**
 * Reads an order without the code that the pipeline reads it with.
 *
 * @param body - a message that `parseOrder` takes
 * @throws an error when the two do not agree on what an order is
 */
export function readOrder(body: string): RecountedOrder {
  const message = v.parse(Message, JSON.parse(body));
  const instant = readInstant(message.order_timestamp);
  const cents = centsOf(message.order_value);
  if (!instant || cents === undefined) {
    throw new Error(`The recount cannot read order_timestamp or order_value of order ${message.order_id}`);
  }
  const lines = message.items.map(({ product_id, quantity, price_per_unit }) => [
    product_id,
    quantity,
    String(toUnits(String(price_per_unit), MICRO_DECIMALS)),
  ]);
  const content = JSON.stringify([message.user_id, instant.utc, String(cents), lines]);
  return {
    orderId: message.order_id,
    userId: message.user_id,
    month: instant.month,
    cents,
    content: hash('sha256', content, 'binary'),
  };
}
