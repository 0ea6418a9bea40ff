import { pickNumber, type Random } from '../../scripts/shared/random.ts';
import { hourOf, type ModelOrder } from '../support/modelTotals.ts';
import { shuffled } from './queue.ts';

/** A message and its order; no order if it is invalid. */
export type SentMessage = {
  readonly id: string;
  /** When, in milliseconds since the beginning. */
  readonly at: number;
  readonly kind: 'order' | 'duplicate' | 'conflict' | 'revision' | 'cancellation' | 'invalid';
  readonly body: string;
  readonly order: ModelOrder | undefined;
};

/** How many orders a shop sends, when, and from how many users. */
export type Traffic = {
  readonly start: number;
  readonly orders: number;
  readonly users: number;
  /** When the n-th order is sent, in milliseconds since the beginning. */
  readonly timeOf: (random: Random) => number;
  /** Longest delay of an order's later messages. */
  readonly spread: number;
};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** All messages of a schedule, in the order in which they are sent. */
export function generateMessages(traffic: Traffic, random: Random): SentMessage[] {
  const messages: Omit<SentMessage, 'id'>[] = [];
  for (let n = 0; n < traffic.orders; n++) {
    const at = traffic.timeOf(random);
    const later = () => at + Math.floor(random() ** 3 * traffic.spread);
    if (random() < 0.08)
      messages.push({ at, kind: 'invalid', body: invalidBody(n, traffic, at, random), order: undefined });
    messages.push(...versionsOf(n, traffic, at, later, random));
  }
  return messages.sort((a, b) => a.at - b.at).map((message, n) => ({ ...message, id: `m${n}` }));
}

type Draft = {
  readonly orderId: string;
  readonly userId: string;
  readonly version: number;
  readonly isCancelled: boolean;
  /** Milliseconds since 1970. */
  readonly placed: number;
  readonly lines: readonly { productId: string; quantity: number; micros: number }[];
};

function versionsOf(
  n: number,
  traffic: Traffic,
  at: number,
  later: () => number,
  random: Random,
): Omit<SentMessage, 'id'>[] {
  const first = newDraft(`ORD${n}`, traffic, at, random);
  const all: Omit<SentMessage, 'id'>[] = [{ at, kind: 'order', ...written(first, random) }];
  let highest = first;
  if (random() < 0.2) {
    const times = [at, ...Array.from({ length: 1 + pickNumber(random, 3) }, later)];
    const versions: Draft[] = [first];
    for (let m = 1; m < times.length; m++) {
      const draft = newDraft(first.orderId, traffic, at, random);
      // The contract wants one timestamp for all versions; some shops date each version.
      const other = random() < 0.8 ? { ...draft, placed: first.placed } : draft;
      const isCancelled = random() < 0.35;
      highest = { ...other, userId: first.userId, version: highest.version + 1 + pickNumber(random, 3), isCancelled };
      versions.push(highest);
    }
    // Usually in version order.
    const order = random() < 0.3 ? shuffled(times, random) : times.sort((a, b) => a - b);
    all.length = 0;
    for (const [m, draft] of versions.entries()) {
      const kind = draft.isCancelled ? 'cancellation' : m === 0 ? 'order' : 'revision';
      all.push({ at: order[m] ?? at, kind, ...written(draft, random) });
    }
  }
  if (random() < 0.15) {
    const again = random() < 0.5 ? first : highest;
    all.push({ at: later(), kind: 'duplicate', ...written(again, random) });
  }
  if (random() < 0.05) {
    const conflict = conflictWith(highest, newDraft(first.orderId, traffic, at, random), random);
    all.push({ at: later(), kind: 'conflict', ...written(conflict, random) });
  }
  return all;
}

/** An order that differs from one of the same version in its user, its time, its items, or in all of them. */
function conflictWith(order: Draft, other: Draft, random: Random): Draft {
  const [first, ...rest] = order.lines;
  switch (pickNumber(random, 4)) {
    case 0:
      return { ...order, userId: other.userId };
    case 1:
      return { ...order, placed: other.placed };
    case 2:
      return { ...order, lines: first ? [{ ...first, productId: `${first.productId}X` }, ...rest] : [] };
    default:
      return { ...other, version: order.version, userId: order.userId };
  }
}

function newDraft(orderId: string, { start, users }: Traffic, at: number, random: Random): Draft {
  const chance = random();
  // Placed in the last 12 hours; sometimes near the 30-day limit, long ago, or in the future.
  let ago = random() * 12 * HOUR;
  if (chance < 0.06) ago = (28 + 4 * random()) * DAY;
  else if (chance < 0.1) ago = random() * 9000 * DAY;
  else if (chance < 0.2) ago = random() * -366 * DAY;
  return {
    orderId,
    userId: `U${Math.floor(random() ** 2 * users)}`,
    version: 1,
    isCancelled: false,
    placed: Math.floor(start + at - ago),
    lines: Array.from({ length: 1 + pickNumber(random, 3) }, (_, line) => ({
      productId: `P${line}`,
      quantity: 1 + pickNumber(random, 5),
      micros: pickPrice(random),
    })),
  };
}

/** In millionths. Few distinct prices, so that users tie; some have fractions of a cent, some are large. */
function pickPrice(random: Random): number {
  const chance = random();
  if (chance < 0.3) return (1 + pickNumber(random, 3)) * 10_000_000;
  if (chance < 0.5) return pickNumber(random, 90_000_000);
  return chance < 0.55 ? pickNumber(random, 5_000_000) * 10_000_000 : pickNumber(random, 20_000) * 10_000;
}

/** The message of an order, in one of several equivalent forms. */
function written(draft: Draft, random: Random): { body: string; order: ModelOrder } {
  const { orderId, userId, version, isCancelled, placed, lines } = draft;
  let micros = 0n;
  for (const line of lines) micros += BigInt(line.quantity) * BigInt(line.micros);
  const cents = isCancelled ? 0 : Number((micros + 5000n) / 10_000n);
  const fields: [string, unknown][] = [
    ['order_id', orderId],
    ['user_id', userId],
    ['order_timestamp', timestamp(placed, random)],
  ];
  if (version > 1 || random() < 0.2) fields.push(['order_version', version]);
  if (isCancelled) fields.push(['order_status', 'cancelled']);
  if (!isCancelled || random() < 0.3) {
    const items = lines.map((line) => ({
      product_id: line.productId,
      quantity: line.quantity,
      price_per_unit: line.micros / 1_000_000,
    }));
    fields.push(['order_value', Number((micros + 5000n) / 10_000n) / 100], ['items', items]);
  }
  if (random() < 0.5) fields.push(['shipping_address', '123 Main St, Springfield']);
  const body = JSON.stringify(Object.fromEntries(random() < 0.3 ? shuffled(fields, random) : fields));
  const order: ModelOrder = {
    orderId,
    userId,
    version,
    isCancelled,
    cents,
    hour: hourOf(placed / 1000),
    placed: Math.floor(placed / 1000),
    content: JSON.stringify(
      isCancelled ? [placed] : [placed, lines.map(({ productId, quantity, micros }) => [productId, quantity, micros])],
    ),
  };
  return { body, order };
}

function timestamp(ms: number, random: Random): string {
  if (random() < 0.7) return new Date(ms).toISOString();
  const hours = pickNumber(random, 12);
  const sign = random() < 0.5 ? -1 : 1;
  const local = new Date(ms + sign * hours * HOUR).toISOString().slice(0, -1);
  return `${local}${sign < 0 ? '-' : '+'}${`${hours}`.padStart(2, '0')}:00`;
}

/** Each breaks one rule of an order. */
const SPOILT: readonly ((order: Record<string, unknown>) => unknown)[] = [
  (order) => ({ ...order, order_id: undefined }),
  (order) => ({ ...order, order_id: '' }),
  (order) => ({ ...order, user_id: 'two words' }),
  (order) => ({ ...order, user_id: 'U'.repeat(129) }),
  (order) => ({ ...order, order_value: Number(order.order_value) + 0.01 }),
  (order) => ({ ...order, order_value: `${order.order_value}` }),
  (order) => ({ ...order, order_value: Number(order.order_value) + 0.001 }),
  (order) => ({ ...order, items: [] }),
  (order) => ({ ...order, items: [{ product_id: 'P1', quantity: 0, price_per_unit: 1 }] }),
  (order) => ({ ...order, order_timestamp: '2026-02-30T10:00:00Z' }),
  (order) => ({ ...order, order_timestamp: '2026-02-20T10:00:00' }),
  (order) => ({ ...order, order_version: 0 }),
  (order) => ({ ...order, order_version: 1.5 }),
  (order) => ({ ...order, order_status: 'refunded' }),
  () => 'no object',
  () => [],
  () => null,
];

function invalidBody(n: number, traffic: Traffic, at: number, random: Random): string {
  const { body } = written(newDraft(`BAD${n}`, traffic, at, random), random);
  if (random() < 0.1) return body.slice(0, -1 - pickNumber(random, body.length - 1));
  const spoil = SPOILT[pickNumber(random, SPOILT.length)];
  return JSON.stringify(spoil?.(JSON.parse(body)));
}
