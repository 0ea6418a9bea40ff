import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import getPort from 'get-port';
import * as v from 'valibot';
import { npmStart } from '../dev/servers/npmStart.ts';
import { findQueueUrl, sqsClient } from '../scripts/shared/sqs.ts';
import { type Add, inRounds, median, type Options, quantile } from './figures.ts';
import { makeLoad } from './load.ts';

const ORDERS = 200;

/**
 * Measures `npm start`: the seconds until its API answers, and, after the sample orders, the milliseconds from sending an order
 * until the API counts it, one order at a time.
 */
export async function measureStart({ rounds }: Options, add: Add): Promise<void> {
  await inRounds(rounds, add, async (add) => {
    const port = await getPort({ host: '127.0.0.1' });
    const api = `http://127.0.0.1:${port}`;
    const started = performance.now();
    const running = npmStart({}, ['--httpPort', `${port}`]);
    while (!(await answers(`${api}/health`))) await sleep(5);
    add('start', 'npm start', 'seconds', (performance.now() - started) / 1000);
    const times = await timesUntilCounted(api, (await running.addresses()).sqs);
    add('visible', 'npm start', 'median', median(times));
    add('visible', 'npm start', '99 %', quantile(times, 0.99));
    running.signal('SIGINT');
    await running.exitCode;
  });
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

const Stats = v.object({ total_orders: v.number() });

async function timesUntilCounted(api: string, endpoint: string): Promise<number[]> {
  const orders = async () => v.parse(Stats, await (await fetch(`${api}/stats/global`)).json()).total_orders;
  const sqs = sqsClient({ endpoint });
  const QueueUrl = await findQueueUrl(sqs, 'orders-queue');
  const times: number[] = [];
  const before = await orders();
  const bodies = makeLoad(ORDERS, 1).batches.flatMap(({ Records }) => Records.map(({ body }) => body));
  for (const [sent, MessageBody] of bodies.entries()) {
    const started = performance.now();
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    while ((await orders()) === before + sent);
    times.push(performance.now() - started);
  }
  sqs.destroy();
  return times;
}
