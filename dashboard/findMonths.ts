import { addPeriods, MAX_PERIODS, type Range } from '../lib/stats/periods.ts';
import type { Choice } from './address.ts';
import type { RangeTotals, Statistics } from './api.ts';
import { lastPeriods } from './calendar.ts';

/** A range with orders. */
export type Found = { readonly choice: Choice; readonly range: Range; readonly totals: RangeTotals };

const FIRST_MONTH = '1970-01';
const RECENT = { unit: 'month', count: 12 } as const;

/**
 * Finds months with orders: the last 12, else the latest that the API can say at once, else some after this month, as
 * clocks of shops may be wrong. Older ones than the last 12 are cut to those with orders. Without any orders: the last 12.
 */
export async function findMonths(statistics: Statistics, today: string): Promise<Found> {
  const recent = lastPeriods(RECENT.unit, RECENT.count, today);
  const latest = await statistics.range(recent);
  const found = { choice: RECENT, range: recent, totals: latest };
  if (latest.periods.length > 0) return found;
  for (const range of otherMonths(recent)) {
    const totals = await statistics.range(range);
    const [first, last] = [totals.periods.at(0), totals.periods.at(-1)];
    if (!first || !last) continue;
    const cut: Range = { unit: 'month', from: first.period, to: last.period };
    return { choice: cut, range: cut, totals };
  }
  return found;
}

/** All months but those of a range: before it, latest first, then after it. */
function* otherMonths({ from, to }: Range): Generator<Range> {
  const unit = 'month';
  const length = MAX_PERIODS[unit];
  for (let last = addPeriods(from, -1); last >= FIRST_MONTH; last = addPeriods(last, -length)) {
    const first = addPeriods(last, 1 - length);
    yield { unit, from: first < FIRST_MONTH ? FIRST_MONTH : first, to: last };
  }
  yield { unit, from: addPeriods(to, 1), to: addPeriods(to, length) };
}
