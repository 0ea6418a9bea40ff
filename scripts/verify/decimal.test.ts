import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toCents, toMicros } from '../../lib/orders/money.ts';
import { centsOf, formatUnits, storedCents, toUnits } from './decimal.ts';

describe('the cents of a JSON number', () => {
  test.each([
    [0, 0n],
    [-0, 0n],
    [7, 700n],
    [0.1 + 0.2, 30n],
    [30.000000000000004, 3000n],
    [29.999999999999996, 3000n],
    [99.995, 10000n],
    [1e-7, 0n],
    [5e-324, 0n],
    [999_999_999.99, 99_999_999_999n],
    [1e9, 100_000_000_000n],
  ])('of %d are %d', (amount, cents) => {
    expect(centsOf(amount)).toBe(cents);
  });

  test.each([-1, 1e21, Number.NaN, Number.POSITIVE_INFINITY])('are not told for %d', (amount) => {
    expect(centsOf(amount)).toBeUndefined();
  });
});

test('amounts and prices that the pipeline takes are the same numbers in both ways', () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 1e11 }).map((cents) => cents / 100),
    fc.integer({ min: 0, max: 1e9 }).map((micros) => micros / 1e6),
    fc.array(fc.integer({ min: 0, max: 1e6 })).map((parts) => parts.reduce((sum, cents) => sum + cents / 100, 0)),
    fc.double({ min: 0, max: 1e9, noNaN: true }),
  );
  fc.assert(
    fc.property(value, (amount) => {
      const [cents, micros] = [toCents(amount), toMicros(amount)];
      if (cents !== undefined) expect(centsOf(amount)).toBe(BigInt(cents));
      if (micros !== undefined) expect(toUnits(String(amount), 6)).toBe(BigInt(micros));
    }),
    { numRuns: 5000 },
  );
});

test.each([
  ['7.00', 700n],
  ['0.05', 5n],
  ['90000000000000.00', 9000000000000000n],
])('an amount of %s in Redis is read to the cent', (text, cents) => {
  expect(storedCents(text)).toBe(cents);
});

test.each([
  '7',
  '7.5',
  '7.005',
  '7.000',
  '-7',
  '7.',
  '.5',
  '1e3',
  'seven',
  '',
  ' 7',
  '7\n',
  '90000000000000.01',
  '1'.repeat(100_000),
])('an amount of %.20j in Redis is corrupt', (text) => {
  expect(storedCents(text)).toBeUndefined();
});

test('cents are written with two decimals', () => {
  expect([0n, 5n, 75990n, 900719925474010101n].map(formatUnits)).toEqual([
    '0.00',
    '0.05',
    '759.90',
    '9007199254740101.01',
  ]);
});
