import { hash } from 'node:crypto';
import * as v from 'valibot';
import { centsOf, toUnits } from './decimal.ts';
import { readInstant } from './instant.ts';

/** A valid order as the recount reads it from the message itself. */
export type RecountedOrder = {
  readonly orderId: string;
  readonly userId: string;
  readonly version: number;
  /** `YYYY-MM-DD` in the time zone of the statistics. */
  readonly day: string;
  /** Undefined where the order is cancelled. */
  readonly cents: bigint | undefined;
  /** Equal for equal content: user, instant, cents and lines. SHA-256, a byte a character: 32 bytes in memory. */
  readonly content: string;
};

/** The types of a message that is known to be a valid order. */
const Head = v.object({
  order_id: v.string(),
  user_id: v.string(),
  order_timestamp: v.string(),
  order_version: v.optional(v.number(), 1),
  order_status: v.optional(v.string()),
});

/** What a message says besides of an order that is not cancelled. */
const Content = v.object({
  order_value: v.number(),
  items: v.array(v.object({ product_id: v.string(), quantity: v.number(), price_per_unit: v.number() })),
});

const MICRO_DECIMALS = 6;

/**
 * Reads an order without the code that the pipeline reads it with.
 *
 * @param body - a message that `parseOrder` takes
 * @param dayOf - the day of an instant, see instant.ts
 * @throws an error when the two do not agree on what an order is
 */
export function readOrder(body: string, dayOf: (date: Date) => string): RecountedOrder {
  const message: unknown = JSON.parse(body);
  const { order_id, user_id, order_timestamp, order_version, order_status } = v.parse(Head, message);
  const instant = readInstant(order_timestamp, dayOf);
  if (!instant) throw new Error(`The recount cannot read order_timestamp of order ${order_id}`);
  const { cents, lines } = order_status === 'cancelled' ? CANCELLED : readContent(order_id, message);
  return {
    orderId: order_id,
    userId: user_id,
    version: order_version,
    day: instant.day,
    cents,
    content: hash('sha256', JSON.stringify([user_id, instant.utc, String(cents), lines]), 'binary'),
  };
}

const CANCELLED = { cents: undefined, lines: undefined };

function readContent(orderId: string, message: unknown): { cents: bigint; lines: unknown } {
  const { order_value, items } = v.parse(Content, message);
  const cents = centsOf(order_value);
  if (cents === undefined) throw new Error(`The recount cannot read order_value of order ${orderId}`);
  const lines = items.map(({ product_id, quantity, price_per_unit }) => [
    product_id,
    quantity,
    String(toUnits(String(price_per_unit), MICRO_DECIMALS)),
  ]);
  return { cents, lines };
}
