import { SQSClient } from '@aws-sdk/client-sqs';
import { countOrders, defineCountingScript } from '../../lib/counting/count.ts';
import { scriptInput, type Verdict } from '../../lib/counting/wire.ts';
import { parseOrder } from '../../lib/orders/order.ts';
import { RedisConnection } from '../../lib/redis/connection.ts';
import { shardsOf } from '../../lib/stats/keys.ts';
import { DeadLetters } from '../../scripts/dlq/deadLetters.ts';
import type { Job } from '../../scripts/dlq/job.ts';
import { openLedger } from '../../scripts/dlq/ledger.ts';
import { purging } from '../../scripts/dlq/purge.ts';
import { acceptedUnknown, redrive, retryable } from '../../scripts/dlq/redrive.ts';
import { compareAll } from '../../scripts/verify/compare.ts';
import type { Difference } from '../../scripts/verify/differences.ts';
import type { RecountedOrder } from '../../scripts/verify/recountedOrder.ts';
import { RecountedTotals } from '../../scripts/verify/totals.ts';

/*
 * What operators do in the simulation: the commands of `npm run dlq` and `npm run verify`, without reading arguments and
 * printing.
 */

const QUEUE = 'orders-queue';
const DLQ = 'orders-queue-dlq';
const LIMITS = { connectMs: 3000, commandMs: 10_000 };

const redisUrl = process.env.REDIS_URL ?? '';

/** What an operator may do with the dead letters. */
export type Command =
  | 'redrive'
  | 'redrive --only retryable'
  | 'redrive --accept-unknown'
  | 'purge --only invalid'
  | 'purge';

/** Runs `npm run dlq -- <command>` to its end. */
export async function runDlq(command: Command): Promise<void> {
  const client = new SQSClient({});
  const from = new DeadLetters(client, `http://sqs/000000000000/${DLQ}`);
  const signal = new AbortController().signal;
  const ledger = openLedger(redisUrl, {});
  let job: Job | undefined;
  try {
    if (command === 'purge' || command === 'purge --only invalid') {
      const only = command === 'purge' ? {} : ({ only: 'invalid' } as const);
      job = await purging({ to: 'archive', ...only, dlq: DLQ, from, ledger });
    } else {
      const queues = { queue: QUEUE, dlq: DLQ };
      const accepted = command === 'redrive --accept-unknown' ? acceptedUnknown(ledger) : undefined;
      const choice = command === 'redrive --only retryable' ? retryable(ledger) : accepted;
      job = await redrive({ client, queues, from, signal, choice });
    }
    if (!job) return;
    for await (const letters of from.rounds(signal)) {
      await job.take(letters);
      if (job.isDone?.()) break;
    }
  } finally {
    await from.release();
    await job?.close?.();
    ledger.close();
  }
}

/** Looks each order up in the ledger on its own; none of the messages is invalid. */
export async function lookUp(bodies: readonly string[]): Promise<Verdict[]> {
  const connection = new RedisConnection(redisUrl, LIMITS, defineCountingScript);
  const redis = await connection.open();
  const orders = bodies.flatMap((body) => {
    const parsed = parseOrder(body);
    return parsed.ok ? [parsed.order] : [];
  });
  const verdicts = await countOrders(redis, orders, 'look');
  connection.drop(redis);
  return verdicts;
}

/** What a call of the counting script says of the only order in it. */
export function writeCall(body: string): Buffer {
  const parsed = parseOrder(body);
  if (!parsed.ok) throw new Error(`${body} is invalid`);
  return scriptInput('', [{ order: parsed.order, isAccepted: false }]).wire;
}

/** Compares Redis with orders as `npm run verify` does. */
export async function verify(orders: readonly Omit<RecountedOrder, 'content'>[]): Promise<Difference[]> {
  const connection = new RedisConnection(redisUrl, LIMITS);
  const redis = await connection.open();
  const totals = new RecountedTotals(shardsOf(redis));
  for (const order of orders) totals.add(order.orderId, order);
  const differences = await compareAll(redis, totals, () => {});
  connection.drop(redis);
  return differences;
}
