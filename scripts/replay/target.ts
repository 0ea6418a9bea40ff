import { defineCheckpointScript } from '../../lib/archive/checkpoint.ts';
import { UncountableError } from '../../lib/archive/replay.ts';
import { defineCountingScript } from '../../lib/counting/count.ts';
import { REMEMBERED_SECONDS } from '../../lib/counting/countScript.ts';
import { errorText } from '../../lib/errorText.ts';
import type { RedisClient } from '../../lib/redis/client.ts';
import { RedisConnection } from '../../lib/redis/connection.ts';
import { firstCause } from '../../lib/redis/errors.ts';
import { redisName } from '../../lib/redis/url.ts';
import { globalStatsKey, ledgerKey, RESTORED, shardsOf } from '../../lib/stats/keys.ts';
import { readMessages } from '../../lib/stats/messages.ts';
import { defineTopUsersScript } from '../../lib/stats/topUsers.ts';
import { archiveProblem, isOfArchive } from '../shared/archive.ts';
import { CommandError } from '../shared/command.ts';
import { belongsToOthers } from '../shared/foreignKeys.ts';
import { redisProblem } from '../shared/places.ts';
import type { Plan } from './plan.ts';

/** Longest waits, in milliseconds: nobody else waits for the answer. */
const LIMITS = { connectMs: 3000, commandMs: 30_000 };
const DAY_SECONDS = 86_400;

/**
 * Connects to the Redis of a plan for as long as some work takes.
 *
 * @throws a {@link CommandError} for all that goes wrong with the archive or with Redis
 */
export async function withTarget<T>(plan: Plan, work: (redis: RedisClient) => Promise<T>): Promise<T> {
  const connection = new RedisConnection(plan.url, LIMITS, (client) => {
    defineCountingScript(client);
    defineCheckpointScript(client);
    defineTopUsersScript(client);
  });
  let redis: RedisClient | undefined;
  try {
    redis = await connection.open();
    return await work(redis);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const cause = firstCause([error, redis && connection.endOf(redis)]);
    throw new CommandError(describeProblem(plan, cause), { cause: error });
  } finally {
    if (redis) connection.drop(redis);
  }
}

function describeProblem({ place, url }: Plan, error: unknown): string {
  if (isOfArchive(error)) return archiveProblem(place, error);
  const name = redisName(url);
  const text = errorText(error);
  if (error instanceof UncountableError) return `Redis at ${name}: ${text}; see "Repair" in docs/operations.md`;
  if (/^FENCED /.test(text))
    return `Another replay into Redis ${name} has begun, such as the scheduled one, or Redis has lost data. The same command goes on`;
  return redisProblem(url, error);
}

/**
 * Refuses a start that is too early for the ledger.
 *
 * @param fromMs milliseconds since 1970
 * @throws a {@link CommandError}, or the error of Redis or of the connection
 */
export async function refuseForgotten(redis: RedisClient, url: string, fromMs: number): Promise<void> {
  if (Date.now() - fromMs < REMEMBERED_SECONDS * 1000 || (await isEmpty(redis))) return;
  throw new CommandError(
    `--from is more than ${REMEMBERED_SECONDS / DAY_SECONDS} days ago, and the ledger of Redis ${redisName(url)} may have ` +
      'forgotten orders of that time, which would count twice: fill an empty Redis with --into',
  );
}

/**
 * Refuses to fill a database of another application, or one that a worker counts into. What an interrupted replay has left is no
 * obstacle.
 *
 * @throws a {@link CommandError}, or the error of Redis or of the connection
 */
export async function refuseUsed(redis: RedisClient, url: string): Promise<void> {
  if (await belongsToOthers(redis))
    throw new CommandError(
      `Redis ${redisName(url)} holds keys of another application: --into fills a database of its own, as in redis://host:6379/1`,
    );
  const { counts } = await readMessages(redis);
  if (Object.entries(counts).every(([field, count]) => field === RESTORED || count === 0)) return;
  throw new CommandError(
    `A worker has counted into Redis ${redisName(url)}: --into fills an empty Redis, and --redis brings this one what it lacks`,
  );
}

async function isEmpty(redis: RedisClient): Promise<boolean> {
  const keys = await Promise.all(shardsOf(redis).map((shard) => redis.exists(globalStatsKey(shard), ledgerKey(shard))));
  return keys.every((count) => count === 0);
}
