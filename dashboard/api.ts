import * as v from 'valibot';
import { readOpen, readStatistics } from './read.ts';

/** Orders and the sum of their values: of everybody or of one user. */
export type Totals = { readonly orders: number; readonly amount: number };

export type MonthTotals = Totals & { readonly month: string };

/** Months `YYYY-MM`, both included. */
export type Period = { readonly from: string; readonly to: string };

/** What was counted in a period; months without orders are left out. */
export type PeriodTotals = Totals & { readonly months: readonly MonthTotals[] };

/** The statistics of everybody, or of one user. */
export type Statistics = { totals(): Promise<Totals>; period(period: Period): Promise<PeriodTotals> };

export type TopUser = Totals & { readonly rank: number; readonly userId: string };

const GlobalTotals = v.pipe(
  v.object({ total_orders: v.number(), total_revenue: v.number() }),
  v.transform(({ total_orders, total_revenue }) => ({ orders: total_orders, amount: total_revenue })),
);

const UserTotals = v.pipe(
  v.object({ order_count: v.number(), total_spend: v.number() }),
  v.transform(({ order_count, total_spend }) => ({ orders: order_count, amount: total_spend })),
);

const Month = v.object({ month: v.string() });
const GlobalPeriod = v.intersect([GlobalTotals, v.object({ months: v.array(v.intersect([Month, GlobalTotals])) })]);
const UserPeriod = v.intersect([UserTotals, v.object({ months: v.array(v.intersect([Month, UserTotals])) })]);

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

const Health = v.object({ stage: v.string(), version: v.string() });

export const globalStatistics: Statistics = {
  totals: () => readStatistics('stats/global', GlobalTotals),
  period: (period) => readStatistics(`stats/global?${new URLSearchParams(period)}`, GlobalPeriod),
};

export function userStatistics(userId: string): Statistics {
  const path = `users/${encodeURIComponent(userId)}/stats`;
  return {
    totals: () => readStatistics(path, UserTotals),
    period: (period) => readStatistics(`${path}?${new URLSearchParams(period)}`, UserPeriod),
  };
}

export const topUsers = async (limit: number): Promise<readonly TopUser[]> =>
  (await readStatistics(`top-users?limit=${limit}`, TopUsers)).users;

export const health = () => readOpen('health', Health);
