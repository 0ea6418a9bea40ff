import * as v from 'valibot';
import { apiUrlOf } from './endpoint.ts';

/** An answer of the API. */
export type Answer = { readonly status: number; readonly type: string | null; readonly body: unknown };

/** GET; `path` as it stands in the URL. */
export async function get(path: string): Promise<Answer> {
  const response = await fetch(apiUrlOf('local') + path);
  return { status: response.status, type: response.headers.get('content-type'), body: await response.json() };
}

/** What a request is answered with, headers and all. */
export const request = (method: string, path: string): Promise<Response> => fetch(apiUrlOf('local') + path, { method });

/** The statistics of a user; user ids may hold characters that have a meaning in URLs. */
export const getUser = (userId: string): Promise<Answer> => get(`/users/${encodeURIComponent(userId)}/stats`);

/** A number of orders and what they come to, in whole cents: sums of floats would not be exact. */
export type Totals = { readonly orders: number; readonly cents: number };

const GlobalStats = v.pipe(
  v.object({ total_orders: v.number(), total_revenue: v.number() }),
  v.transform((stats): Totals => ({ orders: stats.total_orders, cents: Math.round(stats.total_revenue * 100) })),
);
const UserStats = v.pipe(
  v.object({ order_count: v.number(), total_spend: v.number() }),
  v.transform((stats): Totals => ({ orders: stats.order_count, cents: Math.round(stats.total_spend * 100) })),
);

/** What GET /stats/global says, of all months or of those of a query such as `?from=2024-01`. */
export async function globalTotals(query = ''): Promise<Totals> {
  return v.parse(GlobalStats, (await get(`/stats/global${query}`)).body);
}

/** What GET /users/{user_id}/stats says; nothing of a user who is unknown. */
export async function userTotals(userId: string): Promise<Totals> {
  const { status, body } = await getUser(userId);
  return status === 404 ? { orders: 0, cents: 0 } : v.parse(UserStats, body);
}

const Pipeline = v.object({
  messages: v.object({ counted: v.number(), invalid: v.number() }),
  queue: v.object({ waiting: v.number() }),
  dead_letters: v.object({ waiting: v.number() }),
  last_count: v.object({ age_seconds: v.number() }),
});

/** What GET /pipeline says, once an order was counted. */
export async function getPipeline(): Promise<v.InferOutput<typeof Pipeline>> {
  return v.parse(Pipeline, (await get('/pipeline')).body);
}
