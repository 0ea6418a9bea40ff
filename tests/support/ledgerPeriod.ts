import { DAY } from './clock.ts';

/** The ledger begins something new, a key or a part of one, at multiples of this since 1970; in milliseconds. */
export const LEDGER_PERIOD = 10 * DAY;
