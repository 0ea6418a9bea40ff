import { type Outcome, resultOf } from '../../../lib/batch/outcome.ts';
import { type BatchOptions, processBatch } from '../../../lib/batch/processBatch.ts';
import type { RedisConnection } from '../../../lib/redis/connection.ts';
import type { Settled } from '../../support/expectModel.ts';
import { messagesOf } from '../../support/queueMessages.ts';

/** Delivers messages as one batch. */
export async function deliver(
  connection: RedisConnection,
  bodies: readonly string[],
  options?: BatchOptions,
): Promise<Outcome[]> {
  const { processed } = await processBatch(messagesOf(bodies), connection, options);
  return processed.map(({ outcome }) => outcome);
}

/** Fates of messages that are deleted. */
const DONE = ['counted', 'revised', 'duplicate', 'superseded'];

/** The result of each message, in one word: one of these, or the kind of its failure. */
export const fatesOf = (outcomes: readonly Outcome[]): string[] => outcomes.map(resultOf);

/** Delivers messages again and again until each is counted or never will be. */
export async function settle(connection: RedisConnection, bodies: readonly string[]): Promise<Settled[]> {
  const settled: Settled[] = [];
  let waiting = bodies;
  while (waiting.length > 0) {
    const fates = fatesOf(await deliver(connection, waiting));
    const isRetried = (n: number) => fates[n] === 'transient';
    for (const [n, body] of waiting.entries()) {
      if (isRetried(n)) continue;
      settled.push({ body, fate: DONE.includes(fates[n] ?? '') ? 'counted' : 'rejected' });
    }
    waiting = waiting.filter((_, n) => isRetried(n));
  }
  return settled;
}
