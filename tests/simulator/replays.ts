import { pickNumber, type Random } from '../../scripts/shared/random.ts';
import type { ShardModel, Verdict } from '../support/model.ts';
import type { ModelOrder } from '../support/modelTotals.ts';
import type { Acknowledged } from './acknowledged.ts';
import type { Faults } from './faults.ts';
import type { Ending, Invocation, LambdaFunction } from './lambda.ts';
import type { Watch } from './network.ts';
import type { RedisNode } from './redisNode.ts';
import type { Value } from './resp.ts';
import type { SimulatedS3 } from './s3Client.ts';
import { callIn, NOT_NOW, type Records, VERDICTS } from './script.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const EVERY_MS = 15 * MINUTE;
/** A replay refuses a shard whose ledger may have forgotten orders: not before this time, in seconds. */
const FORGETS_SECONDS = 28 * 86_400;
/** A replay that takes longer may have ended before it had caught up. */
const WHOLE_MS = 10 * MINUTE;

/** A run of the replay. */
class Replay {
  constructor(readonly startedAt: number) {}
  /** Shards that it refuses. */
  readonly forgotten = new Set<string>();
  /** Whether Redis refused something. */
  wasRefused = false;
}

/** What happens once replays have sent `passing` more requests. */
type Disturbance = { passing: number; readonly happen: () => Promise<void> };

/** What replays need of a schedule. */
export type ReplayPlace = {
  readonly world: World;
  readonly s3: SimulatedS3;
  readonly shards: ReadonlyMap<string, ShardModel>;
  readonly records: Records;
  readonly acknowledged: Acknowledged;
  readonly faults: Faults;
  readonly wasDisturbed: (since: number) => boolean;
};

/** The schedule that invokes the replay of the archive, and a model of what it does to Redis. */
export class Replays {
  /** Until when nothing invokes it, in virtual time. */
  offUntil = 0;
  /** Whether one that has nothing to do is left out for a day: it would take most of the time of a long schedule. */
  isLazy = true;
  /** What waits to happen in the middle of a replay. */
  disturbance: Disturbance | undefined;
  /** The last replay that has counted all of the archive. */
  #whole = { startedAt: 0, objects: 0 };
  /** Whether the last replay to end has refused a shard. */
  isStopped = false;
  #running = 0;
  #lastConcurrent = Number.NEGATIVE_INFINITY;
  readonly #random: Random;

  constructor(
    private readonly place: ReplayPlace,
    private readonly lambda: LambdaFunction,
  ) {
    this.#random = place.world.random('replays');
    this.#plan();
  }

  get isIdle(): boolean {
    return this.#running === 0;
  }

  /** Since when all of the archive is in Redis, in virtual time. */
  get wholeSince(): number {
    return this.#whole.startedAt;
  }

  #plan(): void {
    const { world, s3, faults } = this.place;
    world.after(EVERY_MS, () => {
      this.#plan();
      const { startedAt, objects } = this.#whole;
      const isIdle = this.isLazy && objects === s3.size && faults.lostAt < startedAt && world.now - startedAt < DAY;
      if (isIdle || world.now < this.offUntil) return;
      this.run();
      if (this.#random() < 0.05) world.after(pickNumber(this.#random, 100), () => this.run());
    });
  }

  /** Invokes the function once. */
  run(): void {
    const { world, s3 } = this.place;
    const replay = new Replay(world.now);
    const objects = s3.size;
    if (this.#running > 0) this.#lastConcurrent = world.now;
    this.#running += 1;
    this.lambda.invoke({}, replay, (ending, invocation) => {
      if (this.#running > 1) this.#lastConcurrent = world.now;
      this.#running -= 1;
      this.#settle(replay, ending, invocation, objects);
    });
  }

  #settle(replay: Replay, ending: Ending, invocation: Invocation, objects: number): void {
    const { world, wasDisturbed, faults } = this.place;
    const { startedAt, forgotten } = replay;
    if (ending.kind === 'lost') return;
    this.isStopped = forgotten.size > 0;
    if (ending.kind === 'response') {
      const isWhole = forgotten.size === 0 && invocation.endedAt - startedAt < WHOLE_MS;
      if (isWhole) this.#whole = { startedAt, objects };
      return;
    }
    const isExcused =
      invocation.wasStarved ||
      replay.wasRefused ||
      faults.hasJumped ||
      this.#lastConcurrent >= startedAt ||
      wasDisturbed(startedAt);
    if (!isExcused) world.violate(`${invocation.name} failed: ${ending.error}`);
  }

  /** Follows a request of a container that replays. */
  watch(task: unknown, request: readonly Buffer[]): Watch | undefined {
    if (!(task instanceof Replay)) return undefined;
    this.#disturb();
    const call = callIn(request);
    if (!call) return undefined;
    const { prefix, args } = call;
    const shard = this.place.shards.get(prefix);
    if (!shard) throw new Error(`There is no shard ${prefix}`);
    const [action, wire = Buffer.alloc(0), ...times] = args;
    const [until = 0, lag = 0] = times.map(Number);
    const orders = `${action}` === 'replay' ? this.place.records.ordersOf(wire) : [];
    return {
      executed: (reply, node) => {
        if (reply instanceof Error) {
          task.wasRefused = true;
          if (reply.message.startsWith('FORGOTTEN')) this.#stop(task, prefix, shard, node);
          else if (!NOT_NOW.test(reply.message) && !reply.message.startsWith('FENCED')) {
            this.place.world.violate(`a script of a replay failed: ${reply.message}`);
          }
        } else if (`${action}` === 'replay') this.#count(orders, prefix, shard, reply, node);
        else if (`${action}` === 'begin') this.#begin(task, prefix, shard, reply, node, { until, lag });
        else if (until > (shard.checkpoint?.until ?? 0)) {
          shard.moveCheckpoint(seconds(node), { until, clock: seconds(node) - lag });
        }
      },
      arrived() {},
    };
  }

  #disturb(): void {
    const { disturbance } = this;
    if (!disturbance || disturbance.passing-- > 0) return;
    this.disturbance = undefined;
    this.place.world.after(0, disturbance.happen);
  }

  /** Redis refuses the replay of a shard. */
  #stop(task: Replay, prefix: string, { knownSince }: ShardModel, node: RedisNode): void {
    const { world, faults } = this.place;
    task.forgotten.add(prefix);
    if (!faults.hasJumped && seconds(node) - knownSince < FORGETS_SECONDS) {
      world.violate(`a replay refuses ${prefix || 'Redis'}, which knows all orders since ${knownSince}`);
    }
  }

  /** The checkpoint moves to where the archive goes on. */
  #begin(
    task: Replay,
    prefix: string,
    shard: ShardModel,
    reply: Value,
    node: RedisNode,
    { until, lag }: { readonly until: number; readonly lag: number },
  ): void {
    const { checkpoint } = shard;
    const now = seconds(node);
    if (Array.isArray(reply) && reply[1] === 'forgotten') this.#stop(task, prefix, shard, node);
    else if (!checkpoint) shard.moveCheckpoint(now, { until, clock: now - lag });
    else if (until > checkpoint.until) {
      const clock = checkpoint.clock + Math.floor((until - checkpoint.until) / 1000);
      shard.moveCheckpoint(now, { until, clock });
    }
  }

  #count(
    orders: readonly (ModelOrder | undefined)[],
    prefix: string,
    shard: ShardModel,
    reply: Value,
    node: RedisNode,
  ): void {
    const { world, acknowledged, faults } = this.place;
    const verdicts = Array.isArray(reply) ? `${reply[0]}` : '';
    if (verdicts.length !== orders.length) {
      world.violate(`Redis answered ${verdicts} for ${orders.length} orders of a replay`);
      return;
    }
    for (const [n, order] of orders.entries()) {
      const verdict: Verdict | undefined = VERDICTS[verdicts[n] ?? ''];
      if (!order) {
        world.violate('a replay counts an order that nobody has sent');
        return;
      }
      const { orderId, version } = order;
      if (verdict === 'counted' && shard.times(orderId) >= acknowledged.most(prefix, orderId)) {
        if (!faults.hasJumped) world.violate(`a replay counts ${orderId} version ${version} again`);
        acknowledged.countAgain(prefix, orderId);
      }
      if (verdict === 'conflict') acknowledged.noteConflict(prefix, orderId);
      const right = shard.apply(order, seconds(node), verdict, { isCertain: true, isReplay: true });
      if (right) {
        world.violate(`${orderId} version ${version} got ${verdicts[n]} in a replay, not ${right.join(' or ')}`);
        return;
      }
    }
  }
}

const seconds = (node: RedisNode): number => Math.floor(node.time / 1000);
