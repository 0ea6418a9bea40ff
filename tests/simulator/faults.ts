import { pickNumber, type Random } from '../../scripts/shared/random.ts';
import type { ShardModel } from '../support/model.ts';
import { type ClusterTarget, type Migration, slotOfShard } from './clusterTarget.ts';
import type { LambdaFunction } from './lambda.ts';
import type { Cut, Network } from './network.ts';
import type { RedisNode } from './redisNode.ts';
import type { SimulatedSqs, SqsState } from './sqsClient.ts';
import { NamedRedis, type Target, type TargetKind } from './target.ts';
import type { World } from './world.ts';

/** What goes wrong. A fault that lasts heals after `ms` milliseconds. */
export type Fault =
  | { readonly kind: 'cut'; readonly what: Cut['what']; readonly passing: number }
  | { readonly kind: 'lose connections'; readonly how: 'closed' | 'reset' | 'silent' }
  | { readonly kind: 'forget scripts' }
  | { readonly kind: 'network apart' | 'out of memory' | 'read-only' | 'too few replicas'; readonly ms: number }
  | { readonly kind: 'network slow'; readonly ms: number; readonly slowness: number }
  | { readonly kind: 'hang'; readonly ms: number; readonly node: number }
  /** The file lacks the writes of the last `lossMs` milliseconds. */
  | { readonly kind: 'kill'; readonly ms: number; readonly loadingMs: number; readonly lossMs: number }
  /** The writes of the last `lossMs` milliseconds have not reached the replica. */
  | { readonly kind: 'failover'; readonly ms: number; readonly lossMs: number }
  | { readonly kind: 'clock jumps'; readonly by: number; readonly ms: number; readonly node: number }
  | { readonly kind: 'slot moves'; readonly shard: number; readonly ms: number }
  | { readonly kind: 'SQS'; readonly state: SqsState; readonly ms: number }
  | { readonly kind: 'deployment' }
  | { readonly kind: 'container dies' | 'container starves'; readonly ms: number };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A fault that can happen to a Redis of this kind. */
export function randomFault(target: TargetKind, random: Random): Fault {
  const ms = pick([200, 900, 1500, 5 * SECOND, MINUTE, 20 * MINUTE, 3 * HOUR], random);
  const node = pickNumber(random, 3);
  const lossMs = random() < 0.5 ? 0 : pickNumber(random, SECOND);
  const any: (() => Fault)[] = [
    () => ({ kind: 'cut', what: random() < 0.5 ? 'request' : 'reply', passing: pickNumber(random, 8) }),
    () => ({ kind: 'cut', what: 'reply', passing: pickNumber(random, 3) }),
    () => ({ kind: 'lose connections', how: pick(['closed', 'reset', 'silent'], random) }),
    () => ({ kind: 'forget scripts' }),
    () => ({ kind: 'network apart', ms }),
    () => ({ kind: 'network slow', ms, slowness: pick([20, 300, 1200], random) }),
    () => ({ kind: 'out of memory', ms }),
    () => ({ kind: 'too few replicas', ms }),
    () => ({ kind: 'hang', ms, node }),
    () => ({ kind: 'clock jumps', ms, node, by: pick([-HOUR, HOUR, DAY, 9 * DAY, -400 * DAY, 400 * DAY], random) }),
    () => ({ kind: 'SQS', state: pick(['failing', 'silent', 'answerLost'], random), ms }),
    () => ({ kind: 'deployment' }),
    () => ({ kind: 'container dies', ms }),
    () => ({ kind: 'container dies', ms }),
    () => ({ kind: 'container starves', ms: pick([150, 1100, 6 * SECOND, 12 * SECOND], random) }),
  ];
  const own: Record<TargetKind, (() => Fault)[]> = {
    memory: [() => ({ kind: 'read-only', ms })],
    disk: [
      () => ({ kind: 'kill', ms, loadingMs: pickNumber(random, 3) * SECOND, lossMs }),
      () => ({ kind: 'kill', ms, loadingMs: 0, lossMs: SECOND }),
      () => ({ kind: 'read-only', ms }),
    ],
    pair: [
      () => ({ kind: 'failover', ms: Math.min(ms, MINUTE), lossMs }),
      () => ({ kind: 'failover', ms: Math.min(ms, MINUTE), lossMs: 0 }),
    ],
    cluster: Array.from({ length: 4 }, () => () => ({ kind: 'slot moves', ms, shard: pickNumber(random, 12) })),
  };
  const isOwn = random() < (target === 'memory' ? 0.06 : 0.35);
  const faults = isOwn ? own[target] : any;
  return faults[pickNumber(random, faults.length)]?.() ?? { kind: 'deployment' };
}

const pick = <T>(list: readonly [T, ...T[]], random: Random): T => list[pickNumber(random, list.length)] ?? list[0];

/** What faults happen to. */
export type FaultPlace = {
  readonly world: World;
  readonly network: Network;
  readonly target: Target;
  readonly sqs: SimulatedSqs;
  readonly functions: readonly LambdaFunction[];
  readonly shards: ReadonlyMap<string, ShardModel>;
};

/** Lets faults happen, and heals them. */
export class Faults {
  /** How many last. */
  #active = 0;
  #lastActive = Number.NEGATIVE_INFINITY;
  /** Whether Redis has lost what it had acknowledged, or has forgotten orders early. */
  hasLost = false;
  /** Points of the model by time, where the file may be cut off. */
  #writes: { readonly at: number; readonly length: number; readonly file: number }[] = [];
  #migrations = new Set<Migration>();
  /** Of the faults that last, how many keep Redis from writing. */
  #unwritable = 0;

  constructor(private readonly place: FaultPlace) {}

  /** Whether something was wrong at a time, or since. */
  wasActive(since: number): boolean {
    const { cut, cutAt } = this.place.network;
    return this.#active > 0 || cut !== undefined || Math.max(cutAt, this.#lastActive) >= since;
  }

  get takesWrites(): boolean {
    return this.#unwritable === 0;
  }

  get isQuiet(): boolean {
    return this.#active === 0;
  }

  /** To be called after Redis has done something: how long its file is by then. */
  noteWrite(node: RedisNode): void {
    if (this.place.target.kind !== 'disk') return;
    const length = this.#model.length;
    if (this.#writes.at(-1)?.length === length) return;
    this.#writes.push({ at: this.place.world.now, length, file: node.fileLength() });
  }

  get #model(): ShardModel {
    const [model] = this.place.shards.values();
    if (!model) throw new Error('There is no shard');
    return model;
  }

  async happen(fault: Fault): Promise<void> {
    const { world, network, target, sqs, functions } = this.place;
    world.note(`FAULT ${JSON.stringify(fault)}`);
    this.#lastActive = world.now;
    const lambda = functions[pickNumber(world.random(`fault at ${world.now}`), functions.length)];
    const random = world.random(`choice at ${world.now}`);
    switch (fault.kind) {
      case 'cut':
        network.cut = { what: fault.what, passing: fault.passing };
        return;
      case 'lose connections':
        return network.lose(fault.how);
      case 'forget scripts':
        for (const node of target.primaries) await node.command('SCRIPT', 'FLUSH');
        return;
      case 'network apart':
        network.isApart = true;
        network.lose('silent');
        return this.#heal(fault.ms, () => {
          network.isApart = false;
        });
      case 'network slow':
        network.slowness = fault.slowness;
        return this.#heal(fault.ms, () => {
          network.slowness = 0;
        });
      case 'out of memory':
        return this.#setting('maxmemory', 1, 0, fault.ms);
      case 'too few replicas':
        return this.#setting('min-replicas-to-write', 9, 0, fault.ms);
      case 'read-only':
        this.#unwritable += 1;
        for (const node of target.primaries) await node.command('REPLICAOF', '127.0.0.1', 1);
        return this.#heal(fault.ms, async () => {
          this.#unwritable -= 1;
          for (const node of target.primaries) await node.command('REPLICAOF', 'NO', 'ONE');
        });
      case 'hang': {
        const node = this.#node(fault.node);
        if (node.state !== 'up') return;
        node.state = 'hung';
        return this.#heal(fault.ms, async () => {
          if (node.state === 'hung') await network.resume(node);
        });
      }
      case 'kill':
        return this.#kill(fault);
      case 'failover':
        return this.#failOver(fault);
      case 'clock jumps': {
        const node = this.#node(fault.node);
        if (Math.abs(fault.by) >= DAY && this.#migrations.size > 0) return;
        await this.#jump(node, fault.by);
        // One that is far off is put right again.
        if (Math.abs(fault.by) > 30 * DAY) return this.#heal(fault.ms, () => this.#jump(node, -fault.by));
        return;
      }
      case 'slot moves':
        return this.#moveSlot(fault);
      case 'SQS':
        sqs.state = fault.state;
        return this.#heal(fault.ms, () => {
          sqs.state = 'up';
        });
      case 'deployment':
        for (const each of functions) each.deploy();
        return;
      case 'container dies':
        return lambda?.killOne(random);
      case 'container starves':
        return lambda?.starveOne(random, fault.ms);
    }
  }

  #node(n: number): RedisNode {
    const { primaries } = this.place.target;
    const node = primaries[n % primaries.length];
    if (!node) throw new Error('There is no Redis');
    return node;
  }

  #heal(ms: number, heal: () => void | Promise<void>): void {
    this.#active += 1;
    this.place.world.after(ms, async () => {
      await heal();
      this.#active -= 1;
      this.#lastActive = this.place.world.now;
    });
  }

  async #setting(name: string, value: number, usual: number, ms: number): Promise<void> {
    const { primaries } = this.place.target;
    this.#unwritable += 1;
    for (const node of primaries) await node.command('CONFIG', 'SET', name, value);
    this.#heal(ms, async () => {
      this.#unwritable -= 1;
      for (const node of primaries) await node.command('CONFIG', 'SET', name, usual);
    });
  }

  async #jump(node: RedisNode, by: number): Promise<void> {
    const { world, shards } = this.place;
    if (Math.abs(by) >= DAY) this.hasLost = true;
    node.clockOffset += by;
    node.setTime(world.now);
    // What expires by it is gone at once, and not at the whim of a background task.
    await node.command('SCAN', '0', 'COUNT', 100_000);
    for (const shard of shards.values()) shard.jump(Math.floor(node.time / SECOND));
    this.noteWrite(node);
  }

  async #kill({ ms, loadingMs, lossMs }: Fault & { kind: 'kill' }): Promise<void> {
    const { world, network, target } = this.place;
    const [node] = target.primaries;
    if (node?.state !== 'up') return;
    const cutAt = world.now - lossMs;
    const kept = lossMs > 0 ? this.#writes.findLast(({ at }) => at <= cutAt) : this.#writes.at(-1);
    const lost = this.#model.rollback(kept?.length ?? 0);
    if (lost.length > 0) this.hasLost = true;
    world.note(`Redis dies, and loses ${lost.length} orders`);
    this.#writes = this.#writes.filter(({ length }) => length <= (kept?.length ?? 0));
    network.discard(node);
    node.state = 'down';
    const cutOff = await node.killAndRestart(kept?.file ?? 0);
    this.#writes = this.#writes.map((write) => ({ ...write, file: write.file - cutOff }));
    this.#heal(ms, () => {
      node.state = loadingMs > 0 ? 'loading' : 'up';
    });
    if (loadingMs > 0) {
      this.#heal(ms + loadingMs, () => {
        node.state = 'up';
      });
    }
  }

  async #failOver({ ms, lossMs }: Fault & { kind: 'failover' }): Promise<void> {
    const { world, network, target } = this.place;
    if (!(target instanceof NamedRedis) || !target.replica) return;
    const { primary, replica } = target;
    // Until the other one is a replica of it, nothing more can take over.
    target.replica = undefined;
    this.#active += 1;
    await replica.synced();
    await replica.cutOff();
    const length = this.#model.length;
    world.after(lossMs, async () => {
      const lost = this.#model.rollback(length);
      if (lost.length > 0) this.hasLost = true;
      world.note(`A replica takes over, and loses ${lost.length} orders`);
      await replica.follow(undefined);
      target.primary = replica;
      this.#unwritable += 1;
      if (lossMs > 0) network.discard(primary);
      else await primary.follow(replica);
      world.after(ms, async () => {
        await primary.follow(replica);
        target.replica = primary;
        await primary.synced();
        this.#unwritable -= 1;
        this.#active -= 1;
        this.#lastActive = world.now;
      });
    });
  }

  async #moveSlot({ shard, ms }: Fault & { kind: 'slot moves' }): Promise<void> {
    const { world, target, shards } = this.place;
    if (target.kind !== 'cluster') return;
    const cluster = target as ClusterTarget;
    // MIGRATE hands over how long a key has left to live: at a node whose clock is put right later, it would end another day.
    if (cluster.primaries.some(({ clockOffset }) => Math.abs(clockOffset) >= DAY)) return;
    const slot = slotOfShard([...shards.keys()][shard] ?? '');
    const from = cluster.ownerOf(slot);
    const to = cluster.primaries.find((node) => node !== from);
    if (!to || [...this.#migrations].some((other) => other.slot === slot)) return;
    const migration = { slot, from, to };
    this.#migrations.add(migration);
    this.#active += 1;
    const step = async (left: number): Promise<void> => {
      for (const node of cluster.primaries) node.setTime(world.now);
      try {
        if (left > 0 && (await cluster.moveKeys(migration, 3))) {
          world.after(ms / 5, () => step(left - 1));
          return;
        }
        await cluster.finish(migration);
      } catch (error) {
        // The other node takes no keys at the moment.
        world.note(`${error}`);
        world.after(MINUTE, () => step(0));
        return;
      }
      this.#migrations.delete(migration);
      this.#active -= 1;
      this.#lastActive = world.now;
    };
    for (const node of cluster.primaries) node.setTime(world.now);
    await cluster.begin(migration);
    world.after(ms / 5, () => step(4));
  }
}
