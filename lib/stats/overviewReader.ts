import type { HourOf } from '../orders/calendar.ts';
import type { RedisClient } from '../redis/client.ts';
import { toLetters } from './deadLetters.ts';
import { deadLettersKey, globalMessagesKey, type Shard, shardsOf } from './keys.ts';
import { addUpMessages } from './messages.ts';
import { Names } from './overviewNames.ts';
import { readShard, readStatistics, type ShardReading, type ShardStatistics, sound } from './overviewShard.ts';
import { type Counted, soundOrNull } from './pipelineState.ts';

/** Statistics are read again at this age even if no counter has changed, because an operator may have changed Redis. */
const REREAD_MS = 60_000;

/** `statistics`: of each shard, null if a key is corrupt. The same objects as before if nothing has changed. */
export type OverviewReading = Counted & {
  readonly names: Names;
  readonly statistics: readonly ShardStatistics[] | null;
};

/** Statistics of a shard, read at a time of a monotonic clock. */
type Kept = {
  readonly version: string;
  readonly names: Names;
  readonly at: number;
  readonly statistics: ShardStatistics;
};

/** Reads what the overview shows. While no counter changes, it reads only the counters. */
export class OverviewReader {
  readonly #kept = new Map<Shard, Kept>();
  /** By the clock of Redis at the last reading. */
  #names: Names;

  constructor(private readonly hourOf: HourOf) {
    this.#names = new Names(Date.now(), hourOf);
  }

  /**
   * One round trip, in which each shard is read at one moment; two when an hour begins.
   *
   * @throws the error of Redis or of the connection
   */
  async read(redis: RedisClient): Promise<OverviewReading> {
    const names = this.#names;
    const shards = await Promise.all(shardsOf(redis).map((shard) => this.#readShard(redis, shard, names)));
    const now = Math.max(...shards.map(({ time }) => time));
    if (!names.areOf(now)) {
      this.#names = new Names(now, this.hourOf);
      return this.read(redis);
    }
    const [messages, letters] = await Promise.all([
      soundOrNull(() => messagesOf(shards)),
      soundOrNull(() => lettersOf(shards)),
    ]);
    const statistics = shards.flatMap(({ statistics }) => statistics ?? []);
    return { now, messages, letters, statistics: statistics.length === shards.length ? statistics : null, names };
  }

  async #readShard(redis: RedisClient, shard: Shard, names: Names) {
    const at = performance.now();
    const kept = this.#kept.get(shard);
    const isFresh = kept?.names === names && at - kept.at < REREAD_MS;
    const { raw, ...reading } = await readShard(redis, shard, names.daysText, isFresh ? kept.version : '');
    if (!raw) return { ...reading, statistics: kept?.statistics };
    const statistics = await soundOrNull(() => readStatistics(redis, shard, raw));
    if (statistics) this.#kept.set(shard, { version: reading.version, names, at, statistics });
    return { ...reading, statistics };
  }
}

const messagesOf = (shards: readonly ShardReading[]) =>
  addUpMessages(
    shards.map(({ shard, messages, replayedUntil }) => ({
      shard,
      hash: sound(globalMessagesKey(shard), messages),
      replayedUntil,
    })),
  );

/** Only the first shard has any. */
function lettersOf([first]: readonly ShardReading[]) {
  if (!first) return [];
  const key = deadLettersKey(first.shard);
  return toLetters(key, sound(key, first.letters));
}
