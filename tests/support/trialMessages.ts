import { generateMessages } from '../../scripts/shared/generator.ts';
import { makeOrder, type OrderMessage, today } from '../../scripts/shared/order.ts';
import { pickNumber, type Random, seededRandom } from '../../scripts/shared/random.ts';

/** What a trial delivers. */
export type TrialMix = {
  readonly orders: number;
  readonly users: number;
  /** Orders of which another message has the same id and version, but other content. */
  readonly conflicts: number;
  /** Whether the other content of every second conflict is of another user; a cluster does not see all of these. */
  readonly otherUsers?: boolean;
};

type Revision = OrderMessage & { readonly order_version: number; readonly order_status?: 'cancelled' };

/** Orders of which there is one with higher versions. */
const REVISED = 4;
const DAY_MS = 24 * 3_600_000;

/**
 * Messages of a trial: valid orders, the same ones again, higher versions of a quarter of them, some of which come before
 * the first version, other content under the same order_id and version, and invalid messages.
 */
export function trialMessages(seed: number, { orders, users, conflicts, otherUsers = true }: TrialMix): string[] {
  const random = seededRandom(seed, -1);
  const series = { seed, day: '2026-11-24', days: 365, users };
  const generated = [...generateMessages({ ...series, count: orders, invalid: 0.1, duplicates: 0.15 })];
  const valid: OrderMessage[] = generated.filter(({ kind }) => kind === 'valid').map(({ body }) => JSON.parse(body));
  const early: Revision[] = [];
  const late: Revision[] = [];
  const highest = valid.map((order, n): OrderMessage => {
    if (pickNumber(random, REVISED) > 0) return order;
    const revisions = revisionsOf(order, makeOrder(series, orders + n).order, random);
    for (const revision of revisions) (pickNumber(random, 2) === 0 ? early : late).push(revision);
    return revisions.at(-1) ?? order;
  });
  const conflicting = highest
    .slice(0, conflicts)
    .map((order, n) =>
      otherUsers && n % 2 === 0
        ? { ...order, user_id: 'SOMEONE-ELSE' }
        : { ...order, order_timestamp: soon(10 * DAY_MS) },
    );
  return [
    ...early.map((order) => JSON.stringify(order)),
    ...generated.map(({ body }) => body),
    ...[...late, ...conflicting].map((order) => JSON.stringify(order)),
  ];
}

/** One to three higher versions of an order: cancelled, or with the items of another order and on another day. */
function revisionsOf(order: OrderMessage, other: OrderMessage, random: Random): Revision[] {
  let order_version = 1;
  return Array.from({ length: 1 + pickNumber(random, 3) }, () => {
    order_version += 1 + pickNumber(random, 3);
    const revision = { ...order, order_version, order_timestamp: soon(pickNumber(random, 9) * DAY_MS) };
    if (pickNumber(random, 3) === 0) return { ...revision, order_status: 'cancelled' };
    const { items, order_value } = pickNumber(random, 2) === 0 ? other : order;
    return { ...revision, items, order_value };
  });
}

/** A moment after today: it stays less than 30 days ago, wherever faults move the clock of Redis. */
const soon = (ms: number): string => new Date(Date.parse(today()) + 2 * DAY_MS + ms).toISOString();
