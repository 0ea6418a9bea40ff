import { Cluster, Redis } from 'ioredis';
import { type RedisAddress, redisAddress } from './url.ts';

export type RedisClient = Redis | Cluster;

export type RedisLimits = { readonly connectMs: number; readonly commandMs: number };

/** The servers that hold keys: the one Redis, or the primaries of a cluster. */
export const primariesOf = (redis: RedisClient): Redis[] => (redis instanceof Redis ? [redis] : redis.nodes('master'));

/**
 * A client that is not connected yet.
 *
 * @param url see {@link parseRedisUrl}
 */
export function redisClient(url: string, limits: RedisLimits): RedisClient {
  const address = redisAddress(url);
  if (address.isCluster) return clusterClient(address, limits);
  const [server] = address.nodes;
  // Stryker disable next-line ArrowFunction: ioredis treats undefined the same
  const own = { db: address.database, enableOfflineQueue: false, retryStrategy: () => null };
  return new Redis({ ...serverOptions(address, limits), ...server, ...own });
}

/**
 * To be called first on a new connection. If Redis refuses the connection, only a short command gets that answer before the
 * connection ends. Also fails if the URL is that of one Redis, but leads to a node of a cluster: the node would answer for the keys
 * that it holds, and the totals would seem to be empty. The two keys are in different slots.
 */
export async function tryServer(redis: RedisClient): Promise<void> {
  if (redis instanceof Redis) await redis.exists('global:stats', 'global:days');
}

const serverOptions = ({ isTls, username, password }: RedisAddress, { connectMs, commandMs }: RedisLimits) => ({
  ...(username && { username }),
  ...(password && { password }),
  ...(isTls && { tls: {} }),
  lazyConnect: true,
  connectTimeout: connectMs,
  commandTimeout: commandMs,
  // A Redis that is still loading answers LOADING. Waiting for it here would outlive the invocation.
  enableReadyCheck: false,
  // ioredis would wait for CLIENT SETINFO: one more round trip, or one more timeout if Redis hangs.
  disableClientInfo: true,
  // RESP3 would cost a round trip per connection, and nothing here needs it.
  protocol: 2 as const,
  maxRetriesPerRequest: 0,
});

function clusterClient(address: RedisAddress, limits: RedisLimits): Cluster {
  const cluster = new Cluster([...address.nodes], {
    lazyConnect: true,
    // For all nodes, not only those that the URL names.
    redisOptions: serverOptions(address, limits),
    enableReadyCheck: false,
    // Stryker disable next-line ArrowFunction: ioredis treats undefined the same
    clusterRetryStrategy: () => null,
    // If a node hangs, there is time to ask the next one.
    slotsRefreshTimeout: limits.connectMs / 2,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    // MOVED, ASK, then TRYAGAIN while a slot moves: enough for two such moves, well within the time limit of a command.
    maxRedirections: 8,
    // Unresolved, so that certificates match the host name and each connection looks it up again.
    dnsLookup: (address, callback) => callback(null, address),
  });
  cluster.on('+node', handleAskingFailures);
  return cluster;
}

/**
 * ioredis sends ASKING before a redirected command and ignores its promise. If it fails, that is an unhandled rejection,
 * which ends the process. It is safe to swallow because the command after it fails too.
 */
function handleAskingFailures(node: Redis): void {
  const asking = node.asking.bind(node);
  node.asking = () => {
    const sent = asking();
    sent.catch(() => {});
    return sent;
  };
}
