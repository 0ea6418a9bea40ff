/**
 * Exact money from JSON numbers. Amounts are whole cents, and prices are whole micros, millionths of the currency unit.
 * Both fit into a double without loss, so all comparisons are between integers.
 */

/** Largest order_value and price_per_unit, in currency units. */
export const MAX_AMOUNT = 1_000_000_000;

const CENTS = 100;
const MICROS = 1_000_000;
const MICROS_PER_CENT = MICROS / CENTS;

/**
 * Reads `value` as a whole number of units of `1 / scale`. Deviations below a thousandth of a unit are tolerated: they are
 * the binary noise of sums such as 10.1 + 19.9. The bounds are quotients of two integers. IEEE 754 rounds these correctly,
 * so they equal the doubles that decimal literals parse to. Above 8 million, neighbouring doubles are more than a
 * thousandth of a micro apart; there, a value one double away from the exact one is tolerated too.
 *
 * @returns undefined when there are more decimals than `scale` allows
 */
function toWhole(value: number, scale: number): number | undefined {
  const whole = Math.round(value * scale);
  const nearest = whole / scale;
  // Both sides are equal only for 0, which the next check would accept too.
  if (Math.abs(value - nearest) <= value * Number.EPSILON) return whole;
  const thousandths = whole * 1000;
  const isNoise = value > (thousandths - 1) / (scale * 1000) && value < (thousandths + 1) / (scale * 1000);
  return isNoise ? whole : undefined;
}

/** Cents of an amount from 0 to {@link MAX_AMOUNT}; undefined when it has fractions of a cent. */
export const toCents = (amount: number): number | undefined => toWhole(amount, CENTS);

/** Micros of a price from 0 to {@link MAX_AMOUNT}; undefined when it has more than 6 decimals. */
export const toMicros = (price: number): number | undefined => toWhole(price, MICROS);

/**
 * Σ quantity × price, rounded half up to the cent. All terms are non-negative integers, so a sum that ends below 2^53 was
 * exact at every step. {@link MAX_AMOUNT} is far below that, and no order_value can match a larger sum.
 *
 * @returns cents, or undefined above {@link MAX_AMOUNT}
 */
export function sumOfLines(lines: readonly { quantity: number; micros: number }[]): number | undefined {
  let sum = 0;
  for (const { quantity, micros } of lines) sum += quantity * micros;
  const cents = Math.floor((sum + MICROS_PER_CENT / 2) / MICROS_PER_CENT);
  return cents <= MAX_AMOUNT * CENTS ? cents : undefined;
}

/** Cents as a decimal string: 75990 → `759.90`. */
export const formatCents = (cents: number): string => (cents / CENTS).toFixed(2);

/** Whether a text is a currency code of ISO 4217. USD, the default, skips Intl, which would slow down cold starts. */
export const isCurrency = (code: string): boolean =>
  code === 'USD' || Intl.supportedValuesOf('currency').includes(code);

/** Whether amounts have two decimals. The statistics support no other currencies. @param code see {@link isCurrency} */
export const hasTwoDecimals = (code: string): boolean =>
  code === 'USD' ||
  new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions().maximumFractionDigits === 2;
