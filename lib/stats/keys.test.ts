import keySlot from 'cluster-key-slot';
import { Cluster, Redis } from 'ioredis';
import { expect, it } from 'vitest';
import * as keys from './keys.ts';

const clients = { lazyConnect: true };
const shards = keys.shardsOf(new Cluster([{ host: '127.0.0.1', port: 1 }], clients));
const slots = shards.map((shard) => keySlot(keys.globalStatsKey(shard)));

it('one Redis is one shard, whose keys have no prefix', () => {
  expect(keys.shardsOf(new Redis(clients))).toEqual(['']);
  expect(keys.globalStatsKey('')).toBe('global:stats');
  expect(keys.userStatsKey('', 'U5678')).toBe('user:U5678');
});

it('a cluster has 12 shards in 12 slots', () => {
  expect(shards).toHaveLength(12);
  expect(new Set(slots).size).toBe(12);
});

it.each([
  [2, 6],
  [3, 4],
  [4, 3],
  [5, 3],
  [6, 2],
  [8, 2],
  [12, 1],
])('each of %i nodes with equal slot ranges has at most %i shards', (nodes, most) => {
  const perNode = Array.from(
    { length: nodes },
    (_, node) => slots.filter((slot) => nodeOf(slot, nodes) === node).length,
  );
  expect(Math.max(...perNode)).toBe(most);
  expect(Math.min(...perNode)).toBeGreaterThan(0);
});

/** As `redis-cli --cluster create` distributes slots. */
const nodeOf = (slot: number, nodes: number): number => {
  const perNode = 16_384 / nodes;
  return Array.from({ length: nodes }, (_, node) => node).findIndex(
    (node) => slot <= Math.round(perNode * (node + 1) - 1) || node === nodes - 1,
  );
};

it.each(['U5678', 'shop:9012@eu', 'a{b}c', '{0}', '}{'])(
  'all keys of an order of %j are in the slot of its shard',
  (userId) => {
    for (const [index, shard] of shards.entries()) {
      const all = [
        keys.globalStatsKey(shard),
        keys.globalDaysKey(shard),
        keys.topUsersKey(shard),
        keys.topUsersFloorKey(shard),
        keys.ledgerKey(shard),
        keys.userStatsKey(shard, userId),
      ];
      expect(new Set(all.map((key) => keySlot(key)))).toEqual(new Set([slots[index]]));
    }
  },
);

it('a user is always in the same shard, and users are spread evenly whatever their ids look like', () => {
  for (const idOf of [
    (n: number) => `U${n}`,
    (n: number) => `U${String(n).padStart(8, '0')}`,
    (n: number) => `${n * 16}`,
    (n: number) => `customer-${n}@shop.example`,
  ]) {
    const users = new Map<string, number>();
    for (let n = 0; n < 16_000; n++) {
      const shard = keys.shardOf(shards, idOf(n));
      expect(keys.shardOf(shards, idOf(n))).toBe(shard);
      users.set(shard, (users.get(shard) ?? 0) + 1);
    }
    expect(users.size).toBe(12);
    for (const number of users.values()) {
      expect(number).toBeGreaterThan(1133);
      expect(number).toBeLessThan(1533);
    }
  }
});
