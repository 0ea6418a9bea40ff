import * as v from 'valibot';
import { MESSAGE_FIELDS, perName } from '../lib/results.ts';
import type { Range } from '../lib/stats/periods.ts';
import { readOpen, readStatistics } from './read.ts';

/** Number of orders, and the sum of their values. */
export type Totals = { readonly orders: number; readonly amount: number };

export type PeriodTotals = Totals & { readonly period: string };

/** Periods without orders are left out. */
export type RangeTotals = Totals & { readonly periods: readonly PeriodTotals[] };

export type Statistics = { totals(): Promise<Totals>; range(range: Range): Promise<RangeTotals> };

export type TopUser = Totals & { readonly rank: number; readonly userId: string };

export type Health = v.InferOutput<typeof Health>;

/** A part is null if the API could not read it. */
export type Pipeline = v.InferOutput<typeof Pipeline>;

const GlobalTotals = v.pipe(
  v.object({ total_orders: v.number(), total_revenue: v.number() }),
  v.transform(({ total_orders, total_revenue }) => ({ orders: total_orders, amount: total_revenue })),
);

const UserTotals = v.pipe(
  v.object({ order_count: v.number(), total_spend: v.number() }),
  v.transform(({ order_count, total_spend }) => ({ orders: order_count, amount: total_spend })),
);

/** Without the periods that have no orders. */
const Periods = v.pipe(
  v.object({ series: v.array(v.object({ period: v.string(), orders: v.number(), revenue: v.number() })) }),
  v.transform(({ series }) => ({
    periods: series.flatMap(({ revenue, ...rest }) => (rest.orders > 0 ? { ...rest, amount: revenue } : [])),
  })),
);

const GlobalRange = v.intersect([GlobalTotals, Periods]);
const UserRange = v.intersect([UserTotals, Periods]);

const TopUsers = v.object({
  users: v.array(
    v.pipe(
      v.object({ rank: v.number(), user_id: v.string(), order_count: v.number(), total_spend: v.number() }),
      v.transform(({ rank, user_id, order_count, total_spend }) => ({
        rank,
        userId: user_id,
        orders: order_count,
        amount: total_spend,
      })),
    ),
  ),
});

const Health = v.pipe(
  v.object({ stage: v.string(), version: v.string(), time_zone: v.string(), currency: v.string() }),
  v.transform(({ time_zone, ...rest }) => ({ ...rest, timeZone: time_zone })),
);

const Pipeline = v.object({
  messages: v.nullable(v.object(perName(MESSAGE_FIELDS, () => v.number()))),
  queue: v.nullable(v.object({ waiting: v.number(), in_flight: v.number(), delayed: v.number() })),
  dead_letters: v.nullable(v.object({ waiting: v.number() })),
  last_count: v.nullable(v.object({ at: v.string(), age_seconds: v.number() })),
});

const query = ({ from, to }: Range): URLSearchParams => new URLSearchParams({ from, to });

export const globalStatistics: Statistics = {
  totals: () => readStatistics('stats/global', GlobalTotals),
  range: (range) => readStatistics(`stats/global?${query(range)}`, GlobalRange),
};

/** For a user, the API has only months. */
export function userStatistics(userId: string): Statistics {
  const path = `users/${encodeURIComponent(userId)}/stats`;
  return {
    totals: () => readStatistics(path, UserTotals),
    range: (range) => readStatistics(`${path}?${query(range)}`, UserRange),
  };
}

export const topUsers = async (limit: number): Promise<readonly TopUser[]> =>
  (await readStatistics(`top-users?limit=${limit}`, TopUsers)).users;

export const health = (): Promise<Health> => readOpen('health', Health);

export const pipeline = (): Promise<Pipeline> => readStatistics('pipeline', Pipeline);
