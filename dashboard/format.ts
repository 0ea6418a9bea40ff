import { type Range, unitOf } from '../lib/stats/periods.ts';

type Conventions = {
  /** Without any, those of the browser. */
  readonly languages: readonly string[];
  readonly currency: string;
  readonly timeZone: string;
};

let conventions: Conventions = { languages: ['en'], currency: 'USD', timeZone: 'UTC' };
let formats = formatsIn(conventions);

/** Changes how everything is written from now on. */
export function useConventions(changed: Partial<Conventions>): void {
  conventions = { ...conventions, ...changed };
  formats = formatsIn(conventions);
}

function formatsIn({ languages, currency, timeZone }: Conventions) {
  const number = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat([...languages], options);
  // A period has no time zone. It is formatted as its start in UTC.
  const date = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat([...languages], { timeZone: 'UTC', ...options });
  const month = { month: 'short', year: 'numeric' } as const;
  return {
    whole: number({}),
    compact: number({ notation: 'compact', maximumFractionDigits: 2 }),
    rate: number({ maximumSignificantDigits: 2 }),
    percent: number({ style: 'percent', maximumFractionDigits: 0 }),
    // A stage counts in hundredths, whatever the browser knows of its currency.
    money: number({ style: 'currency', currency, minimumFractionDigits: 2, maximumFractionDigits: 2 }),
    compactMoney: number({
      style: 'currency',
      currency,
      notation: 'compact',
      minimumFractionDigits: 0,
      maximumFractionDigits: 2,
    }),
    hour: date({ hour: 'numeric', minute: '2-digit' }),
    clock: date({ timeStyle: 'medium', timeZone }),
    day: {
      long: date({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
      middle: date({ day: 'numeric', ...month }),
      short: date({ day: 'numeric', month: 'short' }),
    },
    month: { long: date({ month: 'long', year: 'numeric' }), middle: date(month), short: date(month) },
  };
}

/** For a value that is not known. */
export const UNKNOWN = '–';

export const formatCount = (count: number): string => formats.whole.format(count);

export const formatAmount = (amount: number): string => formats.money.format(amount);

export const formatAverage = (amount: number, orders: number): string =>
  orders > 0 ? formatAmount(amount / orders) : UNKNOWN;

export const formatShortCount = (count: number): string => formats.compact.format(count);

export const formatShortAmount = (amount: number): string => formats.compactMoney.format(amount);

export const formatPercent = (share: number): string => formats.percent.format(share);

/** Two digits: a few seconds of counting give no more precision. */
export const formatRate = (perSecond: number): string => formats.rate.format(perSecond);

/** `1 order`, `2,345 orders`. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** `Sunday, March 9, 1997`, `Mar 9, 1997`, `Mar 9` of `1997-03-09`; `March 1997`, `Mar 1997` of `1997-03`. */
export function formatPeriod(period: string, style: 'long' | 'middle' | 'short'): string {
  return formats[unitOf(period)][style].format(new Date(period));
}

export function formatRange({ from, to }: Pick<Range, 'from' | 'to'>): string {
  return from === to ? formatPeriod(from, 'long') : `${formatPeriod(from, 'middle')} – ${formatPeriod(to, 'middle')}`;
}

/** @param hour of the day, from 0 on */
export const formatHour = (hour: number): string => formats.hour.format(Date.UTC(1970, 0, 1, hour));

export const formatTime = (time: Date): string => formats.clock.format(time);
