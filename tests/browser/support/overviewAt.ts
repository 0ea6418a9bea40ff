import type { Page } from 'playwright-core';
import * as v from 'valibot';
import { dayOfHour, hourIn } from '../../../lib/orders/calendar.ts';
import { lastHours } from '../../../lib/stats/hours.ts';
import { addPeriods } from '../../../lib/stats/periods.ts';
import { changeOverview } from './changeOverview.ts';
import { ask } from './orders.ts';
import { TIME_ZONE } from './stage.ts';

const DAYS = 61;

/** Orders of an hour such as `2026-06-30T09`. */
type HourTotals = { readonly period: string; readonly orders: number; readonly revenue: number };

const Range = v.object({ series: v.array(v.unknown()) });

const hourOf = hourIn(TIME_ZONE);

/**
 * Has the page take an instant for now, while the API only answers for the real now. Days are still those of the API.
 *
 * @param hours those with orders
 * @param changes other members of the overview to replace
 */
export async function overviewAt(
  page: Page,
  instant: string,
  { hours = [], ...changes }: { hours?: readonly HourTotals[]; currency?: string } = {},
): Promise<void> {
  const now = Date.parse(instant);
  const atHour = new Map(hours.map((totals) => [totals.period, totals]));
  await changeOverview(page, async (overview) => ({
    ...overview,
    ...changes,
    as_of: new Date(now).toISOString(),
    ...(overview.days && {
      hours: lastHours(now, hourOf).map((period) => atHour.get(period) ?? { period, orders: 0, revenue: 0 }),
      days: await daysUpTo(dayOfHour(hourOf(now))),
    }),
  }));
}

async function daysUpTo(to: string): Promise<readonly unknown[]> {
  return v.parse(Range, await ask(`/stats/global?from=${addPeriods(to, 1 - DAYS)}&to=${to}`)).series;
}
