import { dayOfHour, type HourOf, hourInUtc } from './calendar.ts';
import { describeInvisible } from './rejection.ts';

const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:Z|([+-])(\d{2})(?::?(\d{2}))?)$/;

/** An instant from here on is in 1970 to 9999 in every time zone, so an order is valid in all of them, or in none. */
const START = Date.UTC(1970, 0, 2);
const END = Date.UTC(9999, 11, 31);

export type Instant = {
  /** Exact seconds since 1970, without trailing zeros, e.g. `1734084000` or `1734084000.25`. */
  readonly epoch: string;
  /** `YYYY-MM-DD` in the time zone of the statistics. */
  readonly day: string;
  /** Hours since 1970, see {@link HourOf}. */
  readonly hour: number;
};

const RANGE = 'must be from 1970-01-02 to 9999-12-30, in UTC';

/**
 * Reads an ISO 8601 date and time (extended format) with `Z` or an offset. The date must exist in the calendar, and the
 * time must be 00:00:00 to 23:59:59.
 *
 * @returns the broken rule as text if it is not valid
 */
export function parseTimestamp(text: string, hourOf: HourOf = hourInUtc): Instant | string {
  const match = ISO_8601.exec(text);
  if (!match) return brokenFormat(text);
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6] ?? 0)];
  const [offsetHour, offsetMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  // Date.UTC takes the years 0 to 99 for those of the 20th century.
  if (year < 1970) return RANGE;
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return 'must be a date that exists';
  if (hour > 23) return 'must have an hour from 00 to 23: midnight is 00:00 of the next day';
  if (minute > 59) return 'must have minutes from 00 to 59';
  if (second > 59) return 'must have seconds from 00 to 59, even for a leap second';
  if (offsetHour > 23 || offsetMinute > 59) return 'must have an offset from -23:59 to +23:59';
  const offset = (offsetHour * 60 + offsetMinute) * (match[8] === '-' ? -1 : 1);
  const ms = Date.UTC(year, month - 1, day, hour, minute - offset, second);
  if (ms < START || ms >= END) return RANGE;
  const ownHour = hourOf(ms);
  const fraction = match[7]?.replace(/0+$/, '');
  return {
    epoch: fraction ? `${ms / 1000}.${fraction}` : `${ms / 1000}`,
    // Stryker disable next-line ConditionalExpression: it only saves time
    day: offset === 0 && hourOf === hourInUtc ? text.slice(0, 10) : dayOfHour(ownHour),
    hour: ownHour,
  };
}

const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** Common mistakes. The first pattern that matches names the broken rule. */
const MISTAKES: readonly (readonly [pattern: RegExp, rule: string])[] = [
  [/^\d{4}-\d{2}-\d{2}$/, 'must have a time, with Z or an offset, after the date'],
  [/^\d{4}-\d{2}-\d{2} \d/, 'must have a T between date and time'],
  [/^\d{4}-\d{2}-\d{2}(t|T.*\dz$)/, 'must have a T and a Z in upper case'],
  [/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.,]\d+)?)?$/, 'must have Z or an offset, such as +01:00, at its end'],
  [/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[.,]\d{10,}/, 'must have at most 9 decimals of a second'],
];

function brokenFormat(text: string): string {
  const [, rule] = MISTAKES.find(([pattern]) => pattern.test(text)) ?? [];
  if (rule) return rule;
  return `must be an ISO 8601 date and time with Z or an offset, such as 2024-12-13T10:00:00Z${describeInvisible(text)}`;
}
