import * as v from 'valibot';
import { dayInUtc } from '../orders/calendar.ts';
import { UserId } from '../orders/order.ts';
import { lengthOf, MOST, type Range, rangeOf } from '../stats/periods.ts';

/*
 * The parameters of the API, of paths and of queries, as text. One that is repeated arrives as an array, which no schema
 * takes; what is not named is ignored.
 */

const Once = v.string('must be given once');

const Month = v.pipe(
  Once,
  v.regex(/^(19[7-9]\d|[2-9]\d{3})-(0[1-9]|1[0-2])$/, 'must be a month from 1970-01 to 9999-12, as YYYY-MM'),
);

const MONTH_OR_DAY =
  'must be a month from 1970-01 to 9999-12, as YYYY-MM, or a day from 1970-01-01 to 9999-12-31, as YYYY-MM-DD';

/** A day of the calendar, from 1970 on: Date.parse takes February 30 for March 1. No day is equal to a year. */
const isDay = (text: string): boolean =>
  text >= '1970' && !Number.isNaN(Date.parse(text)) && dayInUtc(Date.parse(text)) === text;

const MonthOrDay = v.pipe(
  Once,
  v.check((text) => v.is(Month, text) || isDay(text), MONTH_OR_DAY),
);

const isShort = (range: Range): boolean => lengthOf(range) <= MOST[range.unit];

const most = ({ unit }: Range): string => `${MOST[unit]} ${unit}s`;

/** `from` and `to`, of which either or both may be left out. */
const rangeOfEnds = (end: v.GenericSchema<string>) =>
  v.pipe(
    v.object({ from: v.optional(end), to: v.optional(end) }),
    v.forward(
      v.check(({ from, to }) => !from || !to || from.length === to.length, 'must be a month or a day, as to is'),
      ['from'],
    ),
    v.forward(
      v.check(({ from, to }) => !from || !to || from <= to, 'must not be after to'),
      ['from'],
    ),
    v.transform(({ from, to }) => ({ from, range: rangeOf(from, to) })),
    v.forward(
      v.check(
        ({ range }) => !range || isShort(range),
        ({ input: { range } }) => `must leave at most ${range && most(range)} up to and including to`,
      ),
      ['from'],
    ),
    v.transform(({ range }) => ({ range })),
  );

/** No parameters. */
export const NoParameters = v.object({});

/** Of GET /stats/global. */
export const GlobalStatsParameters = rangeOfEnds(MonthOrDay);

/** Of GET /users/{user_id}/stats. */
export const UserStatsParameters = v.intersect([v.object({ user_id: UserId }), rangeOfEnds(Month)]);

/** Of GET /top-users. */
export const TopUsersParameters = v.object({
  limit: v.pipe(
    v.optional(v.string('must be given once'), '10'),
    v.regex(/^([1-9]\d?|100)$/, 'must be a whole number from 1 to 100'),
    v.transform(Number),
  ),
});

/** The values of a request by name, from path and query: text where a parameter is given once. */
export type GivenParameters = Readonly<Record<string, string | readonly string[]>>;
