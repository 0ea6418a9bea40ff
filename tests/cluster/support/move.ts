import { orderBody } from '../../support/orderMessage.ts';
import { type ScriptResult, startScript } from '../../support/startScript.ts';

/** Runs `npm run move` to its end. */
export const runMove = (from: string, to: string): Promise<ScriptResult> =>
  startScript('scripts/move.ts', ['--from', from, '--to', to]).result;

const DAY_MS = 24 * 3_600_000;
const today = Date.now();

/** The beginning of the ids of these tests. */
export type OrderChange = { readonly version?: number; readonly isCancelled?: boolean; readonly users?: number };

/** Order number n: of one of 300 users, on one of the last 20 days, of a value of its own in each version. */
export function numberedOrder(n: number, { version = 1, isCancelled = false, users = 300 }: OrderChange = {}): string {
  const cents = 1000 + ((n * 37 + version * 1009) % 30_000);
  const price = cents / 100;
  return orderBody({
    order_id: `ORD${n}`,
    user_id: `U${n % users}`,
    order_timestamp: new Date(today - (n % 20) * DAY_MS).toISOString(),
    order_value: price,
    items: [{ product_id: 'P001', quantity: 1, price_per_unit: price }],
    ...(version > 1 && { order_version: version }),
    ...(isCancelled && { order_status: 'cancelled' }),
  });
}

/** Orders from one number to another, which is left out. */
export const numberedOrders = (from: number, to: number, change?: OrderChange): string[] =>
  Array.from({ length: to - from }, (_, index) => numberedOrder(from + index, change));
