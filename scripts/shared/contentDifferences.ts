import { formatCents } from '../../lib/orders/money.ts';

/** What is known of an order: `cents` are undefined where it is cancelled, and so may `day` be. */
export type KnownContent = { readonly cents: number | undefined; readonly day: string | undefined };

/** In what two contents of one order differ: with the values of both, as far as they are known, and without them. */
export type Differences = { readonly full: string; readonly brief: string };

type Difference = { readonly field: string; readonly values?: readonly [known: string, given: string] };

/**
 * Says how an order differs from what is counted of it, e.g. `another order_value (99.99, here 89.99) and user_id`.
 *
 * @param given - the order that is not counted
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

const OTHER_TIME = same('another order_timestamp');
/** User, value and day are the same: the content that is counted is known only by its hash. */
const OTHER_LINES = same(
  'the same user, value and day, but another time of the day or other items: lines, their order, or a product_id in another Unicode form',
);

const status = ({ cents }: KnownContent): string => (cents === undefined ? 'cancelled' : 'placed');

function list(fields: readonly string[]): string {
  const first = fields.slice(0, -1).join(', ');
  return `another ${first && `${first} and `}${fields.at(-1)}`;
}
