import { Redis } from 'ioredis';
import { primariesOf, type RedisClient } from './client.ts';
import { redisAddress } from './url.ts';

const LOOPBACK = /^(localhost|127\.[\d.]+|0\.0\.0\.0|::1?)$/i;

/** Whether a URL leads to the machine, or the container, that this code runs in. */
export const isLoopback = (url: string): boolean => redisAddress(url).nodes.some(({ host }) => LOOPBACK.test(host));

/**
 * Finds settings in INFO with which the statistics go wrong, one sentence per setting.
 *
 * @returns an empty list if the user may not run INFO
 */
export async function redisWarnings(redis: RedisClient): Promise<string[]> {
  const infos = await Promise.all(primariesOf(redis).map((node) => node.info())).catch(() => []);
  const info = infos.join('\n');
  const evicting = /^maxmemory_policy:(?!noeviction)(\S+)/m.exec(info)?.[1];
  const tooOld = /^redis_version:([0-6]\.\S+)/m.exec(info)?.[1];
  return [
    ...(tooOld ? [`This is Redis ${tooOld}: orders count only on Redis 7, Valkey or newer.`] : []),
    ...(evicting
      ? [
          `Redis evicts keys when its memory is full, and orders would count twice: set maxmemory-policy to noeviction, not ${evicting}.`,
        ]
      : []),
    ...(redis instanceof Redis && /^cluster_enabled:1/m.test(info)
      ? ['This Redis is a cluster: begin its URL with redis+cluster://, or rediss+cluster:// for TLS.']
      : []),
  ];
}
