import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { chunksOf } from '../../lib/sqs/chunks.ts';
import { amend, cancel } from '../../scripts/shared/changeOrder.ts';
import { DAYS, generateMessages } from '../../scripts/shared/generator.ts';
import { makeOrder, today } from '../../scripts/shared/order.ts';
import { seededRandom } from '../../scripts/shared/random.ts';
import { table } from '../../scripts/shared/table.ts';
import { type Queue, type SqsCall, waitingIn } from './emulator.ts';

/** Parts of the running pipeline that the sample orders need. */
export type Running = { readonly apiUrl: string; readonly sqs: SqsCall; readonly orders: Queue };

export type SampleOrders = {
  readonly bodies: readonly string[];
  /** Later versions of two of them. */
  readonly amended: string;
  readonly cancelled: string;
  /** The file with all these messages. */
  readonly file: string;
};

const SAMPLES = { count: 60, users: 8, invalid: 0, duplicates: 0.1, seed: 1 };

/**
 * Makes sample orders, some of them twice. Their file, for `npm run verify`, is in the folder of the bundle. This process removes
 * that folder at exit; if it is killed, the next `npm start` does.
 */
export function sampleOrders(): SampleOrders {
  const series = { ...SAMPLES, day: today(), days: DAYS };
  const bodies = [...generateMessages(series)].map(({ body }) => body);
  const amended = JSON.stringify(amend(makeOrder(series, 1).order, seededRandom(SAMPLES.seed, 1)).order);
  const cancelled = JSON.stringify(cancel(makeOrder(series, 2).order).order);
  const file = relative('', join(import.meta.dirname, 'sample-orders.jsonl'));
  writeFileSync(file, `${[...bodies, amended, cancelled].join('\n')}\n`);
  return { bodies, amended, cancelled, file };
}

/**
 * Sends sample orders and waits for their results.
 *
 * @returns a table of the results, and the totals, as the API shows them
 * @throws an error when a part of the pipeline does not answer, or the signal fires
 */
export async function runSampleOrders(
  { bodies, amended, cancelled }: SampleOrders,
  running: Running,
  signal: AbortSignal,
): Promise<string> {
  const counted = await count(bodies, running, signal);
  // Sent last: a later version of an order from months ago counts only after the first one.
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

/** @returns what the messages added to the number of orders and to the revenue */
async function count(
  bodies: readonly string[],
  running: Running,
  signal: AbortSignal,
): Promise<{ orders: number; revenue: string }> {
  const before = await readTotals(running.apiUrl, signal);
  await send(running, bodies);
  while ((await waitingIn(running.sqs, running.orders)) > 0) await sleep(50, undefined, { signal });
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

async function send({ sqs, orders }: Running, bodies: readonly string[]): Promise<void> {
  for (const chunk of chunksOf(bodies)) {
    const entries = chunk.map((body, index) => ({ Id: `${index}`, MessageBody: body }));
    await sqs('SendMessageBatch', { QueueUrl: orders.url, Entries: entries });
  }
}
