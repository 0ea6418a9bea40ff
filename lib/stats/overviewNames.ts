import { dayOfHour, type HourOf } from '../orders/calendar.ts';
import { lastHours } from './hours.ts';
import { lastPeriods, periodsOf } from './periods.ts';

/** Today, and two times 30 whole days to compare. */
const SHOWN_DAYS = 61;

/** The hours and days that the overview shows during an hour: the last ones, up to the current one. */
export class Names {
  readonly hours: readonly string[];
  readonly days: readonly string[];
  /** Separated by spaces. */
  readonly daysText: string;
  readonly #hour: number;

  /** @param now in milliseconds since 1970 */
  constructor(
    now: number,
    private readonly hourOf: HourOf,
  ) {
    this.#hour = hourOf(now);
    this.hours = lastHours(now, hourOf);
    this.days = periodsOf(lastPeriods('day', SHOWN_DAYS, dayOfHour(this.#hour)));
    this.daysText = this.days.join(' ');
  }

  /** Whether they are those of a time. */
  areOf(now: number): boolean {
    return this.hourOf(now) === this.#hour;
  }
}
