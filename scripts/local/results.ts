import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import type { RedisClient } from '../../lib/redis/client.ts';
import { RedisConnection } from '../../lib/redis/connection.ts';
import { type MessageCounts, readMessages } from '../../lib/stats/messages.ts';
import type { Queue, SqsCall } from './queues.ts';
import { startPlainLines, startStatusLine } from './statusLine.ts';

/** Between two looks, in milliseconds. */
const INTERVAL = 500;
/** Between two lines where there is no terminal, in milliseconds. */
const PLAIN_INTERVAL = 60_000;
const LIMITS = { connectMs: 1000, commandMs: 1000 };

/** Where the results of messages are. */
export type ResultPlaces = { readonly redisUrl: string; readonly sqs: SqsCall; readonly orders: Queue };

/**
 * Shows in one line the results of messages since now: on a terminal rewritten in place, elsewhere once a minute where they
 * are new; and once more in the end. While Redis is away, the line stays as it is.
 *
 * @returns when the signal has fired
 */
export async function showResults({ redisUrl, sqs, orders }: ResultPlaces, signal: AbortSignal): Promise<void> {
  const connection = new RedisConnection(redisUrl, LIMITS);
  const { stdout, stderr } = process;
  const line = stdout.isTTY ? startStatusLine([stdout, stderr]) : startPlainLines(stdout, PLAIN_INTERVAL);
  let before: MessageCounts | undefined;
  let text = '';
  let redis: RedisClient | undefined;
  while (!signal.aborted) {
    try {
      redis = await connection.open();
      const { counts } = await readMessages(redis);
      before ??= counts;
      const deadLetters = orders.deadLetters ? await waitingIn(sqs, orders.deadLetters) : 0;
      text = describeResults(since(before, counts), await waitingIn(sqs, orders), deadLetters);
      line.show(text);
    } catch {
      // The functions report that Redis is away.
      if (redis) connection.drop(redis);
    }
    await sleep(INTERVAL, undefined, { signal }).catch(() => {});
  }
  line.stop();
  if (redis) connection.drop(redis);
  console.log(text);
}

const Attributes = v.object({ Attributes: v.record(v.string(), v.string()) });
const DEPTH = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];

async function waitingIn(sqs: SqsCall, { url }: Queue): Promise<number> {
  const answer = await sqs('GetQueueAttributes', { QueueUrl: url, AttributeNames: DEPTH });
  const { Attributes: depth } = v.parse(Attributes, answer);
  return DEPTH.reduce((sum, name) => sum + Number(depth[name]), 0);
}

const since = (before: MessageCounts, now: MessageCounts): MessageCounts => ({
  counted: now.counted - before.counted,
  revised: now.revised - before.revised,
  duplicates: now.duplicates - before.duplicates,
  superseded: now.superseded - before.superseded,
  conflicts: now.conflicts - before.conflicts,
  unknown: now.unknown - before.unknown,
  invalid: now.invalid - before.invalid,
  retried: now.retried - before.retried,
});

/** Each result that there was, and what is in both queues: `62 counted · 1 revised · 0 waiting · 5 dead letters`. */
export function describeResults({ counted, ...others }: MessageCounts, waiting: number, deadLetters: number): string {
  const parts: [string, number][] = [
    ['counted', counted],
    ...Object.entries(others).filter(([, count]) => count > 0),
    ['waiting', waiting],
    ['dead letters', deadLetters],
  ];
  return parts.map(([name, count]) => `${count.toLocaleString('en-US')} ${name}`).join(' · ');
}
