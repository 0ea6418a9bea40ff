import { expect, test } from 'vitest';
import { periodsOf, type Range } from '../lib/stats/periods.ts';
import type { PeriodTotals } from './api.ts';
import { axisUpTo } from './axis.ts';
import { barsOf } from './bars.ts';

const order = (period: string) => ({ period, orders: 1, amount: 0.1 });

function withoutHoles(range: Range, known: readonly PeriodTotals[]): PeriodTotals[] {
  const byPeriod = new Map(known.map((totals) => [totals.period, totals]));
  return periodsOf(range).map((period) => byPeriod.get(period) ?? { period, orders: 0, amount: 0 });
}

test('long runs without orders are folded', () => {
  const known = ['2024-02', '2024-06', '2025-06'].map(order);
  const series = withoutHoles({ unit: 'month', from: '2024-01', to: '2026-06' }, known);
  expect(series).toHaveLength(30);
  const { unit, entries } = barsOf(series, () => true);
  const shape = entries.map((entry) => ('gap' in entry ? `${entry.gap.length}` : entry.orders > 0 ? 'x' : '-'));
  expect([unit, shape.join(' ')]).toEqual(['month', '- x - - - x 11 x 12']);
});

test('where days are too thin, weeks from Monday to Sunday stand for them, the first and the last maybe shorter', () => {
  const known = ['2026-01-01', '2026-01-04', '2026-01-05', '2026-01-11', '2026-01-12', '2026-01-13'].map(order);
  const series = withoutHoles({ unit: 'day', from: '2026-01-01', to: '2026-01-14' }, known);
  expect(barsOf(series, (entries) => entries.length < 14)).toEqual({
    unit: 'week',
    entries: [
      { from: '2026-01-01', to: '2026-01-04', orders: 2, amount: 0.2 },
      { from: '2026-01-05', to: '2026-01-11', orders: 2, amount: 0.2 },
      { from: '2026-01-12', to: '2026-01-14', orders: 2, amount: 0.2 },
    ],
  });
});

test('quarters stand for months, and years for quarters', () => {
  const series = withoutHoles({ unit: 'month', from: '2024-12', to: '2026-01' }, ['2025-02', '2025-03'].map(order));
  const range = (most: number) => {
    const { unit, entries } = barsOf(series, ({ length }) => length <= most);
    return [unit, ...entries.map((entry) => ('gap' in entry ? 'gap' : `${entry.from} ${entry.to} ${entry.orders}`))];
  };
  expect(range(6).slice(0, 3)).toEqual(['quarter', '2024-12 2024-12 0', '2025-01 2025-03 2']);
  const years = ['year', '2024-12 2024-12 0', '2025-01 2025-12 2', '2026-01 2026-01 0'];
  expect([range(3), range(0)]).toEqual([years, years]);
});

test('an axis ends at the first round number above all values', () => {
  for (const [highest, smallest, marks] of [
    [0, 1, [0, 1]],
    [1, 1, [0, 1]],
    [3, 1, [0, 2, 4]],
    [11_598, 1, [0, 10_000, 20_000]],
    [0.01, 0.01, [0, 0.01]],
    [0.05, 0.01, [0, 0.05]],
    [1234.56, 0.01, [0, 1000, 2000]],
  ] as const) {
    expect([highest, ...axisUpTo(highest, 2, smallest).marks]).toEqual([highest, ...marks]);
  }
});

test('behind a bar stands one of the earlier range, also where several periods stand together', () => {
  const range = { unit: 'day', from: '2026-01-05', to: '2026-01-18' } as const;
  const series = withoutHoles(range, [order('2026-01-05'), order('2026-01-07')]).map((totals, index) => ({
    ...totals,
    earlier: { period: `2025-01-${index + 10}`, orders: 2, amount: 3 },
  }));
  const earlier = (isWideEnough: () => boolean) =>
    barsOf(series, isWideEnough).entries.map((entry) => ('gap' in entry ? 'gap' : entry.earlier));
  expect(earlier(() => true)).toHaveLength(14);
  expect(earlier(() => false)).toEqual([
    { from: '2025-01-10', to: '2025-01-16', orders: 14, amount: 21 },
    { from: '2025-01-17', to: '2025-01-23', orders: 14, amount: 21 },
  ]);
});
