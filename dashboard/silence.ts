import { formatDuration } from './duration.ts';
import { countOf } from './format.ts';
import type { Evidence, Finding, Situation } from './verdict.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
/** Where at least this many orders usually come in a time, it is no chance that none came. */
const MANY_USUAL = 10;
const LEAST_SECONDS = 15 * 60;
/** Days before the silence that say what is usual. */
const USUAL_DAYS = 28;

/**
 * How many orders usually come in the time since the last one; 0 if that is not known. Within a day: the fewer of those in the
 * same hours yesterday and the day before. Else as on half of the days before.
 *
 * @param now in milliseconds since 1970
 */
export function usualSince(figures: Evidence['figures'], seconds: number, now: number): number {
  if (!figures) return 0;
  return seconds < DAY ? usualOfHours(figures.hours, seconds, now) : usualOfDays(figures.days, seconds);
}

type Orders = readonly { readonly orders: number }[];

function usualOfHours(hours: Orders, seconds: number, now: number): number {
  let usual = 0;
  let left = seconds;
  let passed = (now / 1000) % HOUR;
  for (let index = hours.length - 1; left > 0 && index >= 0; index--) {
    const part = Math.min(left, passed);
    const [yesterday, before] = [hours[index - 24]?.orders ?? 0, hours[index - 48]?.orders ?? 0];
    usual += (Math.min(yesterday, before) * part) / HOUR;
    left -= part;
    passed = HOUR;
  }
  return usual;
}

function usualOfDays(days: Orders, seconds: number): number {
  const silent = Math.ceil(seconds / DAY);
  const before = days.slice(0, -silent).slice(-USUAL_DAYS);
  const sorted = before.map(({ orders }) => orders).sort((one, other) => one - other);
  return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) * seconds) / DAY;
}

/** No order comes, although many usually do. */
export function silence({ pipeline: { queue }, sinceCount, usual }: Situation): Finding | undefined {
  if (sinceCount === undefined || sinceCount < LEAST_SECONDS || usual < MANY_USUAL) return undefined;
  if (!queue || queue.waiting + queue.in_flight > 0) return undefined;
  return {
    level: 'attention',
    title: `No order for ${formatDuration(sinceCount)}`,
    meaning:
      `About ${countOf(Math.round(usual), 'order')} usually come in that time. Nothing waits in the queue: the shop sends ` +
      'nothing, or its messages do not arrive.',
    section: 'No orders arrive',
  };
}
