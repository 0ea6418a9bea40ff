/**
 * The hour of an instant (milliseconds since 1970) as the clocks of a time zone show it: hours since 1970-01-01T00. When clocks
 * go back, an hour occurs twice.
 */
export type HourOf = (ms: number) => number;

const HOUR = 3_600_000;
/** Size of the cache of offsets: more than a year of hours. */
const KEPT_HOURS = 10_000;

export const hourInUtc: HourOf = (ms) => Math.floor(ms / HOUR);

/** `YYYY-MM-DDTHH` */
export const hourName = (hour: number): string => new Date(hour * HOUR).toISOString().slice(0, 13);

/** `YYYY-MM-DD` */
export const dayOfHour = (hour: number): string => hourName(hour).slice(0, 10);

/**
 * Whether a text names a time zone of the IANA database, such as `Europe/Berlin`. Abbreviations are refused because they
 * mislead: Intl takes CST for Chicago, though Shanghai and Havana use it too, and EST for a zone without summer time.
 */
export function isTimeZone(name: string): boolean {
  // Most stages count in UTC, and loading Intl would slow down their cold start.
  // Stryker disable next-line ConditionalExpression: it only saves time
  if (name === 'UTC') return true;
  // Intl also accepts offsets such as +02:00, which have no summer time.
  // Stryker disable next-line ConditionalExpression,Regex: Intl of Node.js 20 accepts no offsets
  if (!/^[A-Za-z]/.test(name) || /^(?!UTC$|GMT$)[A-Z]{3}$/i.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Hours of a time zone. Intl takes microseconds per call, so offsets are cached per hour of UTC: an offset that is the same
 * at the start and the end of an hour holds throughout. In the few hours with a change, Intl is asked for each instant.
 *
 * @param timeZone see {@link isTimeZone}
 */
export function hourIn(timeZone: string): HourOf {
  // Stryker disable next-line ConditionalExpression,StringLiteral: it only saves time
  if (timeZone === 'UTC') return hourInUtc;
  const offsetAt = offsetsOf(timeZone);
  const offsets = new Map<number, number | 'changes'>();
  const offsetInHour = (hour: number): number | 'changes' => {
    const known = offsets.get(hour);
    // Stryker disable next-line ConditionalExpression: it only saves time
    if (known !== undefined) return known;
    const first = offsetAt(hour * HOUR);
    // Stryker disable next-line ConditionalExpression,ArithmeticOperator: asking for each instant gives the same hour
    const offset = first === offsetAt((hour + 1) * HOUR - 1000) ? first : 'changes';
    // Stryker disable next-line ConditionalExpression,EqualityOperator: it only saves memory
    if (offsets.size >= KEPT_HOURS) offsets.clear();
    offsets.set(hour, offset);
    return offset;
  };
  return (ms) => {
    const offset = offsetInHour(Math.floor(ms / HOUR));
    // Stryker disable next-line ConditionalExpression: it only saves time
    return hourInUtc(ms + (offset === 'changes' ? offsetAt(ms) : offset));
  };
}

/** The offset from UTC at an instant, in milliseconds. It is a number of whole seconds, because of local mean time. */
function offsetsOf(timeZone: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const get = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    const local = Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'));
    return local - Math.floor(ms / 1000) * 1000;
  };
}
