/** An instant of the recount: the text is the same for equal instants, however they were written. */
export type Instant = {
  /** ISO 8601 in UTC with the decimals of the second that were given. */
  readonly utc: string;
  /** `YYYY-MM-DD` in the time zone of the statistics. */
  readonly day: string;
};

/** Decimals of the second, and the offset. */
const ENDING = /(?:[.,](\d+))?(?:Z|([+-]\d{2}):?(\d{2})?)$/;

/**
 * Reads the timestamp of a valid order with the Date of JavaScript, which takes fewer spellings than the pipeline does
 * and only milliseconds: so the ending is respelled first, and decimals, which never change the day, are kept aside.
 *
 * @param dayOf - the day of an instant, see {@link daysOf}
 * @returns undefined when it is no date
 */
export function readInstant(text: string, dayOf: (date: Date) => string): Instant | undefined {
  const match = ENDING.exec(text);
  if (!match) return undefined;
  const [ending, decimals = '', hours, minutes = '00'] = match;
  const time = text.slice(0, -ending.length);
  const date = new Date(time + (hours === undefined ? 'Z' : `${hours}:${minutes}`));
  if (Number.isNaN(date.getTime())) return undefined;
  const seconds = date.toISOString().slice(0, 19);
  return { utc: `${seconds}.${decimals.replace(/0+$/, '')}`, day: dayOf(date) };
}

/** Days of a time zone, by Intl for each instant: slow, but without the arithmetic of the pipeline. */
export function daysOf(timeZone: string): (date: Date) => string {
  // Sweden writes days as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (date) => format.format(date);
}
