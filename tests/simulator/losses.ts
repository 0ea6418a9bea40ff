import type { Saved, ShardModel } from '../support/model.ts';
import { prefixOf } from '../support/storedContent.ts';
import { slotOfShard } from './clusterTarget.ts';
import type { RedisNode } from './redisNode.ts';
import type { Target } from './target.ts';

type Key = { readonly key: string; readonly value: Buffer; readonly expires: number };

/** All that Redis held at a time, as a backup has it. */
type Snapshot = { readonly keys: readonly Key[]; readonly models: ReadonlyMap<string, Saved> };

/** What a Redis can lose besides its last writes: all, or all since a snapshot. */
export class Losses {
  #snapshot: Snapshot = { keys: [], models: new Map() };

  constructor(
    private readonly target: Target,
    private readonly shards: ReadonlyMap<string, ShardModel>,
  ) {}

  /** Takes a snapshot of all nodes. */
  async save(): Promise<void> {
    const keys: Key[] = [];
    for (const node of this.target.primaries) {
      for (const key of [await node.command('KEYS', '*')].flat().map(String).sort()) {
        const value = await node.dump(key);
        // One that expires meanwhile, by the clock of Redis.
        if (value) keys.push({ key, value, expires: Number(await node.command('PEXPIRETIME', key)) });
      }
    }
    this.#snapshot = { keys, models: new Map([...this.shards].map(([prefix, shard]) => [prefix, shard.save()])) };
  }

  /** A node loses everything. @returns how many orders are lost */
  empty(node: RedisNode): Promise<number> {
    return this.#goBack(node, { keys: [], models: new Map() });
  }

  /** A node starts with the latest snapshot. @returns how many orders are lost */
  restore(node: RedisNode): Promise<number> {
    return this.#goBack(node, this.#snapshot);
  }

  async #goBack(node: RedisNode, { keys, models }: Snapshot): Promise<number> {
    await node.command('FLUSHALL');
    for (const { key, value, expires } of keys) {
      if (this.#isAt(node, prefixOf(key))) {
        await node.command('RESTORE', key, Math.max(expires, 0), value, 'ABSTTL');
      }
    }
    let lost = 0;
    for (const [prefix, shard] of this.shards) {
      if (this.#isAt(node, prefix)) lost += shard.restore(models.get(prefix) ?? []);
    }
    return lost;
  }

  #isAt(node: RedisNode, prefix: string): boolean {
    const { ownerOf } = this.target;
    return !ownerOf || ownerOf(slotOfShard(prefix)) === node;
  }
}
