import * as v from 'valibot';
import { dayOfHour, type HourOf } from '../orders/calendar.ts';
import { UserId } from '../orders/order.ts';
import { isPeriod, lengthOf, MAX_PERIODS, type Range, rangeOf, unitOf } from '../stats/periods.ts';
import type { Parameters } from './parseParameters.ts';

/* The parameters of each route. */

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

const ENDS = ['from', 'to'];

/** `from` and `to`, both optional. */
const rangeOfEnds = (end: v.GenericSchema<string>, hourOf: HourOf) =>
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
    v.transform(({ from, to }) => ({ from, to, range: rangeOf(from, to, dayOfHour(hourOf(Date.now()))) })),
    v.forward(
      v.check(
        ({ range }) => !range || isShort(range),
        ({ input: { to, range } }) =>
          `and to: the range may span at most ${range && longest(range)}${to ? '' : ', and without to it ends now'}`,
      ),
      ['from'],
    ),
    v.transform(({ range }) => ({ range })),
  );

export const NoParameters: Parameters<unknown> = { query: [], schema: v.unknown() };

export const globalStatsParameters = (hourOf: HourOf): Parameters<{ range: Range | undefined }> => ({
  query: ENDS,
  schema: rangeOfEnds(MonthOrDay, hourOf),
});

export const userStatsParameters = (hourOf: HourOf): Parameters<{ user_id: string; range: Range | undefined }> => ({
  path: '/users/{user_id}/stats',
  query: ENDS,
  schema: v.intersect([v.object({ user_id: UserId }), rangeOfEnds(Month, hourOf)]),
});

export const TopUsersParameters: Parameters<{ limit: number }> = {
  query: ['limit'],
  schema: v.object({
    limit: v.pipe(
      v.optional(Once, '10'),
      v.regex(/^([1-9]\d?|100)$/, 'must be a whole number from 1 to 100'),
      v.transform(Number),
    ),
  }),
};
