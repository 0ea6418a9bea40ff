import { beforeAll, vi } from 'vitest';
import { withoutPassword } from '../../../lib/redis/url.ts';
import { get } from './api.ts';
import { emptyQueues } from './queues.ts';
import { redisUrl } from './redis.ts';

/* Each file finds stage local with a Redis that is reached and with empty queues, whatever the one before it left. */

beforeAll(async () => {
  await vi.waitFor(checkRedisIsReached, { timeout: 30_000, interval: 500 });
  await emptyQueues();
});

async function checkRedisIsReached(): Promise<void> {
  const { status, body } = await get('/stats/global');
  if (status === 200) return;
  throw new Error(
    `The functions do not reach Redis at ${withoutPassword(redisUrl)}, from REDIS_URL or the default. They answered ${status} ${JSON.stringify(body)}`,
  );
}
