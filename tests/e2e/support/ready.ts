import { beforeAll, vi } from 'vitest';
import { get } from './api.ts';
import { emptyQueues } from './queues.ts';

/* Each file finds stage local with a Redis that is reached and with empty queues, whatever the one before it left. */

beforeAll(async () => {
  await vi.waitFor(checkRedisIsReached, { timeout: 30_000, interval: 500 });
  await emptyQueues();
});

async function checkRedisIsReached(): Promise<void> {
  const { status, body } = await get('/stats/global');
  const redis = process.env.REDIS_URL || 'redis://redis:6379, as REDIS_URL is not set';
  if (status === 200) return;
  throw new Error(`The functions do not reach Redis at ${redis}. They answered ${status} ${JSON.stringify(body)}`);
}
