import { setTimeout as sleep } from 'node:timers/promises';
import { readerConfig } from '../../lib/config.ts';
import { defineCountingScript } from '../../lib/counting/count.ts';
import { errorText, innermost } from '../../lib/errorText.ts';
import { type RedisClient, tryServer } from '../../lib/redis/client.ts';
import { RedisConnection } from '../../lib/redis/connection.ts';
import { isAnswer, refusalOf } from '../../lib/redis/errors.ts';
import { redisWarnings } from '../../lib/redis/warnings.ts';
import { defineTopUsersScript } from '../../lib/stats/topUsers.ts';
import { belongsToOthers } from '../../scripts/shared/foreignKeys.ts';
import { tryCounting, tryReading } from '../../scripts/shared/redis.ts';
import { type RedisServer, startRedisServer, versionProblem } from '../servers/redisServer.ts';

/** The Redis of the local stack. Stopping it leaves the user's own Redis running. */
export type LocalRedis = { readonly url: string; stop(): Promise<void> };

/**
 * Redis for the local stack: the user's own, or a new one. The new one writes every command to its append-only file and is
 * started again when it dies, so that people can kill it to try the pipeline.
 *
 * @param url the user's own
 * @throws an error when it cannot be used, or a new one cannot be started
 */
export async function localRedis(url: string | undefined): Promise<LocalRedis> {
  if (url) {
    await checkUsable(url);
    return { url, stop: async () => {} };
  }
  const settings = { appendonly: 'yes', appendfsync: 'always' };
  let server: RedisServer = await startRedisServer({ settings });
  let stopping = false;
  const keepRunning = async () => {
    for (;;) {
      await server.ended;
      if (stopping) return;
      console.error('redis-server has ended. It starts again, with its data.');
      await sleep(1000);
      if (stopping) return;
      server = await startRedisServer({ settings, port: server.port, directory: server.directory });
    }
  };
  keepRunning().catch((error) => console.error(`redis-server does not start again: ${error.message}`));
  const stop = async () => {
    stopping = true;
    await server.stop();
  };
  return { url: server.url, stop };
}

async function checkUsable(url: string): Promise<void> {
  const { redisUrl } = readerConfig({ REDIS_URL: url });
  const connection = new RedisConnection(redisUrl, { connectMs: 2000, commandMs: 2000 }, (redis) => {
    defineCountingScript(redis);
    defineTopUsersScript(redis);
  });
  let problem: string | undefined;
  try {
    const redis = await connection.open();
    problem = await problemOf(redis);
    for (const warning of problem ? [] : await redisWarnings(redis)) console.error(`Warning: ${warning}`);
    connection.drop(redis);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal) throw new Error(`The Redis at REDIS_URL cannot be used: ${refusal}.`);
    const text = errorText(innermost(error)).replace(/\.$/, '');
    if (isAnswer(error)) throw new Error(`The Redis at REDIS_URL cannot be used now: ${text}.`);
    throw new Error(`No Redis answers at REDIS_URL: ${text}. Start it, or unset REDIS_URL to have one started.`);
  }
  if (problem) throw new Error(`The Redis at REDIS_URL ${problem}.`);
}

/** What is wrong with a Redis, as text that follows its name. Throws if Redis refuses a command that the pipeline needs. */
async function problemOf(redis: RedisClient): Promise<string | undefined> {
  await tryServer(redis);
  // This user of Redis may have no permission for INFO.
  const tooOld = await redis.info('server').then(versionProblem, () => undefined);
  if (tooOld) return tooOld;
  await tryCounting(redis, 'try');
  await tryReading(redis);
  const isTaken = await belongsToOthers(redis);
  return isTaken
    ? 'holds keys of another application: give the pipeline another database, as in redis://host:6379/1'
    : undefined;
}
