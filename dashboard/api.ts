import * as v from 'valibot';

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

/** Why there are no figures, as a sentence. */
export class ApiError extends Error {}

/** The API knows no such user, or refuses the id: the others can be read all the same. */
export class Refusal extends ApiError {}

const TIME_LIMIT_MS = 5000;

/** Bad Request, Not Found. */
const REFUSALS = [400, 404];

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

const Problem = v.object({ title: v.string(), detail: v.string() });

export const globalStatistics: Statistics = {
  totals: () => read('stats/global', GlobalTotals),
  period: (period) => read(`stats/global?${new URLSearchParams(period)}`, GlobalPeriod),
};

export function userStatistics(userId: string): Statistics {
  const path = `users/${encodeURIComponent(userId)}/stats`;
  return {
    totals: () => read(path, UserTotals),
    period: (period) => read(`${path}?${new URLSearchParams(period)}`, UserPeriod),
  };
}

export const topUsers = async (limit: number): Promise<readonly TopUser[]> =>
  (await read(`top-users?limit=${limit}`, TopUsers)).users;

export const health = () => read('health', Health);

/**
 * Reads from the API; paths are relative, as the page lies beside what it reads.
 *
 * @throws an {@link ApiError}
 */
async function read<Schema extends v.GenericSchema>(path: string, schema: Schema): Promise<v.InferOutput<Schema>> {
  const response = await get(path);
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    const problem = v.is(Problem, body)
      ? body
      : { title: 'The API fails', detail: `It answers with status ${response.status}.` };
    throw REFUSALS.includes(response.status)
      ? new Refusal(problem.detail)
      : new ApiError(canBeRetried(response) ? `${problem.title}.` : `${problem.title}. ${problem.detail}`);
  }
  const parsed = v.safeParse(schema, body);
  if (!parsed.success) throw new ApiError('The API answers with something else than statistics.');
  return parsed.output;
}

/** Then the detail says to try again, which the page does by itself. */
const canBeRetried = ({ headers }: Response): boolean => headers.has('Retry-After');

async function get(path: string): Promise<Response> {
  try {
    return await fetch(path, { signal: AbortSignal.timeout(TIME_LIMIT_MS) });
  } catch (cause) {
    throw new ApiError('The API does not answer.', { cause });
  }
}
