import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { Random } from '../../scripts/shared/random.ts';
import type { ShardModel, Verdict } from '../support/model.ts';
import type { ModelOrder } from '../support/modelTotals.ts';
import type { Acknowledged } from './acknowledged.ts';
import type { Ending, Invocation, LambdaFunction } from './lambda.ts';
import type { Watch } from './network.ts';
import type { Received, SimulatedQueue } from './queue.ts';
import type { RedisNode } from './redisNode.ts';
import type { Value } from './resp.ts';
import type { SimulatedS3 } from './s3Client.ts';
import { callIn, NOT_NOW, VERDICTS } from './script.ts';
import type { VisibilityChange } from './sqsClient.ts';
import type { Cancel, World } from './world.ts';

const ACCEPTED = 'accept_unknown_version';
const WINDOW_MS = 1000;
/** After this time, less a day of margin for clocks, an order that is done may count again. */
const REMEMBERED_MS = 29 * 86_400_000;
/** An answer within this time after the start of the batch is in time for its order. */
const IN_TIME_MS = 900;

const Response = v.strictObject({ batchItemFailures: v.array(v.strictObject({ itemIdentifier: v.string() })) });

/** A later delivery gets the same verdict. */
const PERMANENT = new Set<Verdict>(['conflict', 'unknown']);

/** `prefix`: of the shard. */
type Seen = { readonly verdict: Verdict; readonly prefix: string; arrivedAt: number | undefined };

/** A batch that the worker counts. */
class Batch {
  readonly seen = new Map<number, Seen>();
  /** Orders that Redis refused to count. */
  readonly refused = new Set<number>();
  readonly visibility = new Map<string, number[]>();
  /** Whether the worker knows that the archive has the orders; undefined before S3 answers. */
  isKept: boolean | undefined;
  readonly #calls = new Map<string, number[]>();
  readonly #assigned = new Set<number>();
  /** Fields of `global:messages` that the worker has increased itself. */
  readonly added = new Set<string>();

  constructor(
    readonly messages: readonly Received[],
    /** The orders of the messages; undefined for an invalid message. */
    readonly orders: readonly (ModelOrder | undefined)[],
  ) {}

  /**
   * Which messages of the batch a call of the counting script counts. A shard gets its orders in the order of the batch,
   * one slice per call. The user is in the keys. The first bytes of the id's SHA-256 are in the arguments.
   */
  ordersOf(keys: readonly string[], args: readonly Buffer[]): readonly number[] {
    const bytes = Buffer.concat(args);
    const call = createHash('sha1').update(keys.join()).update(bytes).digest('base64');
    const known = this.#calls.get(call);
    if (known) return known;
    const ids = new Set(this.orders.flatMap((order) => (order ? [order.orderId] : [])));
    let size = 0;
    const isIn = new Map<string, boolean>();
    for (const id of ids) {
      const times = occurrences(bytes, createHash('sha256').update(id).digest().subarray(0, 8));
      size += times;
      isIn.set(id, times > 0);
    }
    const indexes: number[] = [];
    for (const [index, order] of this.orders.entries()) {
      if (indexes.length === size) break;
      if (!order || this.#assigned.has(index) || !isIn.get(order.orderId)) continue;
      if (!keys.some((key) => key.endsWith(`user:${order.userId}`))) continue;
      indexes.push(index);
      this.#assigned.add(index);
    }
    this.#calls.set(call, indexes);
    return indexes;
  }
}

function occurrences(bytes: Buffer, part: Buffer): number {
  let times = 0;
  for (let at = bytes.indexOf(part); at >= 0; at = bytes.indexOf(part, at + 1)) times++;
  return times;
}

/** What the worker needs of a schedule. */
export type WorkerPlace = {
  readonly world: World;
  readonly queue: SimulatedQueue;
  readonly shards: Map<string, ShardModel>;
  /** The order of a message; undefined if it is invalid. */
  readonly orderOf: (message: Received) => ModelOrder | undefined;
  readonly onDone: (message: Received) => void;
  readonly s3: SimulatedS3;
  readonly acknowledged: Acknowledged;
  /** Whether Redis or the network had a fault since this time. */
  readonly wasDisturbed: (since: number) => boolean;
  /** Whether Redis takes writes at the moment. */
  readonly takesWrites: () => boolean;
  /** Whether a clock was wrong by days. */
  readonly hasJumped: () => boolean;
};

/** The event source mapping of the worker: receives batches, invokes the worker, and deletes what is done. */
export class Worker {
  #planned: { readonly at: number; readonly cancel: Cancel } | undefined;
  #running = 0;
  readonly #random: Random;

  constructor(
    private readonly place: WorkerPlace,
    private readonly lambda: LambdaFunction,
    private readonly limits: { readonly batchSize: number; readonly concurrency: number; readonly maxReceives: number },
  ) {
    this.#random = place.world.random('poller');
    place.queue.onVisible = (at) => this.#plan(at);
  }

  get isIdle(): boolean {
    return this.#running === 0;
  }

  #plan(at: number): void {
    if (this.#planned && this.#planned.at <= at) return;
    this.#planned?.cancel();
    const cancel = this.place.world.at(at + this.#random() * WINDOW_MS, () => this.#poll());
    this.#planned = { at, cancel };
  }

  #planNext(): void {
    const next = Math.min(...this.place.queue.messages.map(({ visibleAt }) => visibleAt));
    if (next < Number.POSITIVE_INFINITY) this.#plan(next);
  }

  #poll(): void {
    this.#planned = undefined;
    if (this.#running >= this.limits.concurrency) return;
    const messages = this.place.queue.receive(this.limits.batchSize);
    if (messages.length > 0) this.#invoke(messages);
    this.#planNext();
  }

  #invoke(messages: readonly Received[]): void {
    const batch = new Batch(messages, messages.map(this.place.orderOf));
    this.#running += 1;
    this.lambda.invoke({ Records: messages.map(toRecord) }, batch, (ending, invocation) => {
      this.#running -= 1;
      this.#settle(batch, ending, invocation);
      this.#planNext();
    });
  }

  /** Follows a request of a container that counts a batch. */
  watch(task: unknown, request: readonly Buffer[]): Watch | undefined {
    if (!(task instanceof Batch)) return undefined;
    if (`${request[1]}`.endsWith('global:dead-letters')) return undefined;
    if (/^HINCRBY$/i.test(`${request[0]}`)) return this.#watchMessages(task, request.map(String));
    const call = callIn(request);
    if (!call) return undefined;
    const indexes = task.ordersOf(call.keys, call.args);
    return {
      executed: (reply, node) => this.#executed(task, indexes, call.prefix, reply, node),
      arrived: () => {
        for (const index of indexes) {
          const seen = task.seen.get(index);
          if (seen) seen.arrivedAt ??= this.place.world.now;
        }
      },
    };
  }

  /** Checks that the worker counts the deliveries that only it knows of once per batch. */
  #watchMessages(batch: Batch, [, key = '', field = '', count = '']: string[]): Watch {
    const right =
      field === 'invalid'
        ? batch.orders.filter((order) => !order).length
        : batch.messages.filter(({ receives }) => receives > 1).length;
    return {
      executed: (reply) => {
        if (reply instanceof Error) return;
        const shard = this.place.shards.get(key.slice(0, -'global:messages'.length));
        if (
          !shard ||
          (field !== 'invalid' && field !== 'retried') ||
          Number(count) !== right ||
          batch.added.has(field)
        ) {
          this.place.world.violate(`HINCRBY ${key} ${field} ${count}: it should be ${right}, once`);
          return;
        }
        batch.added.add(field);
        shard.addMessages(field, right);
      },
      arrived() {},
    };
  }

  #executed(batch: Batch, indexes: readonly number[], prefix: string, reply: Value, node: RedisNode): void {
    const { world, shards, takesWrites, acknowledged, hasJumped } = this.place;
    if (reply instanceof Error) {
      if (!NOT_NOW.test(reply.message)) world.violate(`the script failed: ${reply.message}`);
      for (const index of indexes) batch.refused.add(index);
      return;
    }
    const verdicts = Array.isArray(reply) ? `${reply[0]}` : '';
    if (verdicts.length !== indexes.length) {
      world.violate(`Redis answered ${verdicts} for ${indexes.length} orders`);
      return;
    }
    const shard = shards.get(prefix);
    if (!shard) throw new Error(`There is no shard ${prefix}`);
    const isCertain = takesWrites() || /[nr]/.test(verdicts);
    for (const [n, index] of indexes.entries()) {
      const [order, message, verdict] = [batch.orders[index], batch.messages[index], VERDICTS[verdicts[n] ?? '']];
      if (!order || !message) continue;
      if (verdict === 'counted' && shard.times(order.orderId) > 0) {
        const since = world.now - acknowledged.doneAt(prefix, order.orderId);
        if (since < REMEMBERED_MS && !hasJumped()) world.violate(`${order.orderId} counts again after ${since} ms`);
        acknowledged.countAgain(prefix, order.orderId);
      }
      const right = shard.apply(order, Math.floor(node.time / 1000), verdict, {
        isAccepted: ACCEPTED in message.attributes,
        isCertain,
      });
      if (right || verdict === undefined) {
        world.violate(
          `${message.id} (${order.orderId} version ${order.version}) got ${verdicts[n]}, not ${right?.join(' or ')}`,
        );
        return;
      }
      batch.seen.set(index, { verdict, prefix, arrivedAt: undefined });
    }
  }

  /** To be called when a container knows whether the archive has the orders of its batch. */
  watchArchive(task: unknown, isKept: boolean): void {
    if (task instanceof Batch) task.isKept = isKept;
  }

  watchVisibility(task: unknown, { handle, seconds }: VisibilityChange): void {
    if (task instanceof Batch) task.visibility.set(handle, [...(task.visibility.get(handle) ?? []), seconds]);
  }

  #settle(batch: Batch, ending: Ending, invocation: Invocation): void {
    const { world, queue, s3, acknowledged } = this.place;
    if (ending.kind === 'lost') return;
    if (ending.kind === 'error') {
      world.violate(`${invocation.name} threw ${ending.error}`);
      return;
    }
    const parsed = v.safeParse(Response, ending.response);
    if (!parsed.success) {
      world.violate(`${invocation.name} answered ${JSON.stringify(ending.response)}`);
      return;
    }
    const failed = new Set(parsed.output.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const [index, message] of batch.messages.entries()) {
      const order = batch.orders[index];
      const seen = batch.seen.get(index);
      const isCounted = seen !== undefined && !PERMANENT.has(seen.verdict);
      if (failed.has(message.id)) {
        if (!invocation.wasStarved) this.#checkFailure(batch, index, message, seen, order !== undefined, invocation);
        continue;
      }
      if (!order || !isCounted) {
        world.violate(
          `${invocation.name} reported ${message.id} as done: ${order ? 'it is not counted' : 'it is invalid'}`,
        );
        return;
      }
      if (!s3.holds(order)) {
        world.violate(`${invocation.name} reported ${message.id} as done: the archive does not have it`);
        return;
      }
      acknowledged.add(seen.prefix, order, world.now);
      if (batch.visibility.has(message.handle)) world.violate(`${message.id} is done, and becomes visible again`);
      this.place.onDone(message);
      queue.delete(message.handle);
    }
  }

  /** Checks that a failed message had a reason to fail, and comes back when it should. */
  #checkFailure(
    batch: Batch,
    index: number,
    message: Received,
    seen: Seen | undefined,
    isValid: boolean,
    invocation: Invocation,
  ): void {
    const { world, wasDisturbed } = this.place;
    const isInTime = seen?.arrivedAt !== undefined && seen.arrivedAt - invocation.startedAt < IN_TIME_MS;
    const isPermanent = !isValid || (isInTime && PERMANENT.has(seen.verdict));
    if (isValid && isInTime && !isPermanent && batch.isKept !== false) {
      world.violate(`${invocation.name} reported ${message.id} as failed: it had got ${seen.verdict}`);
    }
    // A connection that was idle during a failover may still lead to a server that refuses, long afterwards.
    if (isValid && !seen && !batch.refused.has(index) && !wasDisturbed(invocation.startedAt)) {
      world.violate(`${invocation.name} reported ${message.id} as failed, and never sent it to Redis`);
    }
    const changes = batch.visibility.get(message.handle) ?? [];
    const pause = Math.min(15 * 2 ** (message.receives - 1), 900);
    const [seconds = -1] = changes;
    const isAtOnce = isPermanent || message.receives === this.limits.maxReceives;
    const isRight = isAtOnce ? seconds === 0 : seconds >= pause && seconds <= pause * 1.2;
    const isLate = seen?.arrivedAt !== undefined && !isInTime;
    if (changes.length !== 1 || !(isRight || (isLate && seconds === 0))) {
      const what = isAtOnce ? 'at once' : `in ${pause} s or a fifth more`;
      world.violate(
        `${message.id}, received ${message.receives} times, should come back ${what}: in ${changes.join() || '?'} s`,
      );
    }
  }
}

const toRecord = ({ id, handle, body, attributes, receives, sentAt }: Received) => ({
  messageId: id,
  receiptHandle: handle,
  body,
  attributes: { ApproximateReceiveCount: `${receives}`, SentTimestamp: `${Math.floor(sentAt)}` },
  messageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, stringValue]) => [name, { dataType: 'String', stringValue }]),
  ),
});
