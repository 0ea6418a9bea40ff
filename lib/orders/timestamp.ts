import { type DayOf, dayInUtc } from './calendar.ts';

const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:Z|([+-])(\d{2})(?::?(\d{2}))?)$/;

const FIRST_YEAR = 1970;
const END = Date.UTC(10_000, 0);

/** An instant, and the day that it belongs to. */
export type Instant = {
  /** Seconds since 1970 with the decimals that were given, e.g. `1734084000` or `1734084000.25`. */
  readonly epoch: string;
  /** `YYYY-MM-DD` in the time zone of the statistics. */
  readonly day: string;
};

/**
 * Reads an ISO 8601 date and time (extended format) with `Z` or an offset. The date must exist in the calendar, the
 * time be 00:00:00 to 23:59:59, and the instant lie in the years 1970-9999, as written, in UTC and on its day.
 *
 * @returns undefined when it does not
 */
export function parseTimestamp(text: string, dayOf: DayOf = dayInUtc): Instant | undefined {
  const match = ISO_8601.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6] ?? 0)];
  const [offsetHour, offsetMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (year < FIRST_YEAR || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) return undefined;
  const offset = (offsetHour * 60 + offsetMinute) * (match[8] === '-' ? -1 : 1);
  const ms = Date.UTC(year, month - 1, day, hour, minute - offset, second);
  if (ms < 0 || ms >= END) return undefined;
  // Stryker disable next-line ConditionalExpression: it only saves time
  const ownDay = offset === 0 && dayOf === dayInUtc ? text.slice(0, 10) : dayOf(ms);
  // A year of five digits has a sign. No day is equal to a year.
  if (ownDay < `${FIRST_YEAR}`) return undefined;
  const fraction = match[7]?.replace(/0+$/, '');
  return {
    epoch: fraction ? `${ms / 1000}.${fraction}` : `${ms / 1000}`,
    day: ownDay,
  };
}

const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();
