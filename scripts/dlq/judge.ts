import * as v from 'valibot';
import { ACCEPT_UNKNOWN } from '../../lib/batch/event.ts';
import { type Order, parseOrder } from '../../lib/orders/order.ts';
import { describeRejection, type Rejection } from '../../lib/orders/rejection.ts';
import type { DeadLetter } from './deadLetters.ts';
import { type Finding, notLookedUp } from './finding.ts';
import type { Ledger } from './ledger.ts';

/** Why a message is in the dead-letter queue, found anew; holds nothing of its body but the order id. */
export type Judgement = {
  readonly letter: DeadLetter;
  readonly orderId: string | undefined;
  readonly kind: 'invalid' | Finding['kind'];
  readonly reason: string;
  /** The reason without what is particular to the message: to sum up by. */
  readonly group: string;
};

/**
 * Finds out why messages were not counted.
 *
 * @throws what the ledger throws
 */
export async function judge(letters: readonly DeadLetter[], ledger: Pick<Ledger, 'find'>): Promise<Judgement[]> {
  const parsed = letters.map((letter) => ({ letter, result: parseOrder(letter.body) }));
  const orders: Order[] = [];
  for (const { letter, result } of parsed) {
    if (result.ok) orders.push({ ...result.order, isAccepted: isAccepted(letter) });
  }
  const findings = orders.length > 0 ? await ledger.find(orders) : [];

  let next = 0;
  return parsed.map(({ letter, result }) => {
    if (!result.ok) return invalid(letter, result.rejection);
    const finding = findings[next++] ?? notLookedUp('Redis did not answer');
    return { letter, orderId: result.order.orderId, ...finding };
  });
}

const isAccepted = ({ messageAttributes }: DeadLetter): boolean =>
  messageAttributes[ACCEPT_UNKNOWN]?.StringValue === 'true';

function invalid(letter: DeadLetter, rejection: Rejection): Judgement {
  const { field, rule } = rejection;
  return {
    letter,
    orderId: readOrderId(letter.body),
    kind: 'invalid',
    reason: describeRejection(rejection),
    // Without the number of the item, and the amounts that do not add up.
    group: describeRejection({ field: field.replace(/\[\d+\]/g, '[]'), rule: rule.replace(/: it is .*/, '') }),
  };
}

/** What may be shown on a terminal; an id that breaks the rules may be anything. */
const WithOrderId = v.object({ order_id: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,128}$/)) });

function readOrderId(body: string): string | undefined {
  try {
    const parsed = v.safeParse(WithOrderId, JSON.parse(body));
    return parsed.success ? parsed.output.order_id : undefined;
  } catch {
    return undefined;
  }
}
