import keySlot from 'cluster-key-slot';
import { RedisNode } from './redisNode.ts';
import type { Value } from './resp.ts';
import type { Target } from './target.ts';

const SLOTS = 16_384;
/** To a node that is asked nothing for as long, another one is dead: longer than a schedule can be. */
const YEARS_20 = 20 * 365 * 86_400_000;

/** A slot on its way from one node to another. */
export type Migration = { readonly slot: number; readonly from: RedisNode; readonly to: RedisNode };

/** A Redis Cluster. */
export type ClusterTarget = Target & {
  /** Empties it, and gives each node its slots back. */
  reset(now: number): Promise<void>;
  ownerOf(slot: number): RedisNode;
  begin(migration: Migration): Promise<void>;
  /** Moves keys of the slot, as many as given. @returns whether there are more */
  moveKeys(migration: Migration, count: number): Promise<boolean>;
  finish(migration: Migration): Promise<void>;
  stop(): Promise<void>;
};

/** The port under which clients know a node: the real one is any that is free. */
const portOf = (n: number): number => 7000 + n;

const texts = (value: Value): string[] => (Array.isArray(value) ? value.map(String) : []);

/** Starts a cluster with this number of primaries. */
export async function startClusterOf(size: number): Promise<ClusterTarget> {
  const nodes: RedisNode[] = [];
  for (let n = 0; n < size; n++) {
    const settings = { 'cluster-enabled': 'yes', 'cluster-node-timeout': YEARS_20, 'cluster-announce-port': portOf(n) };
    nodes.push(await RedisNode.start(`node${n}`, settings));
  }
  for (const [n, node] of nodes.entries()) await node.command('CLUSTER', 'SET-CONFIG-EPOCH', n + 1);
  const [first] = nodes;
  if (!first) throw new Error('A cluster has a node');
  for (const node of nodes) for (const other of nodes) await node.command('CLUSTER', 'MEET', '127.0.0.1', other.port);
  const firstSlot = (n: number) => Math.ceil((n * SLOTS) / size);
  for (const [n, node] of nodes.entries()) {
    await node.command('CLUSTER', 'ADDSLOTSRANGE', firstSlot(n), firstSlot(n + 1) - 1);
  }
  const ids = new Map<RedisNode, string>();
  for (const node of nodes) ids.set(node, String(await node.command('CLUSTER', 'MYID')));
  const idOf = (node: RedisNode) => ids.get(node) ?? '';
  const homeOf = (slot: number) => nodes.find((_, n) => slot < firstSlot(n + 1)) ?? first;
  const moved = new Map<number, RedisNode>();
  const unfinished = new Set<Migration>();
  const ownerOf = (slot: number) => moved.get(slot) ?? homeOf(slot);

  /** Waits, in real time, until every node says what we know. */
  async function agreed(): Promise<void> {
    for (;;) {
      const views = await Promise.all(nodes.map((node) => view(node)));
      if (new Set(views).size === 1 && views[0]?.startsWith('ok')) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  async function view(node: RedisNode): Promise<string> {
    const info = String(await node.command('CLUSTER', 'INFO'));
    const slots = await node.command('CLUSTER', 'SLOTS');
    const ranges = Array.isArray(slots) ? slots : [];
    const owners = ranges.map((range) => JSON.stringify(Array.isArray(range) ? [range[0], range[1], range[2]] : []));
    const epoch = /cluster_current_epoch:\d+/.exec(info)?.[0];
    return `${/cluster_state:(\w+)/.exec(info)?.[1]} ${epoch} ${owners.sort().join()}`;
  }
  await agreed();

  const cluster: ClusterTarget = {
    kind: 'cluster',
    url: `redis+cluster://${nodes.map((_, n) => `127.0.0.1:${portOf(n)}`).join()}`,
    primaries: nodes,
    resolve: (_, port) => nodes.find((_, n) => portOf(n) === port),
    ownerOf,
    async begin(migration) {
      const { slot, from, to } = migration;
      await agreed();
      unfinished.add(migration);
      await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', idOf(from));
      await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', idOf(to));
    },
    async moveKeys({ slot, from, to }, count) {
      // Which ones the server would name first is up to its hash table.
      const all = Number(await from.command('CLUSTER', 'COUNTKEYSINSLOT', slot));
      const keys = texts(await from.command('CLUSTER', 'GETKEYSINSLOT', slot, all))
        .sort()
        .slice(0, count);
      if (keys.length > 0) await from.command('MIGRATE', '127.0.0.1', to.port, '', 0, 5000, 'KEYS', ...keys);
      return all > count;
    },
    async finish(migration) {
      while (await cluster.moveKeys(migration, 100));
      // The new owner gives itself the highest epoch that it knows of. One that it has not heard of yet would take the
      // slot away from it again.
      await agreed();
      const { slot, from, to } = migration;
      for (const node of [to, from, ...nodes.filter((node) => node !== from && node !== to)]) {
        await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', idOf(to));
      }
      moved.set(slot, to);
      unfinished.delete(migration);
      // Until then a node may take the slot for the old owner's again.
      await agreed();
    },
    async reset(now) {
      for (const node of nodes) await node.reset(now);
      for (const { slot, from, to } of unfinished) {
        for (const node of [from, to]) await node.command('CLUSTER', 'SETSLOT', slot, 'STABLE');
      }
      unfinished.clear();
      for (const [slot, from] of [...moved]) {
        const migration = { slot, from, to: homeOf(slot) };
        if (from === migration.to) continue;
        await cluster.begin(migration);
        await cluster.finish(migration);
      }
      moved.clear();
      await agreed();
    },
    async stop() {
      for (const node of nodes) await node.stop();
    },
  };
  return cluster;
}

/** The slot of a shard, by the prefix of its keys. */
export const slotOfShard = (prefix: string): number => keySlot(prefix);
