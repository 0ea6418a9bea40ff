import { writeRecord } from '../../lib/counting/ledgerRecord.ts';
import { ORDER_BYTES } from '../../lib/counting/wire.ts';
import { parseOrder } from '../../lib/orders/order.ts';
import type { Verdict } from '../support/model.ts';
import type { ModelOrder } from '../support/modelTotals.ts';
import { prefixOf } from '../support/storedContent.ts';
import type { SentMessage } from './messages.ts';

/*
 * The counting script as the simulation sees it: what it is called with, and what it answers.
 */

/** Errors of a Redis that cannot count now. */
export const NOT_NOW = /LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM|MISCONF|NOREPLICAS|MOVED|ASK|NOSCRIPT/;

/** The meaning of the letters in its reply. */
export const VERDICTS: Readonly<Record<string, Verdict>> = {
  n: 'counted',
  r: 'revised',
  d: 'duplicate',
  s: 'superseded',
  c: 'conflict',
  u: 'unknown',
};

/** A call of a script: its shard, by the prefix of the keys, and the rest. */
export type Call = { readonly prefix: string; readonly keys: readonly string[]; readonly args: readonly Buffer[] };

/** The call in a request to Redis; undefined if it calls no script. */
export function callIn([command, , keyCount, ...rest]: readonly Buffer[]): Call | undefined {
  if (!/^EVAL/i.test(`${command}`)) return undefined;
  const keys = rest.slice(0, Number(keyCount)).map(String);
  return { prefix: prefixOf(keys[0] ?? ''), keys, args: rest.slice(Number(keyCount)) };
}

/** Where the record of an order begins. */
const RECORD_AT = 10;

/** Recognizes orders in calls of the counting script by their records: an order from the archive must have the same. */
export class Records {
  readonly #orders = new Map<string, ModelOrder>();

  constructor(messages: readonly SentMessage[]) {
    for (const { body, order } of messages) {
      const parsed = parseOrder(body);
      if (!order || !parsed.ok) continue;
      const record = Buffer.alloc(ORDER_BYTES - RECORD_AT);
      writeRecord(record, 0, parsed.order);
      this.#orders.set(record.toString('latin1'), order);
    }
  }

  /** The orders of a call; undefined for one that nobody has sent. */
  ordersOf(wire: Buffer): (ModelOrder | undefined)[] {
    return Array.from({ length: wire.length / ORDER_BYTES }, (_, n) =>
      this.#orders.get(wire.toString('latin1', n * ORDER_BYTES + RECORD_AT, (n + 1) * ORDER_BYTES)),
    );
  }
}
