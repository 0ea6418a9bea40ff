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
