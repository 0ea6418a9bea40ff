import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { tryServer } from '../../lib/redis/client.ts';
import { RedisConnection } from '../../lib/redis/connection.ts';
import { redisName } from '../../lib/redis/url.ts';
import { type MessageCounts, readMessages } from '../../lib/stats/messages.ts';
import { readGlobalStats } from '../../lib/stats/read.ts';
import { isThisMachine } from '../shared/aws.ts';
import { CommandError } from '../shared/command.ts';
import { messages } from '../shared/message.ts';
import { type QueuePlace, redisProblem } from '../shared/places.ts';
import { stepLines } from '../shared/progress.ts';
import { findQueueUrl } from '../shared/sqs.ts';

/** What the pipeline has done, and how many messages still wait for it. */
export type State = {
  readonly waiting: number;
  readonly deadLetters: number;
  readonly orders: number;
  /** In currency units. */
  readonly revenue: number;
  /** Results of deliveries. */
  readonly results: MessageCounts;
};

/** Reads the queue, its dead-letter queue and Redis. */
export type Watch = {
  readonly deadLetterQueue: string;
  /** The Redis for people, without a password. */
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
    redis: redisName(redisUrl),
    // The queue first: Redis, read later, has the results of what has left it.
    async read() {
      const waiting = await countMessages(client, queueUrl);
      const deadLetters = await countMessages(client, deadLettersUrl);
      try {
        const redis = await connection.open();
        close = () => connection.drop(redis);
        await tryServer(redis);
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

/** How long the queue has to stay empty, in milliseconds. AWS says that its counts are right after a minute. */
const SETTLE = { emulator: 1000, aws: 60_000 };

/**
 * Waits until the queue is empty, or the signal fires.
 *
 * @param sent how many messages were sent since `before`
 * @returns their results, in lines of text
 * @throws a {@link CommandError} when this Redis saw none of them
 */
export async function waitForResults(
  watch: Watch,
  before: State,
  sent: number,
  { queue, endpoint, signal }: QueuePlace & { readonly signal: AbortSignal },
): Promise<string> {
  const isEmulator = endpoint && isThisMachine(new URL(endpoint).hostname);
  const settleMs = isEmulator ? SETTLE.emulator : SETTLE.aws;
  const show = stepLines(process.stderr);
  let emptySince: number | undefined;
  for (;;) {
    const after = await watch.read();
    if (after.waiting > 0) {
      show(() => `${queue}: ${messages(after.waiting)} waiting`);
      emptySince = undefined;
    } else emptySince ??= performance.now();
    if (signal.aborted || (emptySince !== undefined && performance.now() - emptySince >= settleMs)) {
      if (hasResults(before, after, sent)) return describeResults(before, after, sent, watch.deadLetterQueue);
      throw new CommandError(
        `Redis ${watch.redis} saw none of these messages: name the one that the functions use with --redis`,
      );
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
}

const RESULTS = ['counted', 'revised', 'duplicates', 'superseded', 'conflicts', 'unknown', 'invalid'] as const;

/** Whether Redis holds results of messages that left the queue between two looks. */
const hasResults = (before: State, after: State, sent: number): boolean =>
  after.waiting >= before.waiting + sent || RESULTS.some((name) => after.results[name] !== before.results[name]);

function describeResults(before: State, after: State, sent: number, deadLetterQueue: string): string {
  const dead = after.deadLetters - before.deadLetters;
  const grown = (name: keyof MessageCounts): number => after.results[name] - before.results[name];
  const lines = [
    `counted: ${messages(grown('counted'))}`,
    `revised or cancelled: ${messages(grown('revised'))}`,
    `duplicates or superseded: ${messages(grown('duplicates') + grown('superseded'))}`,
    // Not from Redis, which counts 8 deliveries of each.
    `in ${deadLetterQueue}: ${messages(dead)}${dead > 0 ? '; npm run dlq -- list shows why' : ''}`,
  ];
  if (after.waiting > 0) lines.push(`still waiting: ${messages(after.waiting)}`);
  if (before.waiting > 0) lines.push(`among these: ${messages(before.waiting)} that waited in the queue before`);
  lines.push(describeTotals(after.orders - before.orders, after.revenue - before.revenue));
  if (grown('counted') + grown('revised') > before.waiting + sent)
    lines.push('More messages than were sent: others send orders at the same time');
  return lines.join('\n');
}

/** Less than the counted messages where orders were cancelled, and negative where these had been counted before. */
function describeTotals(orders: number, revenue: number): string {
  const sign = (change: number) => (change < 0 ? '' : '+');
  const unit = Math.abs(orders) === 1 ? 'order' : 'orders';
  return `totals: ${sign(orders)}${orders} ${unit}, ${sign(revenue)}${revenue.toFixed(2)}`;
}
