import { type Range, unitOf } from '../lib/stats/periods.ts';

const LANGUAGE = 'en';

const whole = new Intl.NumberFormat(LANGUAGE);
const compact = new Intl.NumberFormat(LANGUAGE, { notation: 'compact', maximumFractionDigits: 2 });
const rate = new Intl.NumberFormat(LANGUAGE, { maximumSignificantDigits: 2 });
const percent = new Intl.NumberFormat(LANGUAGE, { style: 'percent', maximumFractionDigits: 0 });
const clock = new Intl.DateTimeFormat(LANGUAGE, { timeStyle: 'medium', hourCycle: 'h23' });

// A period has no time zone. It is formatted as its start in UTC.
const date = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(LANGUAGE, { ...options, timeZone: 'UTC' });
const formats = {
  day: {
    long: date({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
    middle: date({ day: 'numeric', month: 'short', year: 'numeric' }),
    short: date({ day: 'numeric', month: 'short' }),
  },
  month: {
    long: date({ month: 'long', year: 'numeric' }),
    middle: date({ month: 'short', year: 'numeric' }),
    short: date({ month: 'short', year: 'numeric' }),
  },
};

const moneyIn = (currency: string) => ({
  full: new Intl.NumberFormat(LANGUAGE, { style: 'currency', currency }),
  compact: new Intl.NumberFormat(LANGUAGE, {
    style: 'currency',
    currency,
    notation: 'compact',
    minimumFractionDigits: 0,
    maximumFractionDigits: 2,
  }),
});

let money = moneyIn('USD');

/** Sets the currency of all amounts from now on. */
export function useCurrency(currency: string): void {
  money = moneyIn(currency);
}

export const formatCount = (count: number): string => whole.format(count);

export const formatAmount = (amount: number): string => money.full.format(amount);

export const formatAverage = (amount: number, orders: number): string =>
  orders > 0 ? formatAmount(amount / orders) : '–';

export const formatShortCount = (count: number): string => compact.format(count);

export const formatShortAmount = (amount: number): string => money.compact.format(amount);

export const formatPercent = (share: number): string => percent.format(share);

/** Two digits: a few seconds of counting give no more precision. */
export const formatRate = (perSecond: number): string => rate.format(perSecond);

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

export const formatTime = (time: Date): string => clock.format(time);
