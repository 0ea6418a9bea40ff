import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { RedisConnection } from '../../lib/redis/connection.ts';
import { redisHosts } from '../../lib/redis/url.ts';
import { type MessageCounts, readMessages } from '../../lib/stats/messages.ts';
import { readGlobalStats } from '../../lib/stats/read.ts';
import { CommandError } from '../shared/command.ts';
import { messages } from '../shared/message.ts';
import { redisProblem } from '../shared/places.ts';
import { findQueueUrl } from '../shared/sqs.ts';

/** What the pipeline has done so far, and how many messages still wait for it. */
export type State = {
  readonly waiting: number;
  readonly deadLetters: number;
  readonly orders: number;
  /** In currency units. */
  readonly revenue: number;
  /** Results of deliveries. */
  readonly results: MessageCounts;
};

/** Looks at queue, dead-letter queue and Redis. */
export type Watch = {
  readonly deadLetterQueue: string;
  /** The servers of Redis. */
  readonly redis: string;
  /** @throws what the SDK throws, or a {@link CommandError} that names the Redis that does not answer */
  read(): Promise<State>;
  close(): void;
};

const REDIS_LIMITS = { connectMs: 3000, commandMs: 10_000 };
const POLL_MS = 500;

const Policy = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ deadLetterTargetArn: v.pipe(v.string(), v.regex(/:[^:]+$/)) }),
);

/**
 * Opens what is needed to see the results of messages.
 *
 * @throws what the SDK throws, or a {@link CommandError} when the queue has no dead-letter queue
 */
export async function openWatch(client: SQSClient, queueUrl: string, redisUrl: string): Promise<Watch> {
  const { RedrivePolicy } = await attributesOf(client, queueUrl, ['RedrivePolicy']);
  const policy = v.safeParse(Policy, RedrivePolicy);
  if (!policy.success) throw new CommandError('--wait needs a queue with a dead-letter queue, and this one has none');
  const deadLetterQueue = policy.output.deadLetterTargetArn.replace(/^.*:/, '');
  const deadLettersUrl = await findQueueUrl(client, deadLetterQueue);
  const connection = new RedisConnection(redisUrl, REDIS_LIMITS);
  let close = () => {};
  return {
    deadLetterQueue,
    redis: redisHosts(redisUrl),
    // The queue first: what has left it by then is in what is read after it.
    async read() {
      const waiting = await countMessages(client, queueUrl);
      const deadLetters = await countMessages(client, deadLettersUrl);
      try {
        const redis = await connection.open();
        close = () => connection.drop(redis);
        const [{ total_orders: orders, total_revenue: revenue }, { counts: results }] = await Promise.all([
          readGlobalStats(redis),
          readMessages(redis),
        ]);
        return { waiting, deadLetters, orders, revenue, results };
      } catch (error) {
        throw new CommandError(`--wait needs Redis. ${redisProblem(redisUrl, error)}`);
      }
    },
    close: () => close(),
  };
}

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

async function countMessages(client: SQSClient, queueUrl: string): Promise<number> {
  const attributes = await attributesOf(client, queueUrl, COUNTS);
  return COUNTS.reduce((sum, name) => sum + Number(attributes[name] ?? 0), 0);
}

async function attributesOf<T extends 'RedrivePolicy' | (typeof COUNTS)[number]>(
  client: SQSClient,
  queueUrl: string,
  names: readonly T[],
): Promise<Partial<Record<T, string>>> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] }),
  );
  return Attributes;
}

/**
 * Waits until the queue is empty.
 *
 * @param settleMs - how long it has to stay empty: the counts of AWS are late
 * @param signal - ends the wait
 * @param show - called for every look
 * @returns what it saw last
 */
export async function waitUntilEmpty(
  watch: Watch,
  settleMs: number,
  signal: AbortSignal,
  show: (state: State) => void,
): Promise<State> {
  let emptySince: number | undefined;
  for (;;) {
    const state = await watch.read();
    show(state);
    if (state.waiting > 0) emptySince = undefined;
    else emptySince ??= performance.now();
    if (signal.aborted || (emptySince !== undefined && performance.now() - emptySince >= settleMs)) return state;
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
}

/**
 * Whether Redis holds results of messages that left the queue between two looks. If not, another Redis has them.
 *
 * @param sent - how many were sent between the two looks
 */
export function hasResults(before: State, after: State, sent: number): boolean {
  const names = ['counted', 'revised', 'duplicates', 'superseded', 'conflicts', 'unknown', 'invalid'] as const;
  return after.waiting >= before.waiting + sent || names.some((name) => after.results[name] !== before.results[name]);
}

/**
 * The results of messages, in lines of text.
 *
 * @param sent - how many were sent between the two looks
 */
export function describeResults(before: State, after: State, sent: number, deadLetterQueue: string): string {
  const orders = after.orders - before.orders;
  const dead = after.deadLetters - before.deadLetters;
  const grown = (name: keyof MessageCounts): number => after.results[name] - before.results[name];
  const lines = [
    `counted: ${orders} orders, ${(after.revenue - before.revenue).toFixed(2)} in all`,
    `revised or cancelled: ${messages(grown('revised'))}`,
    `duplicates or superseded: ${messages(grown('duplicates') + grown('superseded'))}`,
    // Redis has 8 deliveries for each of them.
    `in ${deadLetterQueue}: ${messages(dead)}${dead > 0 ? '; npm run dlq -- list shows why' : ''}`,
  ];
  if (after.waiting > 0) lines.push(`still waiting: ${messages(after.waiting)}`);
  if (before.waiting > 0) lines.push(`among these: ${messages(before.waiting)} that waited in the queue before`);
  if (grown('counted') + grown('revised') > before.waiting + sent)
    lines.push('These are more messages than were sent: others send orders at the same time');
  return lines.join('\n');
}
