import { Counting } from '../../lib/counting/count.ts';
import type { Mode, Verdict } from '../../lib/counting/wire.ts';
import type { Order } from '../../lib/orders/order.ts';
import type { RedisClient } from '../../lib/redis/client.ts';
import { pickNumber, type Random } from '../../scripts/shared/random.ts';
import { baseOf } from './ledgerContent.ts';
import type { Verdict as ModelVerdict, ShardModel } from './model.ts';
import { hourOf, type ModelOrder } from './modelTotals.ts';
import { orderBody, orderOf } from './orderMessage.ts';

const EXAMPLE = orderOf(orderBody());
/** Around the borders of what a short record of the ledger holds, and what an order may be worth. */
const CENTS = [0, 1, 99, 100, 9_999, 2 ** 24 - 1, 2 ** 24, 100_000_000_000];
const DAYS = ['1970-01-02', '2024-02-29', '2024-03-01', '2024-12-13'];
/** When orders were placed, in days before now: around the 29 days in which an unknown version counts, and ahead of now. */
const DAYS_AGO = [0, 1, 28, 30, 60, -1, -11, -60, -366];

/** An order, and whether a person decided that it counts though it is not known what it replaces. */
export type RandomOrder = Order & { readonly isAccepted?: boolean };

/** Counts orders as the worker does. @returns a verdict for each, in the same order */
export async function countRandom(
  redis: RedisClient,
  orders: readonly RandomOrder[],
  mode: Mode = 'count',
): Promise<Verdict[]> {
  const counting = new Counting(redis, mode);
  const verdicts = orders.map(({ isAccepted, ...order }) => counting.add(order, isAccepted));
  counting.flush();
  return Promise.all(verdicts);
}

/** What the model says of such an order. */
export const countInModel = (model: ShardModel, order: RandomOrder, now: number): ModelVerdict =>
  model.count(modelOrderOf(order), now, order.isAccepted);

export function modelOrderOf({ placed, items, ...order }: Order): ModelOrder {
  const content = order.isCancelled ? [placed.epoch] : [placed.epoch, order.cents, items];
  const seconds = Math.floor(Number(placed.epoch));
  return { ...order, hour: hourOf(seconds), placed: seconds, content: JSON.stringify(content) };
}

/** Order ids whose records are in the buckets of the first bases of a ledger. */
export function idsOfFewBuckets(count: number, bases: number): string[] {
  const ids: string[] = [];
  for (let n = 0; ids.length < count; n++) if (baseOf(`ORD${n}`) < bases) ids.push(`ORD${n}`);
  return ids;
}

/** An order that was placed at an instant, in seconds since 1970. */
export function orderAt(seconds: number, changes: Partial<Order> = {}): Order {
  const day = new Date(seconds * 1000).toISOString().slice(0, 10);
  return { ...EXAMPLE, placed: { epoch: `${seconds}`, day, hour: Math.floor(seconds / 3600) }, ...changes };
}

/**
 * An order of one of the ids: most often as before under that id, sometimes of another version, another content, another
 * user, or cancelled; placed on a day of any century, ahead of now, or around the end of the 30 days in which an order is
 * remembered.
 *
 * @param now seconds since 1970
 */
export function randomOrder(random: Random, ids: readonly string[], now: number): RandomOrder {
  const pick = <T>(list: readonly [T, ...T[]] | readonly T[], fallback: T): T =>
    list[pickNumber(random, list.length)] ?? fallback;
  const orderId = pick(ids, 'ORD');
  const [isOther, isLater] = [random() < 0.1, random() < 0.3];
  const recent = now - pick(DAYS_AGO, 0) * 86_400;
  const seconds = random() < 0.5 ? Math.floor(recent) : Date.parse(`${pick(DAYS, '2024-12-13')}T12:00:00Z`) / 1000;
  // What an id usually says follows from the id, so that it comes again.
  const number = Number(orderId.replace(/\D/g, ''));
  const usual = orderAt(Date.parse(`${DAYS[number % DAYS.length]}T12:00:00Z`) / 1000, {
    orderId,
    userId: `U${number % 7}`,
    cents: CENTS[number % CENTS.length] ?? 0,
  });
  if (!isOther && !isLater) return { ...usual, isAccepted: false };
  const version = isLater ? 1 + pickNumber(random, 4) : 1;
  const other = orderAt(seconds, {
    orderId,
    version,
    cents: pick(CENTS, 0),
    isCancelled: random() < 0.3,
  });
  const isAccepted = random() < 0.1;
  return { ...other, isAccepted, userId: random() < 0.15 ? `U${pickNumber(random, 7)}` : usual.userId };
}
