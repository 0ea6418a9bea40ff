import { pickNumber, type Random, seededRandom } from './random.ts';

/** An order as in a message. */
export type OrderMessage = {
  readonly order_id: string;
  readonly user_id: string;
  readonly order_timestamp: string;
  readonly order_version?: number;
  readonly order_status?: 'cancelled';
  readonly order_value: number;
  readonly items: readonly {
    readonly product_id: string;
    readonly quantity: number;
    readonly price_per_unit: number;
  }[];
  readonly shipping_address: string;
  readonly payment_method: string;
};

/** Which orders to make. The same series gives the same orders. */
export type OrderSeries = {
  /** From 0 to 4,294,967,295. */
  readonly seed: number;
  /** How many users the orders are spread over. */
  readonly users: number;
  /** Orders are placed before this day, `YYYY-MM-DD` in UTC. */
  readonly day: string;
  /** Number of days before it. */
  readonly days: number;
  /** ISO 8601 in UTC: orders are placed in the minute before it instead. */
  readonly placedAt?: string;
};

const MINUTE_SECONDS = 60;
const DAY_SECONDS = 24 * 60 * MINUTE_SECONDS;

/** The day in UTC, `YYYY-MM-DD`. */
export const today = (): string => new Date().toISOString().slice(0, 10);

const PRODUCTS = 500;
const MAX_LINES = 5;
const MAX_QUANTITY = 5;
const MICROS_PER_CENT = 10_000;

const OFFSETS = [120, -300, 330];
const STREETS = ['Main St', 'Oak Avenue', 'Station Road', 'Rue de l’Église', 'Hauptstraße'];
const TOWNS = ['Springfield', 'Riverton', 'Fairview', 'Orléans', 'Münster'];
const PAYMENT_METHODS = ['CreditCard', 'PayPal', 'BankTransfer', 'GiftCard'];

/**
 * The valid order with this number. It depends only on its arguments, and its id contains them: runs with another number of
 * orders or share of duplicates never give one id to two different orders.
 *
 * @returns the order, and its value in cents
 */
export function makeOrder(series: OrderSeries, number: number): { order: OrderMessage; cents: number } {
  const { seed, users, day, days, placedAt } = series;
  const random = seededRandom(seed, number);
  const lines = Array.from({ length: 1 + pickNumber(random, MAX_LINES) }, () => makeLine(random));
  let micros = 0;
  for (const line of lines) micros += line.quantity * line.micros;
  const cents = Math.floor((micros + MICROS_PER_CENT / 2) / MICROS_PER_CENT);

  const name = placedAt?.replaceAll(/[-:]/g, '') ?? `${day.replaceAll('-', '')}-${days}`;
  const order = {
    order_id: `GEN-${name}-${seed}-${users}-${String(number).padStart(6, '0')}`,
    // Squared, so that a few users order much and many little.
    user_id: `U${String(1 + Math.floor(random() ** 2 * users)).padStart(5, '0')}`,
    order_timestamp: makeTimestamp(
      random,
      placedAt === undefined
        ? pickInstant(random, Date.parse(day), days * DAY_SECONDS)
        : Date.parse(placedAt) - pickNumber(random, MINUTE_SECONDS) * 1000,
    ),
    order_value: cents / 100,
    items: lines.map(({ product, quantity, micros }) => ({
      product_id: `P${String(product).padStart(3, '0')}`,
      quantity,
      price_per_unit: micros / 1_000_000,
    })),
    shipping_address: `${1 + pickNumber(random, 200)} ${pick(random, STREETS)}, ${pick(random, TOWNS)}`,
    payment_method: pick(random, PAYMENT_METHODS),
  };
  return { order, cents };
}

/** A product has the same price in every order. The price of every tenth has fractions of a cent. */
function makeLine(random: Random): { product: number; quantity: number; micros: number } {
  const product = 1 + pickNumber(random, PRODUCTS);
  const priceOf = seededRandom(0, product);
  const cents = 99 + Math.floor(priceOf() ** 2 * 15_000);
  const fraction = product % 10 === 0 ? pickNumber(priceOf, MICROS_PER_CENT) : 0;
  return {
    product,
    quantity: 1 + Math.floor(random() ** 3 * MAX_QUANTITY),
    micros: cents * MICROS_PER_CENT + fraction,
  };
}

/** Mostly in UTC, one in eight with the offset of a shop. */
function makeTimestamp(random: Random, instant: number): string {
  const inUtc = (ms: number) => new Date(ms).toISOString().slice(0, 19);
  if (random() >= 1 / 8) return `${inUtc(instant)}Z`;
  const minutes = OFFSETS[pickNumber(random, OFFSETS.length)] ?? 0;
  const clock = new Date(Math.abs(minutes) * 60_000).toISOString().slice(11, 16);
  return `${inUtc(instant + minutes * 60_000)}${minutes < 0 ? '-' : '+'}${clock}`;
}

const pick = (random: Random, choices: readonly string[]): string => choices[pickNumber(random, choices.length)] ?? '';

const HOUR_MS = 3_600_000;

/** Likelihood of orders by hour, from midnight UTC: few at night, most in the evening. */
const HOURS = [
  0.2, 0.15, 0.1, 0.1, 0.1, 0.15, 0.25, 0.4, 0.55, 0.7, 0.8, 0.85, 0.9, 0.85, 0.8, 0.8, 0.85, 0.9, 0.95, 1, 1, 0.9, 0.6,
  0.35,
];
/** By weekday, from Sunday. */
const WEEKDAYS = [0.75, 0.85, 0.8, 0.85, 0.9, 1, 0.9];
/** By month, from January: most before Christmas. */
const MONTHS = [0.75, 0.65, 0.68, 0.7, 0.72, 0.7, 0.65, 0.68, 0.75, 0.82, 0.95, 1];

/**
 * A second before an instant, more likely in some hours, weekdays and months than in others.
 *
 * @param end in milliseconds
 * @param seconds how long before it at most
 * @returns milliseconds
 */
function pickInstant(random: Random, end: number, seconds: number): number {
  for (;;) {
    const instant = end - (1 + pickNumber(random, seconds)) * 1000;
    if (random() < likelihood(instant)) return instant;
  }
}

function likelihood(instant: number): number {
  const date = new Date(instant);
  const hour = HOURS[Math.floor(instant / HOUR_MS) % HOURS.length] ?? 1;
  return hour * (WEEKDAYS[date.getUTCDay()] ?? 1) * (MONTHS[date.getUTCMonth()] ?? 1);
}
