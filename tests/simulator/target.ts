import { startClusterOf } from './clusterTarget.ts';
import type { Resolve } from './network.ts';
import { RedisNode } from './redisNode.ts';

/** What the pipeline of a schedule counts into: one Redis, one whose writes are on disk, one with a replica, a cluster. */
export type TargetKind = 'memory' | 'disk' | 'pair' | 'cluster';

/** A Redis of the simulation, as the pipeline finds it. */
export type Target = {
  readonly kind: TargetKind;
  readonly url: string;
  /** Every server that holds something of its own at the moment. */
  readonly primaries: readonly RedisNode[];
  readonly resolve: Resolve;
};

/** One Redis behind a name that leads to another server after a failover. */
export class NamedRedis implements Target {
  readonly url = 'redis://redis:6379';
  readonly resolve: Resolve = () => this.primary;

  constructor(
    readonly kind: TargetKind,
    public primary: RedisNode,
    public replica?: RedisNode,
  ) {}

  get primaries(): readonly RedisNode[] {
    return [this.primary];
  }
}

/** All servers, started when a schedule first needs them, and empty at the beginning of each. */
export class Targets {
  readonly #nodes = new Map<string, Promise<RedisNode>>();
  #cluster: ReturnType<typeof startClusterOf> | undefined;

  async prepare(kind: TargetKind, now: number): Promise<Target> {
    switch (kind) {
      case 'memory':
        return new NamedRedis(kind, await this.#empty('redis', now));
      case 'disk':
        return new NamedRedis(kind, await this.#empty('disk', now));
      case 'pair': {
        const [primary, replica] = [await this.#empty('redis', now), await this.#empty('replica', now)];
        await replica.command('REPLICAOF', '127.0.0.1', primary.port);
        await synced(primary, replica);
        return new NamedRedis(kind, primary, replica);
      }
      case 'cluster': {
        this.#cluster ??= startClusterOf(3);
        const cluster = await this.#cluster;
        await cluster.reset(now);
        return cluster;
      }
    }
  }

  async #empty(name: string, now: number): Promise<RedisNode> {
    const started = this.#nodes.get(name) ?? RedisNode.start(name, name === 'disk' ? { appendonly: 'yes' } : {});
    this.#nodes.set(name, started);
    const node = await started;
    await node.command('REPLICAOF', 'NO', 'ONE');
    await node.reset(now);
    return node;
  }

  async stop(): Promise<void> {
    for (const node of this.#nodes.values()) await (await node).stop();
    await (await this.#cluster)?.stop();
  }
}

/** Waits, in real time, until a replica has all that its primary has. */
export async function synced(primary: RedisNode, replica: RedisNode): Promise<void> {
  for (;;) {
    const [source, copy] = [await primary.command('INFO', 'replication'), await replica.command('INFO', 'replication')];
    const offset = /master_repl_offset:(\d+)/.exec(`${source}`)?.[1];
    const copied = /slave_repl_offset:(\d+)/.exec(`${copy}`)?.[1];
    if (offset === copied && `${copy}`.includes('master_link_status:up')) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
