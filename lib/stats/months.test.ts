import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_MONTHS, monthRange, monthsOf } from './months.ts';

const month = fc
  .tuple(fc.integer({ min: 1970, max: 9999 }), fc.integer({ min: 1, max: 12 }))
  .map(([year, number]) => `${year}-${`${number}`.padStart(2, '0')}`);

describe('a range of months', () => {
  it('goes from the first to the last, over the end of a year', () => {
    expect(monthsOf({ from: '2023-11', to: '2024-02' })).toEqual(['2023-11', '2023-12', '2024-01', '2024-02']);
    expect(monthsOf({ from: '9999-12', to: '9999-12' })).toEqual(['9999-12']);
  });

  it('has the most months that it may have where an end is left out, within the years that orders have', () => {
    expect(monthRange('1999-12', undefined)).toEqual({ from: '1999-12', to: '2009-11' });
    expect(monthRange(undefined, '2009-11')).toEqual({ from: '1999-12', to: '2009-11' });
    expect(monthRange('9990-01', undefined)).toEqual({ from: '9990-01', to: '9999-12' });
    expect(monthRange(undefined, '1979-11')).toEqual({ from: '1970-01', to: '1979-11' });
    expect(monthRange(undefined, undefined)).toBeUndefined();
  });

  it('lists months in ascending order, each once, whatever the given end', () => {
    fc.assert(
      fc.property(month, fc.boolean(), (end, isFirst) => {
        const range = isFirst ? monthRange(end, undefined) : monthRange(undefined, end);
        const months = range ? monthsOf(range) : [];
        expect(months.length).toBeLessThanOrEqual(MAX_MONTHS);
        expect(months).toEqual([...new Set(months)].sort());
        expect(isFirst ? months[0] : months.at(-1)).toBe(end);
      }),
    );
  });
});
