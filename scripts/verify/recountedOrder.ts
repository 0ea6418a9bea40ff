import { hash } from 'node:crypto';
import * as v from 'valibot';

/** A valid order as the recount reads it from the message itself. */
export type RecountedOrder = {
  readonly orderId: string;
  readonly userId: string;
  readonly version: number;
  /** `YYYY-MM-DDTHH` in the time zone of the statistics. */
  readonly hour: string;
  /** Seconds since 1970. */
  readonly placed: number;
  /** Undefined when the order is cancelled. */
  readonly cents: bigint | undefined;
  /** SHA-256 of user, instant, cents and lines. One character per byte, so it takes 32 bytes of memory. */
  readonly content: string;
};

/** Only types: the message is known to be a valid order. */
const Head = v.object({
  order_id: v.string(),
  user_id: v.string(),
  order_timestamp: v.string(),
  order_version: v.optional(v.number(), 1),
  order_status: v.optional(v.string()),
});

/** What else a message holds unless its order is cancelled. */
const Content = v.object({
  order_value: v.number(),
  items: v.array(v.object({ product_id: v.string(), quantity: v.number(), price_per_unit: v.number() })),
});

const Notification = v.object({ Type: v.literal('Notification'), TopicArn: v.string(), Message: v.string() });

const MICRO_DECIMALS = 6;

/**
 * Reads an order without the code that the pipeline reads it with.
 *
 * @param body - a message that `parseOrder` takes
 * @param hourOf - see {@link hoursOf}
 * @throws an error when the two disagree on what an order is
 */
export function recountOrder(body: string, hourOf: (date: Date) => string): RecountedOrder {
  const message = unwrap(JSON.parse(body));
  const { order_id, user_id, order_timestamp, order_version, order_status } = v.parse(Head, message);
  const instant = readInstant(order_timestamp, hourOf);
  if (!instant) throw new Error(`The recount cannot read order_timestamp of order ${order_id}`);
  const { cents, lines } = order_status === 'cancelled' ? CANCELLED : readContent(order_id, message);
  return {
    orderId: order_id,
    userId: user_id,
    version: order_version,
    hour: instant.hour,
    placed: Date.parse(`${instant.utc.slice(0, 19)}Z`) / 1000,
    cents,
    content: hash('sha256', JSON.stringify([user_id, instant.utc, String(cents), lines]), 'binary'),
  };
}

/**
 * The order in an SNS notification or an EventBridge event, which may be nested; any other message itself. A notification
 * with a `detail` is a notification, as in the pipeline.
 */
function unwrap(message: unknown): unknown {
  if (typeof message !== 'object' || message === null || 'order_id' in message) return message;
  if (v.is(Notification, message)) return unwrap(JSON.parse(message.Message));
  return 'detail-type' in message && 'detail' in message ? unwrap(message.detail) : message;
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

/*
 * Exact amounts for the recount. The pipeline calculates with whole doubles. Here the digits of the decimal text become a
 * BigInt, so that a mistake in either method is found as a difference.
 */

const DECIMAL = /^(\d+)(?:\.(\d+))?(?:e-(\d+))?$/;

/**
 * Rounds a decimal number, as JavaScript writes numbers below 1e21, to a whole number of 10^-`decimals` units.
 *
 * @returns undefined when the text is not such a number, or is negative
 */
export function toUnits(text: string, decimals: number): bigint | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  // The exponent moves the point to the left; as many leading zeros keep it in place.
  const digits = '0'.repeat(Number(exponent)) + whole + fraction;
  const length = whole.length + decimals;
  const isUp = digits.charAt(length) >= '5';
  return BigInt(digits.slice(0, length).padEnd(length, '0')) + (isUp ? 1n : 0n);
}

/** Cents of a JSON number, rounded: in a valid order the rest is binary noise. */
export const centsOf = (amount: number): bigint | undefined => toUnits(String(amount), 2);

/** Cents of the largest total, 90,000,000,000,000.00. */
const MAX_CENTS = 9_000_000_000_000_000n;

/** Cents of an amount as Redis holds it: a decimal string with exactly 2 decimals, up to the largest total. */
export function storedCents(text: string): bigint | undefined {
  const cents = /^\d{1,14}\.\d\d$/.test(text) ? toUnits(text, 2) : undefined;
  return cents !== undefined && cents <= MAX_CENTS ? cents : undefined;
}

/** Cents as a decimal string with two decimals: 75990n → `759.90`. */
export const formatUnits = (cents: bigint): string => `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;

export type Instant = {
  /** ISO 8601 in UTC with all given decimals of the second: the same text for equal instants. */
  readonly utc: string;
  /** `YYYY-MM-DDTHH` in the time zone of the statistics. */
  readonly hour: string;
};

/** Decimals of the second, and the offset. */
const ENDING = /(?:[.,](\d+))?(?:Z|([+-]\d{2}):?(\d{2})?)$/;

/**
 * Reads the timestamp of a valid order with JavaScript's Date. Date accepts fewer spellings than the pipeline, so the ending
 * is respelled first. It keeps only milliseconds, so the decimals, which never change the hour, are kept aside.
 *
 * @param hourOf - see {@link hoursOf}
 * @returns undefined when it is no date
 */
export function readInstant(text: string, hourOf: (date: Date) => string): Instant | undefined {
  const match = ENDING.exec(text);
  if (!match) return undefined;
  const [ending, decimals = '', hours, minutes = '00'] = match;
  const time = text.slice(0, -ending.length);
  const date = new Date(time + (hours === undefined ? 'Z' : `${hours}:${minutes}`));
  if (Number.isNaN(date.getTime())) return undefined;
  const seconds = date.toISOString().slice(0, 19);
  return { utc: `${seconds}.${decimals.replace(/0+$/, '')}`, hour: hourOf(date) };
}

/** Finds the hour of an instant in a time zone. Intl is slow, but independent of the pipeline's arithmetic. */
export function hoursOf(timeZone: string): (date: Date) => string {
  // Sweden writes days as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
  });
  return (date) => format.format(date).replace(' ', 'T');
}
