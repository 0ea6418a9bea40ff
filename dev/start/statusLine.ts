import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import type { RedisClient } from '../../lib/redis/client.ts';
import { RedisConnection } from '../../lib/redis/connection.ts';
import { readMessages } from '../../lib/stats/messages.ts';
import type { Queue, SqsCall } from './queues.ts';

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
  let before: Results | undefined;
  let sum = NOTHING;
  let text = '';
  let redis: RedisClient | undefined;
  while (!signal.aborted) {
    try {
      redis = await connection.open();
      const { counts } = await readMessages(redis);
      sum = add(sum, since(before ?? counts, counts));
      before = counts;
      const deadLetters = orders.deadLetters ? await waitingIn(sqs, orders.deadLetters) : 0;
      text = describeResults(sum, await waitingIn(sqs, orders), deadLetters);
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

/**
 * What a message ends as that does not stay: those in the dead-letter queue are counted there. Invalid ones, delivered 8
 * times each, would be 8 times as many here.
 */
const RESULTS = ['counted', 'revised', 'duplicates', 'superseded'] as const;

/** How many messages had each result. */
type Results = Readonly<Record<(typeof RESULTS)[number], number>>;

const NOTHING: Results = { counted: 0, revised: 0, duplicates: 0, superseded: 0 };

const add = (one: Results, other: Results): Results => each((name) => one[name] + other[name]);

/** A Redis that was emptied meanwhile counts from zero again. */
const since = (before: Results, now: Results): Results =>
  each((name) => (now[name] < before[name] ? now[name] : now[name] - before[name]));

const each = (of: (name: keyof Results) => number): Results => ({
  counted: of('counted'),
  revised: of('revised'),
  duplicates: of('duplicates'),
  superseded: of('superseded'),
});

/** What is in both queues, and each result that there was: `0 waiting · 5 dead letters · 62 counted · 1 revised`. */
export function describeResults(results: Results, waiting: number, deadLetters: number): string {
  const parts: [string, number][] = [
    ['waiting', waiting],
    ['dead letters', deadLetters],
    ...RESULTS.map((name): [string, number] => [name, results[name]]).filter(
      ([name, count]) => name === 'counted' || count > 0,
    ),
  ];
  return parts.map(([name, count]) => `${count.toLocaleString('en-US')} ${name}`).join(' · ');
}

/** A stream of the terminal, usually standard output or standard error. */
export type Terminal = Writable & { readonly columns?: number };

/** The last line of a terminal, rewritten in place. */
export type StatusLine = {
  /** Shows another text; what does not fit into the line is cut off. */
  show(text: string): void;
  /** Takes the line away. */
  stop(): void;
};

const CLEAR = '\r\x1b[K';

/**
 * Keeps a line below all that is written to a terminal: whatever goes through one of the streams is written in its place,
 * and the line again below it.
 *
 * @param streams of one terminal; the line is written to the first
 */
export function startStatusLine(streams: readonly [Terminal, ...Terminal[]]): StatusLine {
  const [own] = streams;
  const write = own.write.bind(own);
  let line = '';
  const draw = () => {
    if (line) write(CLEAR + line.slice(0, (own.columns ?? 80) - 1));
  };
  const restore = streams.map((stream) => {
    const original = stream.write;
    stream.write = function (this: Terminal, ...args: Parameters<Writable['write']>) {
      if (line) write(CLEAR);
      const isFree = original.apply(stream, args);
      // In the middle of a line, it waits for the next text.
      if (String(args[0]).endsWith('\n')) draw();
      return isFree;
    } as Writable['write'];
    return () => {
      stream.write = original;
    };
  });
  return {
    show(text) {
      line = text;
      draw();
    },
    stop() {
      if (line) write(CLEAR);
      for (const undo of restore) undo();
    },
  };
}

/**
 * What {@link startStatusLine} is where there is no terminal: a line of its own for a text that is new, and after it none
 * for so many milliseconds.
 */
export function startPlainLines(stream: Writable, pauseMs: number): StatusLine {
  let shown = '';
  let next = Date.now() + pauseMs;
  return {
    show(text) {
      if (text === shown || Date.now() < next) return;
      stream.write(`${text}\n`);
      shown = text;
      next = Date.now() + pauseMs;
    },
    stop() {},
  };
}
