import { addPeriods, lastPeriods, MAX_PERIODS, type Range } from '../lib/stats/periods.ts';
import type { Choice } from './address.ts';
import type { RangeTotals, Statistics } from './api.ts';

export type Found = { readonly choice: Choice; readonly range: Range; readonly totals: RangeTotals };

const FIRST_MONTH = '1970-01';
const RECENT = { unit: 'month', count: 12 } as const;

/**
 * Finds months with orders. It tries the last 12, then earlier ranges of the maximum length, and last the future, because
 * the clock of a shop may be wrong. Ranges other than the last 12 are trimmed to the months with orders. If there are no
 * orders at all, the result is the last 12 months.
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

/** The months before a range, latest first, then the months after it. */
function* otherMonths({ from, to }: Range): Generator<Range> {
  const unit = 'month';
  const length = MAX_PERIODS[unit];
  for (let last = addPeriods(from, -1); last >= FIRST_MONTH; last = addPeriods(last, -length)) {
    const first = addPeriods(last, 1 - length);
    yield { unit, from: first < FIRST_MONTH ? FIRST_MONTH : first, to: last };
  }
  yield { unit, from: addPeriods(to, 1), to: addPeriods(to, length) };
}
