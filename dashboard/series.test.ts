import { expect, test } from 'vitest';
import { axisUpTo } from './axis.ts';
import { fold, withoutHoles } from './series.ts';

test('the chart folds long runs without orders', () => {
  const order = (period: string) => ({ period, orders: 1, amount: 1 });
  const series = withoutHoles(
    { unit: 'month', from: '2024-01', to: '2026-06' },
    ['2024-02', '2024-06', '2025-06'].map(order),
  );
  expect(series).toHaveLength(30);
  const shape = fold(series).map((entry) => ('gap' in entry ? `${entry.gap.length}` : entry.orders > 0 ? 'x' : '-'));
  expect(shape.join(' ')).toBe('- x - - - x 11 x 12');
});

test('an axis ends at the first round number above all values', () => {
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
