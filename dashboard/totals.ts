import type { Totals } from './api.ts';
import { findText, setText } from './dom.ts';
import { formatAmount, formatCount } from './format.ts';

export const sameTotals = (a: Totals, b: Totals | undefined): boolean =>
  a.orders === b?.orders && a.amount === b.amount;

/** Shows orders, their sum and the average order. */
export function showTotals(root: HTMLElement, { orders, amount }: Totals): void {
  setText(findText(root, '[data-show=orders]'), formatCount(orders));
  setText(findText(root, '[data-show=amount]'), formatAmount(amount));
  setText(findText(root, '[data-show=average]'), orders > 0 ? formatAmount(amount / orders) : '–');
}
