import { expect } from 'vitest';
import { connectTo } from '../../support/deliver.ts';
import { highestVersions, type Settled } from '../../support/expectModel.ts';
import { Totals } from '../../support/modelTotals.ts';
import { orderBody } from '../../support/orderMessage.ts';
import { type ScriptResult, startScript } from '../../support/startScript.ts';
import { type Content, differences, nodesOf, prefixOf, visibleContent } from '../../support/storedContent.ts';

/** Runs `npm run move` to its end. */
export const runMove = (from: string, to: string): Promise<ScriptResult> =>
  startScript('scripts/move.ts', ['--from', from, '--to', to]).result;

const DAY_MS = 24 * 3_600_000;
const today = Date.now();

/** The beginning of the ids of these tests. */
export type OrderChange = { readonly version?: number; readonly isCancelled?: boolean; readonly users?: number };

/** Order number n: of one of 300 users, on one of the last 20 days. Each version has another value. */
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

/** Compares sums over all shards with the messages: a move puts the days of forgotten orders into one of the shards. */
export async function expectExactSums(place: { readonly url: string }, settled: readonly Settled[]): Promise<void> {
  const connection = connectTo(place);
  const redis = await connection.open();
  const totals = new Totals();
  for (const order of highestVersions(settled)) totals.add(order, 1);
  expect(differences(addedUp(await visibleContent(nodesOf(redis))), new Map([['', totals]]))).toEqual([]);
  connection.drop(redis);
}

function addedUp(content: Content): Content {
  const sums = new Map<string, Record<string, string>>();
  for (const [key, hash] of content) {
    const name = key.slice(prefixOf(key).length);
    const fields = sums.get(name) ?? {};
    sums.set(name, fields);
    for (const [field, text] of Object.entries(hash)) {
      const before = fields[field];
      fields[field] = before === undefined ? text : plus(before, text);
    }
  }
  return sums;
}

/** Adds `3 19.99` to `1 0.01`, or a single number. */
function plus(one: string, other: string): string {
  const others = other.split(' ');
  const parts = one.split(' ').map((part, n) => {
    const sum = Number(part) + Number(others[n]);
    return part.includes('.') ? sum.toFixed(2) : `${sum}`;
  });
  return parts.join(' ');
}
