import { expect, test } from 'vitest';
import { covers, earlierThan, joined } from './ranges.ts';

const june = { unit: 'day', from: '2026-06-01', to: '2026-06-30' } as const;
const year = { unit: 'month', from: '2025-07', to: '2026-06' } as const;

test('the range before another one is as long and ends where it begins', () => {
  expect(earlierThan(june, 'before')).toEqual({ unit: 'day', from: '2026-05-02', to: '2026-05-31' });
  expect(earlierThan(year, 'before')).toEqual({ unit: 'month', from: '2024-07', to: '2025-06' });
});

test('a year before a range lie the same months, and days of the same weekdays', () => {
  expect(earlierThan(june, 'year')).toEqual({ unit: 'day', from: '2025-06-02', to: '2025-07-01' });
  expect(earlierThan(year, 'year')).toEqual({ unit: 'month', from: '2024-07', to: '2025-06' });
});

test('before 1970 there is nothing to compare with', () => {
  expect(earlierThan({ unit: 'month', from: '1970-01', to: '1970-12' }, 'before')).toBeUndefined();
  expect(earlierThan({ unit: 'day', from: '1970-03-01', to: '1970-03-01' }, 'year')).toBeUndefined();
});

test('two ranges are read as one if the API answers one as long', () => {
  const may = { unit: 'day', from: '2026-05-02', to: '2026-05-31' } as const;
  expect(joined(may, june)).toEqual({ unit: 'day', from: '2026-05-02', to: '2026-06-30' });
  expect(joined({ unit: 'day', from: '2025-06-02', to: '2025-07-01' }, june)).toBeUndefined();
  expect(covers({ ...june, from: '2026-05-31' }, june)).toBe(true);
  expect(covers(year, june)).toBe(false);
});
