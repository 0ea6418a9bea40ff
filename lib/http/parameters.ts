import * as v from 'valibot';
import { UserId } from '../orders/order.ts';
import { isPeriod, lengthOf, MAX_PERIODS, type Range, rangeOf, unitOf } from '../stats/periods.ts';

/*
 * Path and query parameters of the API, as text. A repeated one arrives as an array, which no schema accepts. Unknown ones
 * are ignored.
 */

const Once = v.string('must be given once');

const Month = v.pipe(
  Once,
  v.check((text) => isPeriod(text) && unitOf(text) === 'month', 'must be a month from 1970-01 to 9999-12, as YYYY-MM'),
);

const MonthOrDay = v.pipe(
  Once,
  v.check(
    isPeriod,
    'must be a month from 1970-01 to 9999-12, as YYYY-MM, or a day from 1970-01-01 to 9999-12-31, as YYYY-MM-DD',
  ),
);

const isShort = (range: Range): boolean => lengthOf(range) <= MAX_PERIODS[range.unit];

const longest = ({ unit }: Range): string => `${MAX_PERIODS[unit]} ${unit}s`;

/** `from` and `to`, both optional. A rule continues the sentence that `from` begins. */
const rangeOfEnds = (end: v.GenericSchema<string>) =>
  v.pipe(
    v.object({ from: v.optional(end), to: v.optional(end) }),
    v.forward(
      v.check(
        ({ from, to }) => !from || !to || unitOf(from) === unitOf(to),
        'and to must both be months or both be days',
      ),
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
        ({ input: { range } }) => `and to: the range may span at most ${range && longest(range)}`,
      ),
      ['from'],
    ),
    v.transform(({ range }) => ({ range })),
  );

export const NoParameters = v.object({});

export const GlobalStatsParameters = rangeOfEnds(MonthOrDay);

export const UserStatsParameters = v.intersect([v.object({ user_id: UserId }), rangeOfEnds(Month)]);

export const TopUsersParameters = v.object({
  limit: v.pipe(
    v.optional(Once, '10'),
    v.regex(/^([1-9]\d?|100)$/, 'must be a whole number from 1 to 100'),
    v.transform(Number),
  ),
});

export type GivenParameters = Readonly<Record<string, string | readonly string[]>>;
