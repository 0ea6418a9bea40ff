import * as v from 'valibot';
import type { HourOf } from './calendar.ts';
import { type Content, openEnvelopes, readJson } from './envelope.ts';
import { formatCents, MAX_AMOUNT, sumOfLines, toCents, toMicros } from './money.ts';
import { describeInvisible, type Rejected, reject, rejectIssue } from './rejection.ts';
import { type Instant, parseTimestamp } from './timestamp.ts';

/** A valid order: the content that the statistics need, or that tells two orders with the same id apart. */
export type Order = {
  readonly orderId: string;
  readonly userId: string;
  readonly placed: Instant;
  /** From 1. A higher version replaces the contribution of a lower one. */
  readonly version: number;
  /** A cancelled order has no value and no items. */
  readonly isCancelled: boolean;
  readonly cents: number;
  readonly items: readonly OrderLine[];
};

/** The price is in micros, millionths of the currency unit. */
type OrderLine = { readonly productId: string; readonly quantity: number; readonly micros: number };

export type ParsedOrder = { readonly ok: true; readonly order: Order } | Rejected;

/** Hours of the stage's time zone (default UTC), and its currency (default USD). */
export type StageUnits = { readonly hourOf?: HourOf; readonly currency?: string };

const MAX_QUANTITY = 1_000_000;
const MAX_VERSION = 1_000_000;
const MAX_ID_LENGTH = 128;
/** An order from a wrong clock must not stay in the ledger for years. Pre-orders may be dated a year ahead. */
const MAX_AHEAD_DAYS = 366;
const DAY_MS = 24 * 60 * 60 * 1000;

const id = (extra: string) => {
  const rule = `must be 1 to ${MAX_ID_LENGTH} characters: first an ASCII letter or digit, then ASCII letters, digits and . _ : @ + = -${extra && ' / #'}`;
  return v.pipe(
    v.string('must be a string'),
    v.regex(
      new RegExp(`^[A-Za-z0-9][A-Za-z0-9._:@+=${extra}-]{0,${MAX_ID_LENGTH - 1}}$`),
      ({ input }) => rule + describeInvisible(input),
    ),
  );
};

const OrderId = id('/#');

export const UserId = id('');

const amount = (rule: string) => v.pipe(v.number(rule), v.minValue(0, rule), v.maxValue(MAX_AMOUNT, rule));

const VERSION_RULE = 'must be a whole number from 1 to 1,000,000';
const CURRENCY_RULE = 'must be a code of three capital letters, such as USD';

/** The fields of every order message. Other keys are ignored. */
const OrderHead = v.object(
  {
    order_id: OrderId,
    user_id: UserId,
    order_timestamp: v.string('must be a string'),
    order_version: v.optional(
      v.pipe(
        v.number(VERSION_RULE),
        v.integer(VERSION_RULE),
        v.minValue(1, VERSION_RULE),
        v.maxValue(MAX_VERSION, VERSION_RULE),
      ),
      1,
    ),
    order_status: v.optional(v.picklist(['placed', 'cancelled'], 'must be placed or cancelled'), 'placed'),
    currency: v.optional(v.pipe(v.string(CURRENCY_RULE), v.regex(/^[A-Z]{3}$/, CURRENCY_RULE))),
  },
  'must be a JSON object',
);

/** Further fields, of an order that is not cancelled. */
const OrderContent = v.object({
  order_value: amount('must be a number from 0 to 1,000,000,000'),
  items: v.pipe(
    v.array(
      v.object(
        {
          product_id: v.pipe(
            v.string('must be a string'),
            v.check(
              // Stryker disable next-line ConditionalExpression,EqualityOperator: counting characters is slower
              (text) => text !== '' && (text.length <= MAX_ID_LENGTH || [...text].length <= MAX_ID_LENGTH),
              'must be 1 to 128 characters',
            ),
          ),
          quantity: v.pipe(
            v.number('must be a whole number from 1 to 1,000,000'),
            v.integer('must be a whole number from 1 to 1,000,000'),
            v.minValue(1, 'must be a whole number from 1 to 1,000,000'),
            v.maxValue(MAX_QUANTITY, 'must be a whole number from 1 to 1,000,000'),
          ),
          price_per_unit: amount('must be a number from 0 to 1,000,000,000'),
        },
        'must be an object',
      ),
      'must be an array',
    ),
    v.minLength(1, 'must have at least 1 item'),
  ),
});

/**
 * Reads the body of a message as an order, which may be in an envelope. Never throws: any body gives an order or a
 * rejection.
 */
export function parseOrder(body: string, units: StageUnits = {}): ParsedOrder {
  const content = readJson(body, 'body');
  if (!content.ok) return content;
  const order = readOrder(content, units);
  if (order.ok) return order;
  // Last, so that orders without an envelope pay nothing for it.
  const opened = openEnvelopes(content);
  if (!opened.ok) return opened;
  return opened === content ? order : readOrder(opened, units);
}

function readOrder({ json, field }: Content, { hourOf, currency: counted = 'USD' }: StageUnits): ParsedOrder {
  // The schema would call an array an object that lacks the keys.
  if (Array.isArray(json)) return reject(field, 'must be a JSON object, not an array: a message holds one order');
  if (typeof json === 'string' && /^\s*\{/.test(json)) {
    return reject(field, 'must be a JSON object, not a string that holds JSON: it was encoded twice');
  }
  // Stryker disable next-line ObjectLiteral,BooleanLiteral: it only saves time
  const head = v.safeParse(OrderHead, json, { abortEarly: true });
  if (!head.success) return rejectIssue(head.issues[0], field);
  const { order_id, user_id, order_timestamp, order_version, order_status, currency } = head.output;
  if (currency !== undefined && currency !== counted) {
    return reject('currency', `is ${currency}; this stage counts ${counted}`);
  }
  const isCancelled = order_status === 'cancelled';
  // Stryker disable next-line ObjectLiteral,BooleanLiteral: it only saves time
  const content = isCancelled ? NO_CONTENT : v.safeParse(OrderContent, json, { abortEarly: true });
  if (!content.success) return rejectIssue(content.issues[0], field);

  const placed = parseTimestamp(order_timestamp, hourOf);
  if (typeof placed === 'string') return reject('order_timestamp', placed);
  if (Number(placed.epoch) * 1000 > Date.now() + MAX_AHEAD_DAYS * DAY_MS) {
    return reject('order_timestamp', `must be at most ${MAX_AHEAD_DAYS} days ahead`);
  }
  const value = readValue(content.output);
  if (!value.ok) return value;
  const { cents, items } = value;
  return {
    ok: true,
    order: {
      orderId: order_id,
      userId: user_id,
      placed,
      version: order_version,
      isCancelled,
      cents,
      items,
    },
  };
}

/** A cancelled order contributes nothing, whatever value and items its message has. */
const NO_CONTENT: { success: true; output: v.InferOutput<typeof OrderContent> } = {
  success: true,
  output: { order_value: 0, items: [] },
};

type Value = { readonly ok: true; readonly cents: number; readonly items: readonly OrderLine[] };

/** Reads the amounts of an order and checks that its value is the sum of its lines. */
function readValue({ order_value, items }: v.InferOutput<typeof OrderContent>): Value | Rejected {
  const cents = toCents(order_value);
  if (cents === undefined) return reject('order_value', 'must have at most 2 decimals');
  const lines: OrderLine[] = [];
  for (const [index, item] of items.entries()) {
    const micros = toMicros(item.price_per_unit);
    if (micros === undefined) return reject(`items[${index}].price_per_unit`, 'must have at most 6 decimals');
    lines.push({ productId: item.product_id, quantity: item.quantity, micros });
  }
  const sum = sumOfLines(lines);
  if (sum === cents) return { ok: true, cents, items: lines };
  const actual = sum === undefined ? 'more than 1,000,000,000' : formatCents(sum);
  return reject(
    'order_value',
    `must equal the sum of the items: it is ${formatCents(cents)}, they add up to ${actual}`,
  );
}
