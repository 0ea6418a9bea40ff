import { pickNumber, type Random } from './random.ts';

const HOUR_MS = 3_600_000;

/** How likely orders are at the hours of a day, from midnight UTC: few at night, most in the evening. */
const HOURS = [
  0.2, 0.15, 0.1, 0.1, 0.1, 0.15, 0.25, 0.4, 0.55, 0.7, 0.8, 0.85, 0.9, 0.85, 0.8, 0.8, 0.85, 0.9, 0.95, 1, 1, 0.9, 0.6,
  0.35,
];
/** On the days of a week, from Sunday on. */
const WEEKDAYS = [0.75, 0.85, 0.8, 0.85, 0.9, 1, 0.9];
/** In the months of a year, from January on: most before Christmas. */
const MONTHS = [0.75, 0.65, 0.68, 0.7, 0.72, 0.7, 0.65, 0.68, 0.75, 0.82, 0.95, 1];

/**
 * A second before an instant, as a shop's orders come: more on some hours, weekdays and months than on others.
 *
 * @param end in milliseconds
 * @param seconds how long before it at most
 * @returns milliseconds
 */
export function pickInstant(random: Random, end: number, seconds: number): number {
  for (;;) {
    const instant = end - (1 + pickNumber(random, seconds)) * 1000;
    if (random() < likelihood(instant)) return instant;
  }
}

function likelihood(instant: number): number {
  const date = new Date(instant);
  const hour = HOURS[Math.floor(instant / HOUR_MS) % HOURS.length] ?? 1;
  return hour * (WEEKDAYS[date.getUTCDay()] ?? 1) * (MONTHS[date.getUTCMonth()] ?? 1);
}
