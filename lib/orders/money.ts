/**
 * Exact money from JSON numbers. Amounts are whole cents, prices are whole micros (millionths of the currency unit);
 * both fit a double without loss, so every comparison is one of integers.
 */

/** Largest order_value and price_per_unit, in currency units. */
export const MAX_AMOUNT = 1_000_000_000;

const CENTS = 100;
const MICROS = 1_000_000;
const MICROS_PER_CENT = MICROS / CENTS;

/**
 * Reads `value` as a whole number of `1 / scale` units, forgiving less than a thousandth of one: the binary noise of
 * sums such as 10.1 + 19.9. The bounds are quotients of two integers, which IEEE 754 rounds correctly: they are the
 * very doubles that the decimal literals of the bounds parse to. Above 8 million, where two neighbouring doubles are
 * further apart than a thousandth of a micro, the neighbour of the right one is noise too.
 *
 * @returns undefined when there are more decimals than `scale` allows
 */
function toWhole(value: number, scale: number): number | undefined {
  const whole = Math.round(value * scale);
  const nearest = whole / scale;
  // Equal only for 0, which the next bounds forgive as well.
  if (Math.abs(value - nearest) <= value * Number.EPSILON) return whole;
  const thousandths = whole * 1000;
  const forgiven = value > (thousandths - 1) / (scale * 1000) && value < (thousandths + 1) / (scale * 1000);
  return forgiven ? whole : undefined;
}

/** Cents of an amount from 0 to {@link MAX_AMOUNT}; undefined when it has fractions of a cent. */
export const toCents = (amount: number): number | undefined => toWhole(amount, CENTS);

/** Micros of a price from 0 to {@link MAX_AMOUNT}; undefined when it has more than 6 decimals. */
export const toMicros = (price: number): number | undefined => toWhole(price, MICROS);

/**
 * Σ quantity × price, rounded half up to the cent. All terms are whole and not negative, so a sum of doubles that ends
 * below 2^53 was exact at every step; above {@link MAX_AMOUNT}, which is far below that, no order_value can match.
 *
 * @returns cents; undefined when the sum is over {@link MAX_AMOUNT}
 */
export function sumOfLines(lines: readonly { quantity: number; micros: number }[]): number | undefined {
  let sum = 0;
  for (const { quantity, micros } of lines) sum += quantity * micros;
  const cents = Math.floor((sum + MICROS_PER_CENT / 2) / MICROS_PER_CENT);
  return cents <= MAX_AMOUNT * CENTS ? cents : undefined;
}

/** Cents as a decimal string with two decimals: 75990 → `759.90`. */
export const formatCents = (cents: number): string => (cents / CENTS).toFixed(2);

/** Whether a text is a currency code of ISO 4217. USD, the default, needs no Intl, which is slow to load in a cold start. */
export const isCurrency = (code: string): boolean =>
  code === 'USD' || Intl.supportedValuesOf('currency').includes(code);

/**
 * Whether amounts in a currency have two decimals: the statistics hold no others.
 *
 * @param code see {@link isCurrency}
 */
export const hasTwoDecimals = (code: string): boolean =>
  code === 'USD' ||
  new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions().maximumFractionDigits === 2;
