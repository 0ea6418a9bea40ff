import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { clusterNodes } from './url.ts';

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
  const nodes = clusterNodes(url);
  if (nodes) return clusterClient(nodes, limits);
  // Stryker disable next-line ArrowFunction: undefined is the same to ioredis
  return new Redis(url, { ...serverOptions(limits), enableOfflineQueue: false, retryStrategy: () => null });
}

const serverOptions = ({ connectMs, commandMs }: RedisLimits) => ({
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

function clusterClient(nodes: readonly [URL, ...URL[]], limits: RedisLimits): Cluster {
  const cluster = new Cluster(nodes.map(addressOf), {
    lazyConnect: true,
    redisOptions: { ...serverOptions(limits), ...accessOf(nodes[0]) },
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

const addressOf = ({ hostname, port }: URL) => ({
  host: hostname.replace(/[[\]]/g, ''),
  port: Number(port || 6379),
});

/** What all nodes of a cluster want to see, not just those that the URL names. */
const accessOf = ({ protocol, username, password }: URL): Pick<RedisOptions, 'username' | 'password' | 'tls'> => ({
  ...(username && { username: decodeURIComponent(username) }),
  ...(password && { password: decodeURIComponent(password) }),
  ...(protocol === 'rediss:' && { tls: {} }),
});

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
