import { startClusterOf } from './clusterTarget.ts';
import type { Resolve } from './network.ts';
import { RedisNode } from './redisNode.ts';

/** Where a schedule counts: one Redis, one that writes to disk, one with a replica, or a cluster. */
export type TargetKind = 'memory' | 'disk' | 'pair' | 'cluster';

/** A Redis of the simulation, as the pipeline sees it. */
export type Target = {
  readonly kind: TargetKind;
  readonly url: string;
  /** The current primaries; a failover changes them. */
  readonly primaries: readonly RedisNode[];
  readonly resolve: Resolve;
  /** Of a cluster: the node that has a slot. */
  readonly ownerOf?: (slot: number) => RedisNode;
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

/** All servers. Each starts when a schedule first needs it, and is emptied before every schedule. */
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
        await replica.follow(primary);
        await replica.synced();
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
    await node.follow(undefined);
    await node.reset(now);
    return node;
  }

  async stop(): Promise<void> {
    for (const node of this.#nodes.values()) await (await node).stop();
    await (await this.#cluster)?.stop();
  }
}
