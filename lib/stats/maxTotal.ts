/** Cents of the largest total, 90,000,000,000,000.00: a double holds all whole numbers up to it, and so do all parts. */
export const MAX_TOTAL_CENTS = 9_000_000_000_000_000;
