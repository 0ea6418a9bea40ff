import { expect, it } from 'vitest';
import { formatCents, sumOfLines, toCents, toMicros } from './money.ts';

it.each([
  [0, 0],
  [0.1 + 0.2, 30],
  [10.1 + 19.9, 3000],
  [1.1 + 2.2, 330],
  [4.35, 435],
  [1.005, undefined],
  [999_999_999.99, 99_999_999_999],
  [1_000_000_000, 100_000_000_000],
])('the amount %d in cents is %s', (amount, cents) => {
  expect(toCents(amount)).toBe(cents);
});

it('every cent of the first and the last million is read exactly', () => {
  for (let n = 0; n < 1_000_000; n++) {
    const last = 100_000_000_000 - n;
    if (toCents(Number(`${n}e-2`)) !== n) expect.fail(`${n} cents`);
    if (toCents(Number(`${last}e-2`)) !== last) expect.fail(`${last} cents`);
  }
});

it.each([
  [0, 0],
  [0.000001, 1],
  [0.1 + 0.2, 300_000],
  [1.0000005, undefined],
  [59.99, 59_990_000],
  [999_999_999.999999, 999_999_999_999_999],
  [1_000_000_000, 1_000_000_000_000_000],
])('the price %d in micros is %s', (price, micros) => {
  expect(toMicros(price)).toBe(micros);
});

it('every micro of the first and the last million is read exactly', () => {
  for (let n = 0; n < 1_000_000; n++) {
    const last = 1_000_000_000_000_000 - n;
    if (toMicros(Number(`${n}e-6`)) !== n) expect.fail(`${n} micros`);
    if (toMicros(Number(`${last}e-6`)) !== last) expect.fail(`${last} micros`);
  }
});

it('the sum of no lines is 0', () => {
  expect(sumOfLines([])).toBe(0);
});

it('the sum of lines is undefined above the largest amount', () => {
  expect(sumOfLines([{ quantity: 1, micros: 1e15 }])).toBe(1e11);
  expect(sumOfLines([{ quantity: 1, micros: 1e15 + 4999 }])).toBe(1e11);
  expect(sumOfLines([{ quantity: 1, micros: 1e15 + 5000 }])).toBeUndefined();
  expect(sumOfLines(Array.from({ length: 1000 }, () => ({ quantity: 1e6, micros: 1e15 })))).toBeUndefined();
});

it.each([
  [0, '0.00'],
  [1, '0.01'],
  [100, '1.00'],
  [75_990, '759.90'],
  [100_000_000_000, '1000000000.00'],
])('%d cents as text are %s', (cents, text) => {
  expect(formatCents(cents)).toBe(text);
});
