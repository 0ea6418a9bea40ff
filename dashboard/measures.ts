import type { Totals } from './api.ts';
import { formatAmount, formatAverage, formatCount, UNKNOWN } from './format.ts';

export type Measure = {
  readonly name: string;
  readonly title: string;
  readonly of: (totals: Totals) => number;
  readonly format: (totals: Totals) => string;
};

/** What is shown of orders, and compared. */
export const MEASURES: readonly Measure[] = [
  { name: 'amount', title: 'Revenue', of: ({ amount }) => amount, format: ({ amount }) => formatAmount(amount) },
  { name: 'orders', title: 'Orders', of: ({ orders }) => orders, format: ({ orders }) => formatCount(orders) },
  {
    name: 'average',
    title: 'Average order',
    of: ({ orders, amount }) => (orders > 0 ? amount / orders : 0),
    format: ({ orders, amount }) => formatAverage(amount, orders),
  },
];

/** For a sentence, in which a dash would say nothing. */
export function wordsOf({ format }: Measure, totals: Totals): string {
  const text = format(totals);
  return text === UNKNOWN ? 'no orders' : text;
}
