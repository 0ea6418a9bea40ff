import { setTimeout as sleep } from 'node:timers/promises';
import { readerConfig } from '../../lib/config.ts';
import { errorText } from '../../lib/errorText.ts';
import { RedisConnection } from '../../lib/redis/connection.ts';
import { type RedisServer, startRedisServer, versionProblem } from '../shared/redisServer.ts';

/** The Redis of the local stack: the user's own, which nothing is done to, or one of ours. */
export type LocalRedis = { readonly url: string; stop(): Promise<void> };

/**
 * Redis for the local stack. Ours writes every command to its append-only file and is started again when it dies, so
 * that killing it is a fair trial of the pipeline.
 *
 * @param url the user's own, checked to answer; undefined for one of ours
 * @throws an error when the user's own does not answer or is too old, or none of ours can be started
 */
export async function localRedis(url: string | undefined): Promise<LocalRedis> {
  if (url) {
    await checkAnswers(url);
    return { url, stop: async () => {} };
  }
  const settings = { appendonly: 'yes', appendfsync: 'always' };
  let server: RedisServer = await startRedisServer({ settings });
  let stopping = false;
  const keepRunning = async () => {
    for (;;) {
      await server.ended;
      if (stopping) return;
      console.error('redis-server has ended. It is started again, with its data.');
      await sleep(1000);
      if (stopping) return;
      server = await startRedisServer({ settings, port: server.port, directory: server.directory });
    }
  };
  keepRunning().catch((error) => console.error(`redis-server cannot be started again: ${error.message}`));
  const stop = async () => {
    stopping = true;
    await server.stop();
  };
  return { url: server.url, stop };
}

async function checkAnswers(url: string): Promise<void> {
  const { redisUrl } = readerConfig({ REDIS_URL: url });
  const connection = new RedisConnection(redisUrl, { connectMs: 2000, commandMs: 2000 });
  let info: string;
  try {
    const redis = await connection.open();
    info = await redis.info('server');
    connection.drop(redis);
  } catch (error) {
    const { cause = error } = error instanceof Error ? error : {};
    throw new Error(
      `No Redis answers at REDIS_URL: ${errorText(cause)}. Start it, or unset REDIS_URL to have one started.`,
    );
  }
  const problem = versionProblem(info);
  if (problem) throw new Error(`The Redis at REDIS_URL ${problem}.`);
}
