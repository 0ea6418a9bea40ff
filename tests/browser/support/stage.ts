/** Ahead of UTC, and with summer time. */
export const TIME_ZONE = 'Europe/Amsterdam';

export const CURRENCY = 'EUR';
