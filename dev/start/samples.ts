import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { chunksOf } from '../../lib/sqs/chunks.ts';
import { amend, cancel } from '../../scripts/shared/changeOrder.ts';
import { DAYS, generateMessages } from '../../scripts/shared/generator.ts';
import { makeOrder, today } from '../../scripts/shared/order.ts';
import { seededRandom } from '../../scripts/shared/random.ts';
import { table } from '../../scripts/shared/table.ts';
import type { Queue, QueueServer } from './queues.ts';

/** What of the running pipeline the sample orders need. */
export type Running = { readonly apiUrl: string; readonly server: QueueServer; readonly orders: Queue };

/** Messages, one of an order that is amended, one of an order that is cancelled, and the file that holds all of them. */
export type SampleOrders = {
  readonly bodies: readonly string[];
  readonly amended: string;
  readonly cancelled: string;
  readonly file: string;
};

const SAMPLES = { count: 60, users: 8, invalid: 0, duplicates: 0.1, seed: 1 };

/** Makes sample orders, some twice, one amended and one cancelled; their file is there as long as this process, for `npm run verify`. */
export function sampleOrders(): SampleOrders {
  const series = { ...SAMPLES, day: today(), days: DAYS };
  const bodies = [...generateMessages(series)].map(({ body }) => body);
  const amended = JSON.stringify(amend(makeOrder(series, 1).order, seededRandom(SAMPLES.seed, 1)).order);
  const cancelled = JSON.stringify(cancel(makeOrder(series, 2).order).order);
  const file = join(tmpdir(), `orders-samples-${process.pid}.jsonl`);
  writeFileSync(file, `${[...bodies, amended, cancelled].join('\n')}\n`);
  process.once('exit', () => rmSync(file, { force: true }));
  return { bodies, amended, cancelled, file };
}

/**
 * Sends sample orders, and waits until the pipeline has dealt with all of them.
 *
 * @returns a table of their results, and what counts in the end, as the API shows them
 * @throws an error when a part of the pipeline does not answer, or the signal fires
 */
export async function runSampleOrders(
  { bodies, amended, cancelled }: SampleOrders,
  running: Running,
  signal: AbortSignal,
): Promise<string> {
  const counted = await count(bodies, running, signal);
  // Not before their first versions are counted: a version that comes before the first one of an old order is not.
  const revision = await count([amended], running, signal);
  const cancellation = await count([cancelled], running, signal);

  const rows = [
    [counted.orders, 'counted', `valid orders, ${counted.revenue} in all`],
    [bodies.length - counted.orders, 'ignored', 'counted before, with the same content'],
    [1, 'revised', `order_version 2 counts in place of the first: ${revision.revenue}`],
    [1, 'cancelled', `order_version 2 is cancelled: ${cancellation.orders} order, ${cancellation.revenue}`],
  ];
  const results = table(
    ['messages', 'result', 'reason'],
    rows.map((row) => row.map(String)),
    process.stdout.columns,
  );
  const { total_orders, total_revenue } = await readTotals(running.apiUrl, signal);
  return `${results}\n${bodies.length + 2} sample messages were sent: ${total_orders} orders count, ${total_revenue.toFixed(2)} in all.`;
}

/** Sends messages and waits for their results. @returns what they added to the number of orders and to the revenue */
async function count(
  bodies: readonly string[],
  running: Running,
  signal: AbortSignal,
): Promise<{ orders: number; revenue: string }> {
  const before = await readTotals(running.apiUrl, signal);
  await send(running, bodies);
  await drained(running, signal);
  const after = await readTotals(running.apiUrl, signal);
  return {
    orders: after.total_orders - before.total_orders,
    revenue: (after.total_revenue - before.total_revenue).toFixed(2),
  };
}

const GlobalStats = v.object({ total_orders: v.number(), total_revenue: v.number() });

async function readTotals(apiUrl: string, signal: AbortSignal): Promise<v.InferOutput<typeof GlobalStats>> {
  const response = await fetch(`${apiUrl}/stats/global`, { signal });
  return v.parse(GlobalStats, await response.json());
}

async function send({ server, orders }: Running, bodies: readonly string[]): Promise<void> {
  for (const chunk of chunksOf(bodies)) {
    const entries = chunk.map((body, index) => ({ Id: `${index}`, MessageBody: body }));
    await server.sqs.send(new SendMessageBatchCommand({ QueueUrl: orders.url, Entries: entries }));
  }
}

/** Resolves when the queue holds no message any more, visible or not. */
async function drained({ server, orders }: Running, signal: AbortSignal): Promise<void> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  for (;;) {
    const command = new GetQueueAttributesCommand({ QueueUrl: orders.url, AttributeNames: [...names] });
    const { Attributes = {} } = await server.sqs.send(command, { abortSignal: signal });
    if (names.every((name) => Attributes[name] === '0')) return;
    await sleep(50, undefined, { signal });
  }
}
