import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';

/**
 * Starts a replica of a redis-server.
 *
 * @param port where the replica finds its primary, e.g. that of a proxy
 * @returns once the primary knows that the replica has all of its data
 */
export async function startReplica(primary: RedisServer, port = primary.port): Promise<RedisServer> {
  const redis = new Redis(primary.url);
  try {
    await redis.config('SET', 'repl-diskless-sync-delay', 0);
    const replica = await startRedisServer({ settings: { replicaof: `127.0.0.1 ${port}` } });
    while (!(await redis.info('replication')).includes('state=online')) await sleep(5);
    return replica;
  } finally {
    redis.disconnect();
  }
}
