import { type HourOf, hourName } from '../orders/calendar.ts';

/** How many hours are shown. Redis keeps some more, see count.lua. */
const SHOWN_HOURS = 72;
const HALF_HOUR = 1_800_000;

/**
 * The names of the last 72 hours of a zone, `YYYY-MM-DDTHH`, the current one last. An hour that clocks skip has no name, and
 * one that occurs twice is there once.
 *
 * @param now milliseconds since 1970
 */
export function lastHours(now: number, hourOf: HourOf): string[] {
  const hours = new Set<number>();
  // Half an hour is the least by which clocks change.
  for (let ms = now; hours.size < SHOWN_HOURS; ms -= HALF_HOUR) hours.add(hourOf(ms));
  return [...hours].sort((one, other) => one - other).map(hourName);
}
