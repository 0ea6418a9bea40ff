import { formatCents } from '../../lib/orders/money.ts';

/** What is known of an order. A cancelled one has no `cents`, and may have no `day`. */
export type KnownContent = { readonly cents: number | undefined; readonly day: string | undefined };

/** How two contents of one order differ, with and without the values of both. */
export type Differences = { readonly full: string; readonly brief: string };

type Difference = { readonly field: string; readonly values?: readonly [known: string, given: string] };

/**
 * How an order that does not count differs from the counted one, e.g. `a different user_id and order_value (99.99, here 89.99)`.
 *
 * @param given - the one that does not count
 */
export function describeDifferences(known: KnownContent, given: KnownContent, isSameUser: boolean): Differences {
  const differences: Difference[] = isSameUser ? [] : [{ field: 'user_id' }];
  if (known.cents === undefined || given.cents === undefined) {
    if (known.cents !== given.cents)
      differences.push({ field: 'order_status', values: [status(known), status(given)] });
  } else {
    if (known.cents !== given.cents) {
      differences.push({ field: 'order_value', values: [formatCents(known.cents), formatCents(given.cents)] });
    }
    if (known.day !== given.day) differences.push({ field: 'day', values: [known.day ?? '', given.day ?? ''] });
  }
  if (differences.length === 0) return given.cents === undefined ? OTHER_TIME : OTHER_LINES;
  return {
    full: list(differences.map(({ field, values }) => (values ? `${field} (${values[0]}, here ${values[1]})` : field))),
    brief: list(differences.map(({ field }) => field)),
  };
}

const same = (text: string): Differences => ({ full: text, brief: text });

const OTHER_TIME = same('a different order_timestamp');
/** User, value and day are the same. The ledger has only a hash of the rest. */
const OTHER_LINES = same(
  'the same user, value and day, but a different time of day or different items: other lines, the same lines in another order, or a product_id in another Unicode form',
);

const status = ({ cents }: KnownContent): string => (cents === undefined ? 'cancelled' : 'placed');

function list(fields: readonly string[]): string {
  const first = fields.slice(0, -1).join(', ');
  return `a different ${first && `${first} and `}${fields.at(-1)}`;
}
