import { CURRENCY } from './stage.ts';

const money = new Intl.NumberFormat('en', { style: 'currency', currency: CURRENCY });
const whole = new Intl.NumberFormat('en');

/** Amounts and numbers as the page has to write them. */
export const euros = (amount: number): string => money.format(amount);
export const count = (number: number): string => whole.format(number);
