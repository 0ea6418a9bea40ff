import { expect, test } from 'vitest';
import { compareDays, compareHours, describeChange } from './comparison.ts';

const flat = (periods: readonly string[]) => periods.map((period) => ({ period, orders: 2, amount: 20.1 }));

/** Every day up to November 30. */
const daysOfAutumn = ['10', '11'].flatMap((month) =>
  Array.from({ length: month === '10' ? 31 : 30 }, (_, day) => `2026-${month}-${`${day + 1}`.padStart(2, '0')}`),
);

/** The hours of a day before one of its hours. */
const hoursOf = (day: string, end = 24) =>
  Array.from({ length: end }, (_, hour) => `${day}T${`${hour}`.padStart(2, '0')}`);

test('a shop that sells the same every day has not changed, whatever came today so far', () => {
  const days = [...flat(daysOfAutumn.slice(0, -1)), { period: '2026-11-30', orders: 0, amount: 0 }];
  for (const count of [7, 30]) {
    const { now, before } = compareDays(days, count);
    expect(now).toEqual({ orders: 2 * count, amount: Math.round(2010 * count) / 100 });
    expect([before, describeChange(now.amount, before.amount)?.text]).toEqual([now, '± 0%']);
  }
});

test('today is compared with yesterday up to the last full hour', () => {
  const hours = flat([...hoursOf('2026-11-28'), ...hoursOf('2026-11-29'), ...hoursOf('2026-11-30', 11)]);
  const { until, now, before, line } = compareHours(hours, '2026-11-30', '2026-11-29');
  expect([until, now, before]).toEqual([10, { orders: 20, amount: 201 }, { orders: 20, amount: 201 }]);
  expect(line.now.map(({ orders }) => orders)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
  expect([line.before.length, line.before.at(-1)?.orders]).toEqual([25, 48]);
});

test('in the first hour of a day there is nothing to compare yet', () => {
  const hours = flat([...hoursOf('2026-11-29'), ...hoursOf('2026-11-30', 1)]);
  const { until, now, before, line } = compareHours(hours, '2026-11-30', '2026-11-29');
  expect([until, now.orders, before.orders, line.now.length]).toEqual([undefined, 0, 0, 1]);
});

test('where clocks skipped an hour, the same time by the clock is compared', () => {
  const skipped = hoursOf('2026-03-29').filter((hour) => !hour.endsWith('T02'));
  const hours = flat([...skipped, ...hoursOf('2026-03-30', 4)]);
  const { until, now, before, line } = compareHours(hours, '2026-03-30', '2026-03-29');
  expect([until, now.orders, before.orders]).toEqual([3, 6, 4]);
  expect([line.before.length, line.before.at(-1)?.orders]).toEqual([25, 46]);
});

test('a change is a share of what was before; without that there is none', () => {
  for (const [now, before, text] of [
    [150, 100, '↑ 50%'],
    [1, 3, '↓ 67%'],
    [1001, 1000, '± 0%'],
    [0, 5, '↓ 100%'],
  ] as const) {
    expect(describeChange(now, before)?.text).toBe(text);
  }
  expect(describeChange(5, 0)).toBeUndefined();
});
