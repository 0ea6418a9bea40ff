import * as v from 'valibot';
import { MESSAGE_FIELDS, perName } from '../lib/results.ts';
import type { Range } from '../lib/stats/periods.ts';
import { readStatistics, statisticsReader } from './read.ts';

/** Number of orders, and the sum of their values. */
export type Totals = { readonly orders: number; readonly amount: number };

export type PeriodTotals = Totals & { readonly period: string };

export type TopUser = Totals & { readonly rank: number; readonly userId: string };

/** A part is null if the API could not read it. */
export type Pipeline = v.InferOutput<typeof Pipeline>;

/** What the API reads together. Without figures if Redis does not answer. */
export type Overview = v.InferOutput<typeof Overview>;

/** Hours and days go up to the current one, without holes. */
export type Figures = {
  readonly totals: Totals;
  readonly hours: readonly PeriodTotals[];
  readonly days: readonly PeriodTotals[];
  readonly topUsers: readonly TopUser[];
};

const Series = v.array(
  v.pipe(
    v.object({ period: v.string(), orders: v.number(), revenue: v.number() }),
    v.transform(({ period, orders, revenue }) => ({ period, orders, amount: revenue })),
  ),
);

const GlobalRange = v.object({ series: Series });

const UserRange = v.pipe(
  v.object({ all_time: v.object({ order_count: v.number(), total_spend: v.number() }), series: Series }),
  v.transform(({ all_time, series }) => ({
    series,
    totals: { orders: all_time.order_count, amount: all_time.total_spend },
  })),
);

const TopUsers = v.array(
  v.pipe(
    v.object({ rank: v.number(), user_id: v.string(), order_count: v.number(), total_spend: v.number() }),
    v.transform(({ rank, user_id, order_count, total_spend }) => ({
      rank,
      userId: user_id,
      orders: order_count,
      amount: total_spend,
    })),
  ),
);

const Pipeline = v.object({
  messages: v.nullable(v.object(perName(MESSAGE_FIELDS, () => v.number()))),
  rate: v.nullable(v.number()),
  queue: v.nullable(v.object({ waiting: v.number(), in_flight: v.number(), delayed: v.number() })),
  dead_letters: v.nullable(
    v.object({
      waiting: v.number(),
      last_hour: v.nullable(v.number()),
      oldest_seconds: v.nullable(v.number()),
      reasons: v.nullable(
        v.object({
          invalid: v.number(),
          conflict: v.number(),
          unknown: v.number(),
          late: v.number(),
          not_known: v.number(),
        }),
      ),
    }),
  ),
  last_count: v.nullable(v.object({ at: v.string(), age_seconds: v.number() })),
  replayed_until: v.nullable(v.string()),
  restored_at: v.nullable(v.string()),
});

const Overview = v.pipe(
  v.object({
    as_of: v.string(),
    stage: v.string(),
    time_zone: v.string(),
    currency: v.string(),
    total_orders: v.nullable(v.number()),
    total_revenue: v.nullable(v.number()),
    hours: v.nullable(Series),
    days: v.nullable(Series),
    top_users: v.nullable(TopUsers),
    pipeline: Pipeline,
  }),
  v.transform(({ as_of, stage, time_zone, currency, pipeline, ...figures }) => ({
    asOf: new Date(as_of),
    stage,
    timeZone: time_zone,
    currency,
    pipeline,
    figures: figuresOf(figures),
  })),
);

type MaybeFigures = {
  readonly total_orders: number | null;
  readonly total_revenue: number | null;
  readonly hours: readonly PeriodTotals[] | null;
  readonly days: readonly PeriodTotals[] | null;
  readonly top_users: readonly TopUser[] | null;
};

function figuresOf({ total_orders, total_revenue, hours, days, top_users }: MaybeFigures): Figures | undefined {
  if (total_orders === null || total_revenue === null || !hours || !days || !top_users) return undefined;
  return { totals: { orders: total_orders, amount: total_revenue }, hours, days, topUsers: top_users };
}

const query = ({ from, to }: Range): URLSearchParams => new URLSearchParams({ from, to });

export const globalSeries = async (range: Range): Promise<readonly PeriodTotals[]> =>
  (await readStatistics(`stats/global?${query(range)}`, GlobalRange)).series;

/** The months of a range, and the totals of the user since the beginning. */
export const userMonths = (
  userId: string,
  range: Range,
): Promise<{ readonly series: readonly PeriodTotals[]; readonly totals: Totals }> =>
  readStatistics(`users/${encodeURIComponent(userId)}/stats?${query(range)}`, UserRange);

export const topUsers = async (limit: number): Promise<readonly TopUser[]> =>
  (await readStatistics(`top-users?limit=${limit}`, v.object({ users: TopUsers }))).users;

export const overview = statisticsReader('overview', Overview);
