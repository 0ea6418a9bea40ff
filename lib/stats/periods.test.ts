import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isPeriod, lastPeriods, lengthOf, MAX_PERIODS, periodsOf, rangeOf, type Unit } from './periods.ts';

const day = fc
  .date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const PERIODS: readonly (readonly [Unit, fc.Arbitrary<string>])[] = [
  ['month', day.map((text) => text.slice(0, 7))],
  ['day', day],
];

const TODAY = '2026-11-30';

const listed = (from: string, to: string) => {
  const range = rangeOf(from, to, TODAY);
  return range ? periodsOf(range) : [];
};

it('only months and days of the calendar from 1970 on are periods', () => {
  const periods = ['1970-01', '2024-02-29', '9999-12-31'];
  const others = ['', '1969-12', '2023-02-29', '2023-13', '2023-04-31', '2023', '2023-1', '23-01-01'];
  expect(periods.filter(isPeriod)).toEqual(periods);
  expect(others.filter(isPeriod)).toEqual([]);
});

it('a range of months may span the end of a year', () => {
  expect(listed('2023-11', '2024-02')).toEqual(['2023-11', '2023-12', '2024-01', '2024-02']);
  expect(listed('9999-12', '9999-12')).toEqual(['9999-12']);
});

it('a range of days may span the end of February, also in a leap year', () => {
  expect(listed('2024-02-28', '2024-03-01')).toEqual(['2024-02-28', '2024-02-29', '2024-03-01']);
  expect(listed('2023-02-28', '2023-03-01')).toEqual(['2023-02-28', '2023-03-01']);
  expect(listed('9999-12-31', '9999-12-31')).toEqual(['9999-12-31']);
});

it('a day on which clocks change counts as one', () => {
  expect(lengthOf({ unit: 'day', from: '2026-03-28', to: '2026-03-30' })).toBe(3);
});

it('a range without a start is as long as allowed, from 1970 at the earliest', () => {
  expect(rangeOf(undefined, '2009-11', TODAY)).toEqual({ unit: 'month', from: '1999-12', to: '2009-11' });
  expect(rangeOf(undefined, '1979-11', TODAY)).toEqual({ unit: 'month', from: '1970-01', to: '1979-11' });
  expect(rangeOf(undefined, '2024-12-31', TODAY)).toEqual({ unit: 'day', from: '2024-01-01', to: '2024-12-31' });
  expect(rangeOf(undefined, '1970-01-31', TODAY)).toEqual({ unit: 'day', from: '1970-01-01', to: '1970-01-31' });
  expect(rangeOf(undefined, undefined, TODAY)).toBeUndefined();
});

it('a range without an end ends now, or with its start if that is later', () => {
  expect(rangeOf('2024-02', undefined, TODAY)).toEqual({ unit: 'month', from: '2024-02', to: '2026-11' });
  expect(rangeOf('2026-11-01', undefined, TODAY)).toEqual({ unit: 'day', from: '2026-11-01', to: TODAY });
  expect(rangeOf('2026-11', undefined, TODAY)).toEqual({ unit: 'month', from: '2026-11', to: '2026-11' });
  expect(rangeOf('2026-12-01', undefined, TODAY)).toEqual({ unit: 'day', from: '2026-12-01', to: '2026-12-01' });
  expect(rangeOf('9999-12', undefined, TODAY)).toEqual({ unit: 'month', from: '9999-12', to: '9999-12' });
});

it.each(PERIODS)(
  'the periods of a range are in ascending order and unique, whichever end is given: %s',
  (unit, period) => {
    fc.assert(
      fc.property(period, fc.boolean(), (end, isFirst) => {
        const range = isFirst ? rangeOf(end, undefined, TODAY) : rangeOf(undefined, end, TODAY);
        const periods = range ? periodsOf(range) : [];
        if (!isFirst) expect(periods.length).toBeLessThanOrEqual(MAX_PERIODS[unit]);
        expect(periods).toEqual([...new Set(periods)].sort());
        expect(isFirst ? periods[0] : periods.at(-1)).toBe(end);
      }),
    );
  },
);

it('the last days or months end with the current one', () => {
  expect(lastPeriods('day', 3, '2024-03-01')).toEqual({ unit: 'day', from: '2024-02-28', to: '2024-03-01' });
  expect(lastPeriods('month', 12, '2026-02-28')).toEqual({ unit: 'month', from: '2025-03', to: '2026-02' });
});
