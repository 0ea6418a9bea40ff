import { expect, vi } from 'vitest';
import type { ClusterNode, RedisCluster } from '../../support/redisCluster.ts';

/** A slot on its way from one primary to another. */
export type Migration = {
  /** The node that gets it. */
  readonly to: ClusterNode;
  /** Moves a number of its keys. */
  moveKeys(count: number): Promise<void>;
  /** Moves the rest, informs every primary, and waits until all nodes agree. */
  finish(): Promise<void>;
};

/** The primary that a slot belongs to, as all of them see it. */
async function ownerOf({ primaries }: RedisCluster, slot: number): Promise<ClusterNode> {
  for (const node of primaries) {
    const ranges = JSON.parse(JSON.stringify(await node.redis.call('CLUSTER', 'SLOTS')));
    for (const [first, last, [, , id]] of ranges) {
      if (id === node.id && first <= slot && slot <= last) return node;
    }
  }
  throw new Error(`No primary has the slot ${slot}`);
}

/** Begins to move a slot to another primary, as `redis-cli --cluster reshard` does. */
export async function beginMigration(cluster: RedisCluster, slot: number): Promise<Migration> {
  const from = await ownerOf(cluster, slot);
  const to = cluster.primaries.find((node) => node !== from) ?? from;
  await to.redis.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
  await from.redis.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);

  const moveKeys = async (count: number) => {
    const keys = await keysInSlot(from, slot, count);
    if (keys.length === 0) return;
    await from.redis.call('MIGRATE', '127.0.0.1', to.server.port, '', 0, 5000, 'KEYS', ...keys);
  };
  return {
    to,
    moveKeys,
    async finish() {
      for (;;) {
        // Only the new owner takes new keys of a slot, so there is an end.
        if ((await keysInSlot(from, slot, 1)).length === 0) break;
        await moveKeys(100);
      }
      const others = cluster.primaries.filter((node) => node !== from && node !== to);
      for (const { redis } of [to, from, ...others]) await redis.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
      // Until then, what nodes had said before still arrives, and undoes the next migration in the other direction.
      await allAgree(cluster);
    },
  };
}

async function keysInSlot({ redis }: ClusterNode, slot: number, count: number): Promise<string[]> {
  const keys = await redis.call('CLUSTER', 'GETKEYSINSLOT', slot, count);
  return Array.isArray(keys) ? keys.map(String) : [];
}

async function allAgree({ primaries, replicas }: RedisCluster): Promise<void> {
  await vi.waitFor(
    async () => {
      const views = [...primaries, ...replicas].map(async ({ redis }) => {
        const slots = JSON.parse(JSON.stringify(await redis.call('CLUSTER', 'SLOTS')));
        const owners = slots.map(([first, last, [, , id]]: [number, number, string[]]) => `${first}-${last} ${id}`);
        const epoch = /cluster_current_epoch:\d+/.exec(String(await redis.call('CLUSTER', 'INFO')));
        return [...owners.sort(), epoch?.[0]].join();
      });
      expect(new Set(await Promise.all(views)).size).toBe(1);
    },
    { timeout: 30_000, interval: 20 },
  );
}

/** How often the primaries have answered with an error of this code since they were started. */
export async function errorsAnswered({ primaries }: RedisCluster, code: string): Promise<number> {
  const counts = await Promise.all(
    primaries.map(async ({ redis }) => {
      const stats = await redis.info('errorstats');
      return Number(new RegExp(`errorstat_${code}:count=(\\d+)`).exec(stats)?.[1] ?? 0);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
