const LANGUAGE = 'en';

const whole = new Intl.NumberFormat(LANGUAGE);
const money = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat(LANGUAGE, { notation: 'compact', maximumFractionDigits: 2 });
const monthName = new Intl.DateTimeFormat(LANGUAGE, { month: 'long', year: 'numeric', timeZone: 'UTC' });
const shortMonthName = new Intl.DateTimeFormat(LANGUAGE, { month: 'short', year: 'numeric', timeZone: 'UTC' });
const clock = new Intl.DateTimeFormat(LANGUAGE, { timeStyle: 'medium', hourCycle: 'h23' });

export const formatCount = (count: number): string => whole.format(count);

/** The currency has no name: it is the shop's. */
export const formatAmount = (amount: number): string => money.format(amount);

/** For axes. */
export const formatShort = (value: number): string => compact.format(value);

export const formatOrders = (count: number): string => `${formatCount(count)} ${count === 1 ? 'order' : 'orders'}`;

const monthStart = (month: string): Date => new Date(`${month}-01T00:00:00Z`);

/** `March 1997` of `1997-03`. */
export const formatMonth = (month: string): string => monthName.format(monthStart(month));

/** `Mar 1997`, for axes. */
export const formatShortMonth = (month: string): string => shortMonthName.format(monthStart(month));

export function formatPeriod(from: string, to: string): string {
  return from === to ? formatMonth(from) : `${formatMonth(from)} to ${formatMonth(to)}`;
}

export const formatTime = (time: Date): string => clock.format(time);
