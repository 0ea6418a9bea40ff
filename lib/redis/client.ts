import { Cluster, Redis } from 'ioredis';
import { type RedisAddress, redisAddress } from './url.ts';

/** A client of one Redis, or of a Redis Cluster. */
export type RedisClient = Redis | Cluster;

/** Time limits of a connection, in milliseconds. */
export type RedisLimits = { readonly connectMs: number; readonly commandMs: number };

/** Each server that has keys of its own: the one Redis, or the primaries of a cluster. */
export const primariesOf = (redis: RedisClient): Redis[] => (redis instanceof Redis ? [redis] : redis.nodes('master'));

/**
 * A client that is not connected yet.
 *
 * @param url `redis://`, `redis+cluster://` or, with TLS, `rediss://`, `rediss+cluster://`
 */
export function redisClient(url: string, limits: RedisLimits): RedisClient {
  const address = redisAddress(url);
  if (address.isCluster) return clusterClient(address, limits);
  const [server] = address.nodes;
  // Stryker disable next-line ArrowFunction: undefined is the same to ioredis
  const own = { db: address.database, enableOfflineQueue: false, retryStrategy: () => null };
  return new Redis({ ...serverOptions(address, limits), ...server, ...own });
}

const serverOptions = ({ isTls, username, password }: RedisAddress, { connectMs, commandMs }: RedisLimits) => ({
  ...(username && { username }),
  ...(password && { password }),
  ...(isTls && { tls: {} }),
  lazyConnect: true,
  connectTimeout: connectMs,
  commandTimeout: commandMs,
  // A restarting Redis answers LOADING itself; waiting for it here would outlive the invocation.
  enableReadyCheck: false,
  // ioredis would wait for the answers to CLIENT SETINFO: a round trip more, and on a Redis that hangs a timeout more.
  disableClientInfo: true,
  // RESP3 needs a round trip for each new connection, and nothing here needs RESP3.
  protocol: 2 as const,
  maxRetriesPerRequest: 0,
});

function clusterClient(address: RedisAddress, limits: RedisLimits): Cluster {
  const cluster = new Cluster([...address.nodes], {
    lazyConnect: true,
    // What all nodes want to see, not just those that the URL names.
    redisOptions: serverOptions(address, limits),
    enableReadyCheck: false,
    // Stryker disable next-line ArrowFunction: undefined is the same to ioredis
    clusterRetryStrategy: () => null,
    // A node that hangs leaves time to ask the next one.
    slotsRefreshTimeout: limits.connectMs / 2,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    // MOVED, ASK, then TRYAGAIN: enough to see such a slot arrive twice, and well within the time limit of a command.
    maxRedirections: 8,
    // As is, so that certificates are checked for the name, and a name is looked up again for each connection.
    dnsLookup: (address, callback) => callback(null, address),
  });
  cluster.on('+node', handleAskingFailures);
  return cluster;
}

/**
 * ioredis sends ASKING before a command that it redirects, and leaves it to nobody to notice when that fails: an
 * unhandled rejection, which ends the process. The command behind it fails as well.
 */
function handleAskingFailures(node: Redis): void {
  const asking = node.asking.bind(node);
  node.asking = () => {
    const sent = asking();
    sent.catch(() => {});
    return sent;
  };
}
