import { addPeriods, lastPeriods, MAX_PERIODS, monthOf, type Range } from '../lib/stats/periods.ts';
import { ALL, type Choice } from './address.ts';
import type { PeriodTotals } from './api.ts';
import { hasOrders, rangeOfSeries } from './series.ts';

type ReadRange = (range: Range) => Promise<readonly PeriodTotals[]>;

export type Months = { readonly range: Range; readonly series: readonly PeriodTotals[] };

const FIRST_MONTH = '1970-01';
const RECENT = { unit: 'month', count: 12 } as const;

/** The last months if there are orders in them, or else all. */
export async function findMonths(read: ReadRange, today: string): Promise<Choice> {
  const recent = await read(lastPeriods(RECENT.unit, RECENT.count, today));
  return recent.some(hasOrders) ? RECENT : ALL;
}

/**
 * From the first month with orders to the last, which may lie ahead because the clock of a shop may be wrong. Without orders,
 * the last 12.
 */
export async function allMonths(read: ReadRange, today: string): Promise<Months> {
  const parts = await Promise.all([...partsUpTo(today)].map(read));
  const all = parts.flat();
  const [first, last] = [all.findIndex(hasOrders), all.findLastIndex(hasOrders)];
  const recent = lastPeriods(RECENT.unit, RECENT.count, today);
  const series = all.filter(({ period }, index) =>
    first < 0 ? recent.from <= period && period <= recent.to : first <= index && index <= last,
  );
  return { range: rangeOfSeries(series), series };
}

/** Ranges as long as the API answers, from 1970 until beyond today. */
function* partsUpTo(today: string): Generator<Range> {
  const unit = 'month';
  const count = MAX_PERIODS[unit];
  for (let from = FIRST_MONTH; from <= addPeriods(monthOf(today), count); from = addPeriods(from, count)) {
    yield { unit, from, to: addPeriods(from, count - 1) };
  }
}
