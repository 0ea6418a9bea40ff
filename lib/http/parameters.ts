import * as v from 'valibot';
import { UserId } from '../orders/order.ts';
import { countMonths, MAX_MONTHS, monthRange } from '../stats/months.ts';

/*
 * The parameters of the API, of paths and of queries, as text. One that is repeated arrives as an array, which no schema
 * takes; what is not named is ignored.
 */

const Month = v.pipe(
  v.string('must be given once'),
  v.regex(/^(19[7-9]\d|[2-9]\d{3})-(0[1-9]|1[0-2])$/, 'must be a month from 1970-01 to 9999-12, as YYYY-MM'),
);

/** `from` and `to`, of which either or both may be left out. */
const Range = v.pipe(
  v.object({ from: v.optional(Month), to: v.optional(Month) }),
  v.forward(
    v.check(({ from, to }) => !from || !to || from <= to, 'must not be after to'),
    ['from'],
  ),
  v.forward(
    v.check(
      ({ from, to }) => !from || !to || countMonths({ from, to }) <= MAX_MONTHS,
      `must leave at most ${MAX_MONTHS} months up to and including to`,
    ),
    ['from'],
  ),
  v.transform(({ from, to }) => ({ range: monthRange(from, to) })),
);

/** No parameters. */
export const NoParameters = v.object({});

/** Of GET /stats/global. */
export const GlobalStatsParameters = Range;

/** Of GET /users/{user_id}/stats. */
export const UserStatsParameters = v.intersect([v.object({ user_id: UserId }), Range]);

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
