import { pickNumber } from '../../scripts/shared/random.ts';
import { DAY } from '../support/clock.ts';
import type { ShardModel } from '../support/model.ts';
import { type ClusterTarget, type Migration, slotOfShard } from './clusterTarget.ts';
import type { LambdaFunction } from './lambda.ts';
import { Losses } from './losses.ts';
import type { Network } from './network.ts';
import type { Fault } from './randomFault.ts';
import type { RedisNode } from './redisNode.ts';
import type { Replays } from './replays.ts';
import type { SimulatedS3 } from './s3Client.ts';
import type { SimulatedSqs } from './sqsClient.ts';
import { NamedRedis, type Target } from './target.ts';
import type { World } from './world.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** What faults happen to. */
export type FaultPlace = {
  readonly world: World;
  readonly network: Network;
  readonly target: Target;
  readonly sqs: SimulatedSqs;
  readonly s3: SimulatedS3;
  readonly functions: readonly LambdaFunction[];
  readonly replay: LambdaFunction;
  readonly replays: () => Replays;
  readonly shards: ReadonlyMap<string, ShardModel>;
};

/** Lets faults happen, and heals them. */
export class Faults {
  /** How many last. */
  #active = 0;
  #lastActive = Number.NEGATIVE_INFINITY;
  /** Whether a clock was wrong by days: then the ledger may have forgotten orders early. */
  hasJumped = false;
  /** When Redis last lost something. */
  lostAt = Number.NEGATIVE_INFINITY;
  /** Points of the model by time, where the file may be cut off. */
  #writes: { readonly at: number; readonly length: number; readonly file: number }[] = [];
  #migrations = new Set<Migration>();
  /** Of the faults that last, how many keep Redis from writing. */
  #unwritable = 0;

  readonly #losses: Losses;

  constructor(private readonly place: FaultPlace) {
    this.#losses = new Losses(place.target, place.shards);
  }

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
    const [length, file] = [this.#model.length, node.fileLength()];
    if (this.#writes.at(-1)?.file === file) return;
    this.#writes.push({ at: this.place.world.now, length, file });
  }

  get #model(): ShardModel {
    const [model] = this.place.shards.values();
    if (!model) throw new Error('There is no shard');
    return model;
  }

  async happen(fault: Fault): Promise<void> {
    const { world, network, target, sqs, s3, functions } = this.place;
    world.note(`FAULT ${JSON.stringify(fault)}`);
    this.#lastActive = world.now;
    const isReplay = 'isReplay' in fault && fault.isReplay;
    const any = functions[pickNumber(world.random(`fault at ${world.now}`), functions.length)];
    const lambda = isReplay ? this.place.replay : any;
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
      case 'S3':
        s3.state = fault.state;
        return this.#heal(fault.ms, () => {
          s3.state = 'up';
        });
      case 'snapshot':
        for (const node of target.primaries) node.setTime(world.now);
        return this.#losses.save();
      case 'empty':
      case 'old snapshot':
        await this.lose(fault);
        return;
      case 'no replays':
        this.place.replays().offUntil = world.now + fault.ms;
        return;
      case 'replay':
        this.place.replays().disturbance = { passing: fault.passing, happen: () => this.happen(fault.meanwhile) };
        return this.place.replays().run();
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
    if (Math.abs(by) >= DAY) this.hasJumped = true;
    node.clockOffset += by;
    node.setTime(world.now);
    // What expires by it is gone at once, and not at the whim of a background task.
    await node.command('SCAN', '0', 'COUNT', 100_000);
    for (const shard of shards.values()) shard.jump(Math.floor(node.time / SECOND));
    this.noteWrite(node);
  }

  /** @returns whether it is lost: a Redis that takes no writes, or whose slots move, is left alone */
  async lose({ kind, node: n, isNew }: Fault & { kind: 'empty' | 'old snapshot' }): Promise<boolean> {
    const { world, network, target } = this.place;
    const node = this.#node(n);
    const isBusy = target instanceof NamedRedis && target.kind === 'pair' && !target.replica;
    if (node.state !== 'up' || !this.takesWrites || this.#migrations.size > 0 || isBusy) return false;
    node.setTime(world.now);
    const lost = kind === 'empty' ? await this.#losses.empty(node) : await this.#losses.restore(node);
    world.note(`${node.name} loses ${lost} orders`);
    this.lostAt = world.now;
    this.#lastActive = world.now;
    this.#writes = [];
    this.noteWrite(node);
    if (!isNew) return true;
    await node.command('SCRIPT', 'FLUSH');
    network.discard(node);
    return true;
  }

  async #kill({ ms, loadingMs, lossMs }: Fault & { kind: 'kill' }): Promise<void> {
    const { world, network, target } = this.place;
    const [node] = target.primaries;
    if (node?.state !== 'up') return;
    const cutAt = world.now - lossMs;
    const kept = lossMs > 0 ? this.#writes.findLast(({ at }) => at <= cutAt) : this.#writes.at(-1);
    const lost = this.#model.rollback(kept?.length ?? 0);
    if (lossMs > 0) this.lostAt = world.now;
    world.note(`Redis dies, and loses ${lost} orders`);
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
      this.lostAt = world.now;
      world.note(`A replica takes over, and loses ${lost} orders`);
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
