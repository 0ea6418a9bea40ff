import type { Period, PeriodTotals, Statistics } from './api.ts';
import { CURRENT, periods } from './months.ts';

export type Direction = 'earlier' | 'later';

/** A period with its place in the list of periods, and what was counted in it. */
export type Found = { readonly index: number; readonly period: Period; readonly totals: PeriodTotals };

/**
 * Finds a period with orders: from the one at `index` in a direction, else at `index` itself, else the latest one up to
 * this month, else one after it. Without any orders, one that is empty.
 */
export async function findPeriod(
  statistics: Statistics,
  index: number | undefined,
  direction: Direction | undefined,
): Promise<Found> {
  const all = periods(new Date());
  const places = [...all.keys()];
  const byDefault = [...places.slice(CURRENT), ...places.slice(0, CURRENT)];
  let found: Found | undefined;
  for (const place of [...preferred(places, index, direction), ...byDefault]) {
    const period = all[place];
    if (!period) continue;
    found = { index: place, period, totals: await statistics.period(period) };
    if (found.totals.orders > 0) break;
  }
  if (!found) throw new Error('There is no period');
  return found;
}

function preferred(places: number[], index: number | undefined, direction: Direction | undefined): number[] {
  if (index === undefined) return [];
  if (direction === 'earlier') return [...places.slice(index + 1), index];
  if (direction === 'later') return [...places.slice(0, index).reverse(), index];
  return [index];
}
