/** The day that an instant, in milliseconds since 1970, belongs to, as `YYYY-MM-DD`. */
export type DayOf = (ms: number) => string;

const HOUR = 3_600_000;
/** Hours whose offsets are kept: more than a year of them. */
const KEPT_HOURS = 10_000;

/** Days of UTC. */
export const dayInUtc: DayOf = (ms) => new Date(ms).toISOString().slice(0, 10);

/**
 * Whether a text is the name of a time zone in the IANA database, such as `Europe/Berlin`. Not an abbreviation: Intl takes
 * CST for Chicago, which is Shanghai and Havana too, and EST for a zone without summer time.
 */
export function isTimeZone(name: string): boolean {
  // Most stages count in UTC: loading Intl would add to their cold start.
  // Stryker disable next-line ConditionalExpression: it only saves time
  if (name === 'UTC') return true;
  // Intl also takes offsets, such as +02:00, which know no summer time.
  // Stryker disable next-line ConditionalExpression,Regex: Intl of Node.js 20 takes none
  if (!/^[A-Za-z]/.test(name) || /^(?!UTC$|GMT$)[A-Z]{3}$/i.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Days of a time zone. Intl takes some microseconds, so it is asked twice for each hour of UTC: an offset that is the same
 * at its beginning and its end holds within it. In the few hours with a change, it is asked for the instant itself.
 *
 * @param timeZone see {@link isTimeZone}
 */
export function dayIn(timeZone: string): DayOf {
  // Stryker disable next-line ConditionalExpression,StringLiteral: it only saves time
  if (timeZone === 'UTC') return dayInUtc;
  const offsetAt = offsetsOf(timeZone);
  const offsets = new Map<number, number | 'changes'>();
  const offsetInHour = (hour: number): number | 'changes' => {
    const known = offsets.get(hour);
    // Stryker disable next-line ConditionalExpression: it only saves time
    if (known !== undefined) return known;
    const first = offsetAt(hour * HOUR);
    // Stryker disable next-line ConditionalExpression,ArithmeticOperator: asked for each instant, the day is the same
    const offset = first === offsetAt((hour + 1) * HOUR - 1000) ? first : 'changes';
    // Stryker disable next-line ConditionalExpression,EqualityOperator: it only saves memory
    if (offsets.size >= KEPT_HOURS) offsets.clear();
    offsets.set(hour, offset);
    return offset;
  };
  return (ms) => {
    const offset = offsetInHour(Math.floor(ms / HOUR));
    // Stryker disable next-line ConditionalExpression: it only saves time
    return dayInUtc(ms + (offset === 'changes' ? offsetAt(ms) : offset));
  };
}

/** What a time zone adds to UTC at an instant, in milliseconds: whole seconds, as local mean time has them. */
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
    // Without hour or second the offset would be another one in each hour, and the day the same.
    const local = Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'));
    return local - Math.floor(ms / 1000) * 1000;
  };
}
