/** Amounts and numbers as the page has to write them; the stage of these tests has this currency. */
export const CURRENCY = 'EUR';

const money = new Intl.NumberFormat('en', { style: 'currency', currency: CURRENCY });
const whole = new Intl.NumberFormat('en');

export const euros = (amount: number): string => money.format(amount);
export const count = (number: number): string => whole.format(number);
