import { afterAll, beforeEach } from 'vitest';
import { startCluster, type TestCluster } from './cluster.ts';

/** A cluster of its own for a file: empty before each test, gone after the last. */
export async function emptyCluster(): Promise<TestCluster> {
  const cluster = await startCluster();
  beforeEach(async () => {
    for (const { redis } of cluster.primaries) await redis.flushall();
  });
  afterAll(() => cluster.stop());
  return cluster;
}
