import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { pMapIterable } from 'p-map';
import { type Fence, LARGEST_CALL, replayOrders } from '../counting/count.ts';
import type { Verdict } from '../counting/wire.ts';
import type { Order, StageUnits } from '../orders/order.ts';
import type { RedisClient } from '../redis/client.ts';
import { type Shard, shardOf, shardsOf } from '../stats/keys.ts';
import { type Archive, type ArchiveObject, ordersOf } from './archive.ts';
import {
  type ArchiveTimes,
  beginReplay,
  type Checkpoint,
  moveCheckpoint,
  readCheckpoint,
  readFence,
} from './checkpoint.ts';

/**
 * A batch may be archived up to this long after the time in its key, and a clock may be wrong by as much: no checkpoint is later
 * than this before now.
 */
export const MARGIN_MS = 5 * 60 * 1000;
/** Calls of a shard in flight. Few, so that live traffic waits for no more than these. */
const CALLS_IN_FLIGHT = 2;
/** Objects that are read at once. */
const READS_IN_FLIGHT = 16;
/** Orders after which the checkpoints move, if the page with their objects is not through before. */
const SLICE = 20_000;
/** How often a replay begins again after Redis lost some of it, or another one began. */
const ATTEMPTS = 3;
/** A replay that has called no script for this long is not at work. */
const QUIET_MS = 1000;

/** A key of Redis is corrupt, and an order needs it. */
export class UncountableError extends Error {
  override readonly name = 'UncountableError';

  constructor(reason: string) {
    super(`An order cannot be counted: ${reason}`);
  }
}

/** What a replay has done so far. Each field but `until` and `now` adds up. */
export type ReplayProgress = {
  /** Orders that were looked at; most of them are counted already. */
  readonly replayed: number;
  /** Orders that Redis had lost, or had in a lower version. */
  readonly restored: number;
  /** Orders that are counted with other content than in the archive. */
  readonly conflicts: number;
  /** All of the archive before this time has been replayed, in milliseconds since 1970; 0 if nothing has. */
  readonly until: number;
  /** The clock of S3, in milliseconds since 1970. */
  readonly now: number;
  /** Shards that are left out, because their ledgers may have forgotten orders that would count twice. */
  readonly forgotten: readonly Shard[];
};

/** `run` distinguishes replays. `fromMs`: start no later than at this time, in milliseconds since 1970. */
export type ReplayOptions = Pick<StageUnits, 'hourOf'> & { readonly run: string; readonly fromMs?: number };

/**
 * Counts what the archive holds and Redis does not, from the checkpoint of each shard on. Yields at the start, and whenever the
 * checkpoints have moved: then it may be ended without a loss.
 *
 * @throws an error whose message begins with `FENCED` when another replay has begun, an {@link UncountableError}, a
 *   `CorruptKeyError`, a `CorruptObjectError`, or the error of Redis, S3 or a connection
 */
export async function* replay(
  redis: RedisClient,
  archive: Archive,
  options: ReplayOptions,
): AsyncGenerator<ReplayProgress> {
  const counts = { replayed: 0, restored: 0, conflicts: 0 };
  let last: ReplayProgress | undefined;
  for (let attempt = 1; ; attempt++) {
    const checkpoints = await Promise.all(shardsOf(redis).map((shard) => readCheckpoint(redis, shard)));
    last ??= { ...counts, until: Math.min(...checkpoints), now: Date.now(), forgotten: [] };
    try {
      const run = `${options.run} ${attempt}`;
      for await (last of replayOnce(redis, archive, { ...options, run }, checkpoints, counts)) yield last;
      return;
    } catch (error) {
      const isFenced = error instanceof Error && error.message.startsWith('FENCED');
      if (!isFenced || attempt === ATTEMPTS) throw error;
    }
    for await (const _ of othersAtWork(redis)) yield last;
  }
}

/** Waits until no other replay is at work. Yields every second while one is. */
async function* othersAtWork(redis: RedisClient): AsyncGenerator<void> {
  for (let before = await readFences(redis); ; ) {
    await sleep(QUIET_MS);
    const fences = await readFences(redis);
    if (isDeepStrictEqual(fences, before)) return;
    before = fences;
    yield;
  }
}

const readFences = (redis: RedisClient) => Promise.all(shardsOf(redis).map((shard) => readFence(redis, shard)));

type Counts = { replayed: number; restored: number; conflicts: number };

async function* replayOnce(
  redis: RedisClient,
  archive: Archive,
  { run, fromMs = Number.POSITIVE_INFINITY, ...units }: ReplayOptions,
  checkpoints: readonly number[],
  counts: Counts,
): AsyncGenerator<ReplayProgress> {
  const names = shardsOf(redis);
  const first = await firstTime(archive, Math.min(fromMs, ...checkpoints));
  const begin = async (name: Shard, index: number) => {
    const checkpoint = checkpoints[index] ?? 0;
    const times = { ...first, time: Math.max(first.time, Math.min(fromMs, checkpoint)) };
    return new ShardReplay(redis, name, run, counts, await beginReplay(redis, name, `${run} 0`, checkpoint, times));
  };
  const shards = await Promise.all(names.map(begin));
  const byName = new Map(shards.map((shard) => [shard.name, shard]));
  let open = shards.filter(({ isOpen }) => isOpen);
  const progress = (now: number): ReplayProgress => ({
    ...counts,
    until: Math.min(...shards.map(({ until }) => until)),
    now,
    forgotten: shards.filter(({ isOpen }) => !isOpen).map(({ name }) => name),
  });
  const endSlice = async (times: ArchiveTimes) => {
    await Promise.all(open.map((shard) => shard.settle()));
    open = open.filter(({ isOpen }) => isOpen);
    await Promise.all(open.map((shard) => shard.move(times)));
    return progress(times.now);
  };

  let { now } = first;
  yield progress(now);
  if (open.length === 0) return;
  let inSlice = 0;
  let listedUntil = 0;
  for await (const { objects, listedAt } of archive.list(Math.min(fromMs, ...open.map(({ until }) => until)))) {
    // After an earlier page was listed, objects may still have come before its end, unless that was older than the margin.
    if (listedUntil <= now - MARGIN_MS) now = listedAt;
    listedUntil = objects.at(-1)?.time ?? listedUntil;
    const read = async (object: ArchiveObject) => ({ object, lines: await archive.lines(object) });
    for await (const { object, lines } of pMapIterable(objects, read, { concurrency: READS_IN_FLIGHT })) {
      // Lines are parsed while Redis counts the last ones.
      for (const order of ordersOf(object, lines, units)) {
        const shard = byName.get(shardOf(names, order.userId));
        if (!shard?.isOpen || object.time < Math.min(fromMs, shard.until)) continue;
        const pause = shard.add(order);
        if (pause) await pause;
      }
      inSlice += lines.length;
      if (inSlice < SLICE) continue;
      inSlice = 0;
      yield await endSlice({ time: Math.min(object.time, now - MARGIN_MS), now });
    }
    const lastObject = objects.at(-1);
    if (lastObject) yield await endSlice({ time: Math.min(lastObject.time, now - MARGIN_MS), now });
    if (open.length === 0) return;
  }
  yield await endSlice({ time: now - MARGIN_MS, now });
}

/** The time of the first object from a time on; at the latest, that of the next checkpoint. */
async function firstTime(archive: Archive, fromMs: number): Promise<ArchiveTimes> {
  let now = 0;
  let time = Number.POSITIVE_INFINITY;
  for await (const { objects, listedAt } of archive.list(fromMs)) {
    now = listedAt;
    time = objects[0]?.time ?? time;
    if (objects.length > 0) break;
  }
  return { time: Math.min(time, now - MARGIN_MS), now };
}

/** The replay into one shard. Its calls are counted in the order in which they are sent. */
class ShardReplay {
  #orders: Order[] = [];
  #inFlight: Promise<void>[] = [];
  #calls = 0;

  /** @param checkpoint of a replay that has begun with the fence `<run> 0` */
  constructor(
    private readonly redis: RedisClient,
    readonly name: Shard,
    private readonly run: string,
    private readonly counts: Counts,
    private checkpoint: Checkpoint,
  ) {}

  get isOpen(): boolean {
    return this.checkpoint.content !== 'forgotten';
  }

  get until(): number {
    return this.checkpoint.until;
  }

  /** @returns what to wait for before the next order, if anything */
  add(order: Order): Promise<void> | undefined {
    this.#orders.push(order);
    if (this.#orders.length < LARGEST_CALL) return undefined;
    this.#send();
    return this.#inFlight.length > CALLS_IN_FLIGHT ? this.#inFlight.shift() : undefined;
  }

  /** Sends what is left, and waits until all is counted. */
  async settle(): Promise<void> {
    if (this.#orders.length > 0) this.#send();
    await Promise.all(this.#inFlight);
    this.#inFlight = [];
  }

  /** Moves the checkpoint after {@link settle}. */
  async move(times: ArchiveTimes): Promise<void> {
    if (times.time <= this.until) return;
    await moveCheckpoint(this.redis, this.name, this.#fence, times);
    this.checkpoint = { ...this.checkpoint, until: times.time };
  }

  get #fence(): string {
    return `${this.run} ${this.#calls}`;
  }

  #send(): void {
    const standing = this.#fence;
    this.#calls++;
    const call = this.#count(this.#orders, { standing, next: this.#fence });
    // Its error is thrown where the call is awaited.
    call.catch(() => {});
    this.#inFlight.push(call);
    this.#orders = [];
  }

  async #count(orders: readonly Order[], fence: Fence): Promise<void> {
    for (const verdict of await this.#verdicts(orders, fence)) {
      this.counts.replayed++;
      if (verdict.kind === 'counted' || verdict.kind === 'revised') this.counts.restored++;
      else if (verdict.kind === 'conflict') this.counts.conflicts++;
      else if (verdict.kind === 'corrupt') throw new UncountableError(verdict.reason);
    }
  }
  /** None once the script finds that the clock of Redis has jumped or the ledger is gone. */
  async #verdicts(orders: readonly Order[], fence: Fence): Promise<Verdict[]> {
    try {
      return await replayOrders(this.redis, this.name, orders, fence);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('FORGOTTEN')) {
        this.checkpoint = { ...this.checkpoint, content: 'forgotten' };
      }
      // After this refusal, the next calls in flight meet a fence that they do not expect.
      if (this.isOpen) throw error;
      return [];
    }
  }
}
