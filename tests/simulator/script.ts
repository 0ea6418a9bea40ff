import { ORDER_BYTES } from '../../lib/counting/wire.ts';
import type { Verdict } from '../support/model.ts';
import type { ModelOrder } from '../support/modelTotals.ts';
import { prefixOf } from '../support/storedContent.ts';
import type { OperatorCode } from './code.ts';
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

/** What an order is recognized by in a call: one from the archive must look like the one in the message. */
export class Records {
  readonly #orders = new Map<string, ModelOrder>();

  /** @param read gives what a call says of the order of a message */
  constructor(private readonly read: OperatorCode['writeCall']) {}

  /** To be called when a message is sent. */
  add({ body, order }: SentMessage): void {
    if (order) this.#orders.set(recordsIn(this.read(body))[0] ?? '', order);
  }

  /** The orders of a call; undefined for one that nobody has sent. */
  ordersOf(wire: Buffer): (ModelOrder | undefined)[] {
    return recordsIn(wire).map((record) => this.#orders.get(record));
  }
}

/** The orders of a call, without the number of the user, which is another one in each call. */
const recordsIn = (wire: Buffer): string[] =>
  Array.from({ length: wire.length / ORDER_BYTES }, (_, n) =>
    wire.toString('latin1', n * ORDER_BYTES + 2, (n + 1) * ORDER_BYTES),
  );
