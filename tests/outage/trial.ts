import { setTimeout as sleep } from 'node:timers/promises';
import { resultOf } from '../../lib/batch/outcome.ts';
import { processBatch } from '../../lib/batch/processBatch.ts';
import type { Confirmation } from '../../lib/counting/confirm.ts';
import { defineCountingScript } from '../../lib/counting/count.ts';
import { RedisConnection } from '../../lib/redis/connection.ts';
import type { Random } from '../../scripts/shared/random.ts';
import { orderBody } from '../support/orderMessage.ts';
import { messagesOf } from '../support/queueMessages.ts';
import type { Setup } from './setups.ts';

/** What one kill has lost. */
export type Loss = {
  /** Orders whose messages SQS would have deleted when the primary died. */
  readonly acknowledged: number;
  /** How many of them what took over does not know. */
  readonly lost: number;
  /** How long before the kill the oldest of those was acknowledged, in milliseconds; 0 where none is lost. */
  readonly sinceMs: number;
};

const CONTAINERS = 4;
const BATCH = 10;
const USERS = 997;
const CHECKED_BATCH = 1000;
/** Between two batches of a container. */
const PAUSE_MS = 2;
const LIMITS = { connectMs: 1000, commandMs: 1000 };

const connect = (url: string) => new RedisConnection(url, LIMITS, defineCountingScript);

/** Lets containers count orders, kills the primary at a random time, and sends all again that was acknowledged. */
export async function runTrial({ confirmation, longestLifeMs, start }: Setup, random: Random): Promise<Loss> {
  const running = await start();
  const acknowledged = new Map<string, number>();
  let isOver = false;
  const containers = Array.from({ length: CONTAINERS }, async (_, container) => {
    const connection = connect(running.url);
    for (let batch = 0; !isOver; batch++) {
      const bodies = Array.from({ length: BATCH }, (_, n) =>
        orderBody({ order_id: `O${container}-${batch}-${n}`, user_id: `U${(batch * BATCH + n) % USERS}` }),
      );
      const done = await outcomesOf(connection, bodies, confirmation);
      const now = performance.now();
      for (const [n, body] of bodies.entries()) if (done[n] !== 'transient') acknowledged.set(body, now);
      await sleep(PAUSE_MS);
    }
  });
  await sleep(random() * longestLifeMs);
  isOver = true;
  const diedAt = performance.now();
  const url = await running.kill();
  await Promise.all(containers);

  let [lost, sinceMs] = [0, 0];
  const [connection, bodies] = [connect(url), [...acknowledged.keys()]];
  for (let at = 0; at < bodies.length; at += CHECKED_BATCH) {
    const batch = bodies.slice(at, at + CHECKED_BATCH);
    const outcomes = await outcomesOf(connection, batch);
    for (const [n, body] of batch.entries()) {
      if (outcomes[n] === 'duplicate') continue;
      // Whoever takes over counts it now: it did not know it.
      if (outcomes[n] !== 'counted') throw new Error(`A duplicate or a lost order was expected, not ${outcomes[n]}`);
      lost += 1;
      sinceMs = Math.max(sinceMs, diedAt - (acknowledged.get(body) ?? diedAt));
    }
  }
  await running.stop();
  return { acknowledged: acknowledged.size, lost, sinceMs };
}

async function outcomesOf(connection: RedisConnection, bodies: readonly string[], confirmation?: Confirmation) {
  const { processed } = await processBatch(messagesOf(bodies), connection, { confirmation });
  return processed.map(({ outcome }) => resultOf(outcome));
}
