import { setTimeout as sleep } from 'node:timers/promises';
import getPort from 'get-port';
import { Redis } from 'ioredis';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';

const SLOTS = 16_384;
const LIMIT_MS = 30_000;

/** A server of the cluster, and a client of only that server. */
export type ClusterNode = {
  readonly id: string;
  readonly server: RedisServer;
  /** Port on which the nodes talk to each other. */
  readonly bus: number;
  readonly redis: Redis;
};

/** Primaries that share the slots, and their replicas. */
export type RedisCluster = {
  /** Names all nodes. */
  readonly url: string;
  readonly primaries: readonly ClusterNode[];
  /** In the order of their primaries. */
  readonly replicas: readonly ClusterNode[];
  stop(): Promise<void>;
};

/** How many nodes a cluster has, and further environment variables of each. */
export type ClusterOptions = {
  readonly primaries: number;
  readonly replicasOfEach: number;
  readonly environment?: Readonly<Record<string, string>>;
};

/** Starts a Redis Cluster that never outlives this process; resolves when every node knows that all is well. */
export async function startRedisCluster(size: ClusterOptions): Promise<RedisCluster> {
  const nodes: ClusterNode[] = [];
  // One after another, because a port is free only until somebody takes it.
  for (let n = 0; n < size.primaries * (1 + size.replicasOfEach); n++) nodes.push(await startNode(size));
  const [primaries, replicas] = [nodes.slice(0, size.primaries), nodes.slice(size.primaries)];

  // Nodes with the same epoch would have to settle first which of them gets a higher one.
  for (const [n, { redis }] of nodes.entries()) await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', n + 1);
  for (const { redis } of nodes) {
    for (const { server, bus } of nodes) await redis.call('CLUSTER', 'MEET', '127.0.0.1', server.port, bus);
  }
  for (const [n, { redis }] of primaries.entries()) {
    const [first, next] = [Math.ceil((n * SLOTS) / size.primaries), Math.ceil(((n + 1) * SLOTS) / size.primaries)];
    await redis.call('CLUSTER', 'ADDSLOTSRANGE', first, next - 1);
  }
  await onEach(nodes, ({ redis }) => redis.call('CLUSTER', 'INFO'), [`cluster_known_nodes:${nodes.length}\r`]);
  for (const [n, { redis }] of replicas.entries()) {
    await redis.call('CLUSTER', 'REPLICATE', primaries[Math.floor(n / size.replicasOfEach)]?.id ?? '');
  }
  await onEach(nodes, ({ redis }) => redis.call('CLUSTER', 'INFO'), ['cluster_state:ok']);
  await onEach(replicas, ({ redis }) => redis.info('replication'), ['master_link_status:up']);
  const ids = nodes.map(({ id }) => id);
  await onEach(nodes, async ({ redis }) => JSON.stringify(await redis.call('CLUSTER', 'SLOTS')), ids);
  return {
    url: `redis+cluster://${nodes.map(({ server }) => `127.0.0.1:${server.port}`).join(',')}`,
    primaries,
    replicas,
    async stop() {
      for (const { redis } of nodes) redis.disconnect();
      await Promise.all(nodes.map(({ server }) => server.stop()));
    },
  };
}

async function startNode({ environment = {} }: ClusterOptions): Promise<ClusterNode> {
  const bus = await getPort({ host: '127.0.0.1' });
  const settings = {
    'cluster-enabled': 'yes',
    'cluster-port': bus,
    'cluster-node-timeout': 3000,
    // A replica gets its data at once, and is known to all as soon as it has been sent anything.
    'repl-diskless-sync-delay': 0,
    'repl-ping-replica-period': 1,
  };
  const server = await startRedisServer({ settings, environment });
  const redis = new Redis(server.url);
  // What happens to nodes is what tests are about.
  redis.on('error', () => {});
  return { id: String(await redis.call('CLUSTER', 'MYID')), server, bus, redis };
}

/** Waits until every node says all of these texts. */
async function onEach(
  nodes: readonly ClusterNode[],
  ask: (node: ClusterNode) => Promise<unknown>,
  texts: readonly string[],
): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  for (const node of nodes) {
    for (;;) {
      const answer = String(await ask(node));
      const missing = texts.find((text) => !answer.includes(text));
      if (missing === undefined) break;
      if (performance.now() > deadline) throw new Error(`A node of the cluster never said ${missing}: ${answer}`);
      await sleep(50);
    }
  }
}
