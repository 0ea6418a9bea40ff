import { afterAll, beforeAll, expect, vi } from 'vitest';
import { get } from './api.ts';
import { deploy, remove, succeeds } from './commands.ts';
import { emptyQueues, queueExists } from './queues.ts';

/** Deploys stage local before the first test of a file, with empty queues, and removes it cleanly after the last. */
export function deployedStack(): void {
  beforeAll(async () => {
    await succeeds(deploy('local'));
    await vi.waitFor(checkRedisIsReached, { timeout: 30_000, interval: 500 });
    await emptyQueues();
  });
  afterAll(async () => {
    await succeeds(remove('local'));
    expect(await queueExists()).toBe(false);
  });
}

async function checkRedisIsReached(): Promise<void> {
  const { status, body } = await get('/stats/global');
  const redis = process.env.REDIS_URL || 'redis://redis:6379, as REDIS_URL is not set';
  if (status === 200) return;
  throw new Error(`The functions do not reach Redis at ${redis}. They answered ${status} ${JSON.stringify(body)}`);
}
