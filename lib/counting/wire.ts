import * as v from 'valibot';
import type { Order } from '../orders/order.ts';
import { type Judged, RESULT_BY_LETTER } from '../results.ts';
import {
  checkpointKey,
  globalDaysKey,
  globalHoursKey,
  globalMessagesKey,
  globalStatsKey,
  ledgerKey,
  type Shard,
  topUsersFloorKey,
  topUsersKey,
  userStatsKey,
} from '../stats/keys.ts';
import { RECORD_BYTES, writeRecord } from './ledgerRecord.ts';

/*
 * The input and the reply of the counting script.
 */

/**
 * - `count`: counts orders of messages
 * - `replay`: counts orders of the archive, see `Fence` in count.ts
 * - `look`: changes nothing, and returns what is counted of a known order
 * - `try`: like `look`, but fails if `count` would lack a permission
 */
export type Mode = 'count' | 'replay' | 'look' | 'try';

/**
 * What the script says of an order. An order is `unanswered` after an error of Redis or of the connection. It may have been
 * counted; counting it again is safe.
 */
export type Verdict =
  | { readonly kind: Exclude<Judged, 'corrupt'>; readonly known?: KnownOrder | undefined }
  | { readonly kind: 'corrupt'; readonly reason: string }
  | { readonly kind: 'unanswered'; readonly cause: unknown };

/** What is counted of an order. A cancelled one has no `cents` and no `day` (`YYYY-MM-DD`). */
type KnownOrder = {
  readonly version: number;
  readonly cents: number | undefined;
  readonly day: string | undefined;
  readonly isSameUser: boolean;
};

/** `isAccepted`: a person decided that this version counts, although nobody knows what it replaces. */
export type Countable = { readonly order: Order; readonly isAccepted: boolean };

/**
 * Bytes of an order: number of its user in the call, from 1 (2 bytes), base of its bucket (2), when it was placed in
 * seconds since 1970 (5), flags (1), and its record without the stamp.
 */
export const ORDER_BYTES = 10 + RECORD_BYTES.long - 1;

/** Flag of an order whose record is long. */
const LONG_FLAG = 1;
/** Flag of an order that is accepted, see {@link Countable}. */
export const ACCEPTED_FLAG = 2;

function writeOrder(buffer: Buffer, at: number, { order, isAccepted }: Countable, user: number): void {
  const { isLong, base } = writeRecord(buffer, at + 10, order);
  let next = buffer.writeUInt16BE(user, at);
  next = buffer.writeUInt16BE(base, next);
  next = buffer.writeUIntBE(Math.floor(Number(order.placed.epoch)), next, 5);
  buffer.writeUInt8((isLong ? LONG_FLAG : 0) + (isAccepted ? ACCEPTED_FLAG : 0), next);
}

/** KEYS of the script, its orders, and what they add to each key from `global:stats` on: to the hours apart from the others. */
export function scriptInput(
  shard: Shard,
  orders: readonly Countable[],
): { keys: string[]; wire: Buffer; sums: Buffer; hourSums: Buffer } {
  const keys = [
    ledgerKey(shard),
    topUsersKey(shard),
    topUsersFloorKey(shard),
    globalMessagesKey(shard),
    checkpointKey(shard),
    globalStatsKey(shard),
    globalDaysKey(shard),
    globalHoursKey(shard),
  ];
  const [months, days, hours]: [Sums<string>, Sums<string>, Sums<number>] = [[], [], []];
  const sums = [months, days, []];
  const users = new Map<string, number>();
  // Filled with zeros, because a short record leaves a gap.
  const wire = Buffer.alloc(orders.length * ORDER_BYTES);
  for (const [index, countable] of orders.entries()) {
    const { order } = countable;
    let user = users.get(order.userId);
    if (user === undefined) {
      user = users.size + 1;
      users.set(order.userId, user);
      keys.push(userStatsKey(shard, order.userId));
      sums.push([]);
    }
    writeOrder(wire, index * ORDER_BYTES, countable, user);
    if (order.isCancelled) continue;
    const { day, hour } = order.placed;
    const month = day.slice(0, 7);
    add(months, month, order.cents);
    add(days, day, order.cents);
    add(hours, hour, order.cents);
    add(sums[user + 2] ?? [], month, order.cents);
  }
  return { keys, wire, sums: writeSums(sums), hourSums: writeHours(hours) };
}

/** What orders add to the fields of a hash: months, days or hours. */
type Sums<Field> = { readonly field: Field; orders: number; cents: number }[];

function add<Field>(sums: Sums<Field>, field: Field, cents: number): void {
  const sum = sums.find((other) => other.field === field);
  if (sum) {
    sum.orders++;
    sum.cents += cents;
  } else {
    sums.push({ field, orders: 1, cents });
  }
}

/** Bytes of the largest sum: number of its key, length, a day, orders, cents. */
const SUM_BYTES = 2 + 1 + 10 + 2 + 6;

function writeSums(groups: readonly Sums<string>[]): Buffer {
  const fields = groups.reduce((sum, group) => sum + group.length, 0);
  const buffer = Buffer.allocUnsafe(fields * SUM_BYTES);
  let at = 0;
  for (const [index, group] of groups.entries()) {
    for (const { field, orders, cents } of group) {
      at = buffer.writeUInt16BE(index + 1, at);
      at = buffer.writeUInt8(field.length, at);
      at += buffer.write(field, at);
      at = buffer.writeUInt16BE(orders, at);
      at = buffer.writeUIntBE(cents, at, 6);
    }
  }
  return buffer.subarray(0, at);
}

const HOUR_BYTES = 4 + 2 + 6;

/** The latest hour first: the script reads none that is too old. */
function writeHours(hours: Sums<number>): Buffer {
  const buffer = Buffer.allocUnsafe(hours.length * HOUR_BYTES);
  let at = 0;
  for (const { field, orders, cents } of hours.sort((one, other) => other.field - one.field)) {
    at = buffer.writeUInt32BE(field, at);
    at = buffer.writeUInt16BE(orders, at);
    at = buffer.writeUIntBE(cents, at, 6);
  }
  return buffer;
}

const Reply = v.tuple([v.string(), v.array(v.string())]);

/**
 * Reads the reply of the script.
 *
 * @throws an error if it is not a reply for that many orders
 */
export function readReply(reply: unknown, expected: number, mode: Mode): Verdict[] {
  const [letters, details] = v.parse(Reply, reply);
  if (letters.length !== expected) throw new Error(`Redis answered for ${letters.length} of ${expected} orders`);
  const isLook = mode === 'look' || mode === 'try';
  let next = 0;
  return Array.from(letters, (letter): Verdict => {
    const kind = RESULT_BY_LETTER.get(letter);
    if (kind === undefined) throw new Error(`Redis answered with the verdict ${letter}`);
    if (kind === 'corrupt') return { kind, reason: details[next++] ?? 'unknown' };
    const isKnown = kind !== 'counted' && kind !== 'unknown';
    return isLook && isKnown ? { kind, known: readKnown(details[next++] ?? '') } : { kind };
  });
}

function readKnown(detail: string): KnownOrder {
  const [version, cents, day, sameUser] = detail.split(' ');
  const isCancelled = cents === '-';
  return {
    version: Number(version),
    cents: isCancelled ? undefined : Number(cents),
    day: isCancelled ? undefined : day,
    isSameUser: sameUser === '1',
  };
}
