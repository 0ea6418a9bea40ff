import { hash } from 'node:crypto';
import * as v from 'valibot';

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
export function recountOrder(body: string, dayOf: (date: Date) => string): RecountedOrder {
  const message = unwrap(JSON.parse(body));
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

/** The order that an SNS notification or an EventBridge event holds, or one of them in the other; itself where it is none. */
function unwrap(message: unknown): unknown {
  if (typeof message !== 'object' || message === null || 'order_id' in message) return message;
  if ('detail' in message) return unwrap(message.detail);
  return 'Message' in message && typeof message.Message === 'string' ? unwrap(JSON.parse(message.Message)) : message;
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
 * Exact amounts for the recount. The pipeline computes with whole doubles; here the digits of the decimal text become a
 * BigInt, so that a mistake in one of the two ways shows up as a difference.
 */

const DECIMAL = /^(\d+)(?:\.(\d+))?(?:e-(\d+))?$/;

/**
 * A decimal number, as JavaScript writes numbers below 1e21, as a whole number of 10^-`decimals` units: the nearest one.
 *
 * @returns undefined when the text is no such number, or negative
 */
export function toUnits(text: string, decimals: number): bigint | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  // As many zeros in front as the exponent moves the point to the left: the point stays where it was.
  const digits = '0'.repeat(Number(exponent)) + whole + fraction;
  const length = whole.length + decimals;
  const isUp = digits.charAt(length) >= '5';
  return BigInt(digits.slice(0, length).padEnd(length, '0')) + (isUp ? 1n : 0n);
}

/** Cents of a JSON number, the nearest ones: what it is off by is binary noise in a valid order. */
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

/** An instant of the recount: the text is the same for equal instants, however they were written. */
export type Instant = {
  /** ISO 8601 in UTC with the decimals of the second that were given. */
  readonly utc: string;
  /** `YYYY-MM-DD` in the time zone of the statistics. */
  readonly day: string;
};

/** Decimals of the second, and the offset. */
const ENDING = /(?:[.,](\d+))?(?:Z|([+-]\d{2}):?(\d{2})?)$/;

/**
 * Reads the timestamp of a valid order with the Date of JavaScript, which takes fewer spellings than the pipeline does
 * and only milliseconds: so the ending is respelled first, and decimals, which never change the day, are kept aside.
 *
 * @param dayOf - the day of an instant, see {@link daysOf}
 * @returns undefined when it is no date
 */
export function readInstant(text: string, dayOf: (date: Date) => string): Instant | undefined {
  const match = ENDING.exec(text);
  if (!match) return undefined;
  const [ending, decimals = '', hours, minutes = '00'] = match;
  const time = text.slice(0, -ending.length);
  const date = new Date(time + (hours === undefined ? 'Z' : `${hours}:${minutes}`));
  if (Number.isNaN(date.getTime())) return undefined;
  const seconds = date.toISOString().slice(0, 19);
  return { utc: `${seconds}.${decimals.replace(/0+$/, '')}`, day: dayOf(date) };
}

/** Days of a time zone, by Intl for each instant: slow, but without the arithmetic of the pipeline. */
export function daysOf(timeZone: string): (date: Date) => string {
  // Sweden writes days as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (date) => format.format(date);
}
