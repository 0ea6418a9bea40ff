import { expect, test } from 'vitest';
import { axisUpTo } from './axis.ts';
import { dayIn, isPeriod, lastPeriods, lengthOf, periodsOf } from './calendar.ts';
import { fold, withoutHoles } from './series.ts';

test('ranges of days go over months, leap days and changes of the clock', () => {
  expect(lastPeriods('day', 3, '2024-03-01')).toEqual({ unit: 'day', from: '2024-02-28', to: '2024-03-01' });
  expect(periodsOf({ unit: 'day', from: '2024-02-28', to: '2024-03-01' })).toEqual([
    '2024-02-28',
    '2024-02-29',
    '2024-03-01',
  ]);
  expect(lengthOf({ unit: 'day', from: '2026-03-28', to: '2026-03-30' })).toBe(3);
  expect(lastPeriods('month', 12, '2026-02-28')).toEqual({ unit: 'month', from: '2025-03', to: '2026-02' });
});

test('only days and months that there are are periods', () => {
  const periods = ['1970-01', '2024-02-29', '9999-12-31'];
  const others = ['', '1969-12', '2023-02-29', '2023-13', '2023-04-31', '2023', '2023-1', '23-01-01'];
  expect(periods.filter(isPeriod)).toEqual(periods);
  expect(others.filter(isPeriod)).toEqual([]);
});

test('the day is that of a time zone', () => {
  const instant = new Date('2026-03-28T23:30:00Z');
  expect(dayIn('UTC', instant)).toBe('2026-03-28');
  expect(dayIn('Europe/Amsterdam', instant)).toBe('2026-03-29');
  expect(dayIn('America/Los_Angeles', instant)).toBe('2026-03-28');
});

test('only long runs without orders are folded, and only in the chart', () => {
  const order = (period: string) => ({ period, orders: 1, amount: 1 });
  const series = withoutHoles(
    { unit: 'month', from: '2024-01', to: '2026-06' },
    ['2024-02', '2024-06', '2025-06'].map(order),
  );
  expect(series).toHaveLength(30);
  const shape = fold(series).map((entry) => ('gap' in entry ? `${entry.gap.length}` : entry.orders > 0 ? 'x' : '-'));
  expect(shape.join(' ')).toBe('- x - - - x 11 x 12');
});

test('an axis ends at a round number that no value is above', () => {
  for (const [highest, isWhole, marks] of [
    [0, true, [0, 1]],
    [1, true, [0, 1]],
    [3, true, [0, 2, 4]],
    [11_598, true, [0, 10_000, 20_000]],
    [0.01, false, [0, 0.01]],
    [1234.56, false, [0, 1000, 2000]],
  ] as const) {
    expect([highest, ...axisUpTo(highest, 2, isWhole).marks]).toEqual([highest, ...marks]);
  }
});
