import { MessageFailure, type Outcome, resultOf } from '../../lib/batch/outcome.ts';
import { type BatchOptions, processBatch } from '../../lib/batch/processBatch.ts';
import { defineCountingScript } from '../../lib/counting/count.ts';
import { RedisConnection } from '../../lib/redis/connection.ts';
import type { Settled } from './expectModel.ts';
import { messagesOf } from './queueMessages.ts';

/** Time limits as the worker has them. */
export const LIMITS = { connectMs: 1000, commandMs: 1000 };

/** A connection as a worker has one. */
export const connectTo = ({ url }: { readonly url: string }): RedisConnection =>
  new RedisConnection(url, LIMITS, defineCountingScript);

/** Delivers messages as one batch. */
export async function deliver(
  connection: RedisConnection,
  bodies: readonly string[],
  options?: BatchOptions,
): Promise<Outcome[]> {
  const { processed } = await processBatch(messagesOf(bodies), connection, options);
  return processed.map(({ outcome }) => outcome);
}

/** The result of each message in one word. */
export const fatesOf = (outcomes: readonly Outcome[]): string[] => outcomes.map(resultOf);

/** Delivers messages again and again until each is counted or never will be. */
export async function settle(connection: RedisConnection, bodies: readonly string[]): Promise<Settled[]> {
  const settled: Settled[] = [];
  let waiting = bodies;
  while (waiting.length > 0) {
    const retried: string[] = [];
    const outcomes = await deliver(connection, waiting);
    for (const [n, body] of waiting.entries()) {
      const outcome = outcomes[n];
      if (!(outcome instanceof MessageFailure)) settled.push({ body, fate: 'counted' });
      else if (outcome.isPermanent) settled.push({ body, fate: 'rejected' });
      else retried.push(body);
    }
    waiting = retried;
  }
  return settled;
}
