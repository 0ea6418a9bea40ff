import { findRedisServer } from '../../dev/servers/programs.ts';

/** Asked for once, before any test runs: without a redis-server there is one clear message, not one per test. */
export default async function requireRedis(): Promise<void> {
  try {
    await findRedisServer();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
