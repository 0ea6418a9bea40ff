import { hash } from 'node:crypto';
import type { Units } from '../config.ts';
import { hourIn } from '../orders/calendar.ts';
import type { Read } from '../redis/reader.ts';
import type { Names } from './overviewNames.ts';
import { OverviewReader, type OverviewReading } from './overviewReader.ts';
import { type ShardStatistics, TOP_USERS } from './overviewShard.ts';
import { orNull, type QueueUrls, readDepths, stateOf, withoutAges } from './pipelineState.ts';
import { type PeriodStats, seriesOf } from './read.ts';
import { type TopUser, toTopUsers } from './topUsers.ts';
import { sumOf, toUnits } from './totals.ts';

/** Statistics of one moment. Revenue and spend are in currency units. */
type Statistics = {
  readonly total_orders: number;
  readonly total_revenue_cents: number;
  readonly total_revenue: number;
  readonly hours: readonly PeriodStats[];
  readonly days: readonly PeriodStats[];
  readonly top_users: readonly TopUser[];
};

/** If they cannot be read. */
const NO_STATISTICS: Record<keyof Statistics, null> = {
  total_orders: null,
  total_revenue_cents: null,
  total_revenue: null,
  hours: null,
  days: null,
  top_users: null,
};

/** All that the page shows, as JSON. `news`: what it follows from, but for the moment of reading and ages. */
export type Overview = { readonly json: string; readonly news: string };

type Deployed = Units & { readonly stage: string };

/** Gives the overview. Asks Redis and SQS in parallel, takes less than a second, and never throws. */
export function overviewSource(read: Read, urls: QueueUrls, { stage, timeZone, currency }: Deployed) {
  const reader = new OverviewReader(hourIn(timeZone));
  const place = textOf({ stage, time_zone: timeZone, currency });
  const statistics = new StatisticsText();
  return async (): Promise<Overview> => {
    const [reading, depths] = await Promise.all([orNull(read((redis) => reader.read(redis))), readDepths(urls)]);
    const asOf = textOf({ as_of: new Date(reading?.now ?? Date.now()).toISOString() });
    const pipeline = stateOf(reading, depths);
    const { text, digest } = statistics.of(reading);
    return {
      json: `{${asOf},${place},${text},${textOf({ pipeline })}}`,
      news: `${place},${digest},${textOf({ pipeline: withoutAges(pipeline) })}`,
    };
  };
}

/** The members of an object in JSON, without the braces. */
const textOf = (members: object): string => JSON.stringify(members).slice(1, -1);

type Written = { readonly text: string; readonly digest: string };

const written = (statistics: object): Written => {
  const text = textOf(statistics);
  return { text, digest: hash('sha256', text) };
};

/** The statistics in JSON, which are written only if they have changed: it takes longer than all the rest. */
class StatisticsText {
  #names: Names | undefined;
  #shards: readonly ShardStatistics[] = [];
  readonly #none = written(NO_STATISTICS);
  #written = this.#none;

  of(reading: OverviewReading | null): Written {
    if (!reading?.statistics) return this.#none;
    const { names, statistics } = reading;
    if (names !== this.#names || statistics.some((shard, index) => shard !== this.#shards[index])) {
      [this.#names, this.#shards] = [names, statistics];
      this.#written = written(statisticsOf(names, statistics));
    }
    return this.#written;
  }
}

function statisticsOf({ hours, days }: Names, shards: readonly ShardStatistics[]): Statistics {
  const { count, cents } = sumOf(shards.map(({ total }) => total));
  return {
    total_orders: count,
    total_revenue_cents: cents,
    total_revenue: toUnits(cents),
    hours: seriesOf(
      hours,
      hours.map((hour) => sumOf(shards.map(({ hours }) => hours.get(hour)))),
    ),
    days: seriesOf(
      days,
      days.map((_, index) => sumOf(shards.map(({ days }) => days[index]))),
    ),
    top_users: toTopUsers(
      shards.flatMap(({ top }) => top),
      TOP_USERS,
    ),
  };
}
