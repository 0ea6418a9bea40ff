import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisClient } from '../../lib/redis/client.ts';
import { RedisConnection } from '../../lib/redis/connection.ts';
import { readMessages } from '../../lib/stats/messages.ts';
import { type Queue, type SqsCall, waitingIn } from './emulator.ts';

const INTERVAL_MS = 500;
/** Between two lines where there is no terminal. */
const PLAIN_INTERVAL_MS = 60_000;
const LIMITS = { connectMs: 1000, commandMs: 1000 };

/**
 * The results that are final. The dead-letter queue counts the other messages: an invalid one, delivered 8 times, would
 * count 8 times here.
 */
const RESULTS = ['counted', 'revised', 'duplicates', 'superseded'] as const;

/** How many messages had each result. */
type Results = Readonly<Record<(typeof RESULTS)[number], number>>;

/** Where the results of messages are. */
export type ResultPlaces = { readonly redisUrl: string; readonly sqs: SqsCall; readonly orders: Queue };

/**
 * Shows the results of messages since now in one line: rewritten in place on a terminal, elsewhere once a minute where they
 * have changed; and once more at the end. While Redis is away, the line stays as it is.
 *
 * @returns when the signal has fired
 */
export async function showResults({ redisUrl, sqs, orders }: ResultPlaces, signal: AbortSignal): Promise<void> {
  const connection = new RedisConnection(redisUrl, LIMITS);
  const { stdout, stderr } = process;
  const line = stdout.isTTY ? startStatusLine([stdout, stderr]) : startPlainLines(stdout, PLAIN_INTERVAL_MS);
  let before: Results | undefined;
  const sum = { counted: 0, revised: 0, duplicates: 0, superseded: 0 };
  let text = '';
  let redis: RedisClient | undefined;
  while (!signal.aborted) {
    try {
      redis = await connection.open();
      const { counts } = await readMessages(redis);
      for (const name of RESULTS) sum[name] += increase(before?.[name] ?? counts[name], counts[name]);
      before = counts;
      const deadLetters = orders.deadLetters ? await waitingIn(sqs, orders.deadLetters) : 0;
      text = describeResults(sum, await waitingIn(sqs, orders), deadLetters);
      line.show(text);
    } catch {
      // The functions report that Redis is away.
      if (redis) connection.drop(redis);
    }
    await sleep(INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
  line.stop();
  if (redis) connection.drop(redis);
  console.log(text);
}

/** A Redis that was emptied meanwhile counts from zero again. */
const increase = (before: number, now: number): number => (now < before ? now : now - before);

const SEPARATOR = ' · ';

/** Counts of both queues, and each result that occurred: `0 waiting · 5 dead letters · 62 counted · 1 revised`. */
export function describeResults(results: Results, waiting: number, deadLetters: number): string {
  const shown = RESULTS.filter((name) => name === 'counted' || results[name] > 0);
  const parts: [string, number][] = [
    ['waiting', waiting],
    ['dead letters', deadLetters],
    ...shown.map((name): [string, number] => [name, results[name]]),
  ];
  return parts.map(([name, count]) => `${count.toLocaleString('en-US')} ${name}`).join(SEPARATOR);
}

/** Standard output or standard error, usually. */
export type Terminal = Writable & { readonly columns?: number };

/** The last line of a terminal, rewritten in place. */
export type StatusLine = {
  /** Leaves out the last parts where they do not fit into the line, rather than cut a number. */
  show(text: string): void;
  stop(): void;
};

const CLEAR = '\r\x1b[K';

/**
 * Keeps a line below everything that is written to a terminal: other output replaces the line, which is written again below.
 *
 * @param streams of one terminal; the line is written to the first
 */
export function startStatusLine(streams: readonly [Terminal, ...Terminal[]]): StatusLine {
  const [own] = streams;
  const write = own.write.bind(own);
  let line = '';
  const draw = () => {
    if (line) write(CLEAR + shorten(line, (own.columns ?? 80) - 1));
  };
  const restore = streams.map((stream) => {
    const original = stream.write;
    stream.write = function (this: Terminal, ...args: Parameters<Writable['write']>) {
      if (line) write(CLEAR);
      const isFree = original.apply(stream, args);
      // Not in the middle of a line.
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

const MORE = ' …';

function shorten(text: string, room: number): string {
  if (text.length <= room) return text;
  const end = text.lastIndexOf(SEPARATOR, room - MORE.length);
  return end > 0 ? text.slice(0, end) + MORE : text.slice(0, room);
}

/** Where there is no terminal: prints a new text as a line, at most one line per `pauseMs`. */
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
