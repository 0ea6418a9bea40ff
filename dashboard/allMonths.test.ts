import { expect, test } from 'vitest';
import { lengthOf, MAX_PERIODS, periodsOf, type Range } from '../lib/stats/periods.ts';
import { allMonths, findMonths } from './allMonths.ts';

const TODAY = '2026-11-30';

/** Answers like the API, of a shop with one order in each of some months. */
const shop =
  (...months: readonly string[]) =>
  async (range: Range) => {
    expect(lengthOf(range)).toBeLessThanOrEqual(MAX_PERIODS.month);
    return periodsOf(range).map((period) => {
      const orders = months.includes(period) ? 1 : 0;
      return { period, orders, amount: orders };
    });
  };

test('all months reach from the first order to the last, also one that is dated ahead', async () => {
  for (const [first, last, count] of [
    ['1970-01', '2026-11', 683],
    ['1997-01', '1998-06', 18],
    ['2020-03', '2031-01', 131],
    ['2026-11', '2026-11', 1],
  ] as const) {
    const { range, series } = await allMonths(shop(first, last), TODAY);
    expect([range, series.length]).toEqual([{ unit: 'month', from: first, to: last }, count]);
    expect(series.map(({ period }) => period)).toEqual(periodsOf(range));
  }
});

test('without orders they are the last 12', async () => {
  expect((await allMonths(shop(), TODAY)).range).toEqual({ unit: 'month', from: '2025-12', to: '2026-11' });
});

test('the last months are chosen if there are orders in them, or else all', async () => {
  expect(await findMonths(shop('2020-01', '2025-12'), TODAY)).toEqual({ unit: 'month', count: 12 });
  expect(await findMonths(shop('2020-01', '2025-11'), TODAY)).toBe('all');
});
