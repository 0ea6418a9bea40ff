import * as v from 'valibot';
import { ACCEPT_UNKNOWN } from '../../lib/batch/event.ts';
import type { Countable } from '../../lib/counting/wire.ts';
import { openEnvelopes, readJson } from '../../lib/orders/envelope.ts';
import { parseOrder } from '../../lib/orders/order.ts';
import { describeRejection, type Rejection } from '../../lib/orders/rejection.ts';
import type { DeadLetter } from './deadLetters.ts';
import { type Finding, notLookedUp } from './findings.ts';
import type { LedgerReader } from './ledger.ts';

/** Why a message is in the dead-letter queue. Of its body this holds nothing but the order id. */
export type Explanation = {
  readonly letter: DeadLetter;
  readonly orderId: string | undefined;
  readonly kind: 'invalid' | Finding['kind'];
  readonly reason: string;
  /** See {@link Finding}. */
  readonly group: string;
};

/** @throws what the ledger throws */
export async function explainLetters(letters: readonly DeadLetter[], ledger: LedgerReader): Promise<Explanation[]> {
  const parsed = letters.map((letter) => ({ letter, result: parseOrder(letter.body, ledger.units) }));
  const orders: Countable[] = [];
  for (const { letter, result } of parsed) {
    if (result.ok) orders.push({ order: result.order, isAccepted: isAccepted(letter) });
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

function invalid(letter: DeadLetter, rejection: Rejection): Explanation {
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

/** Only an id that is safe to show on a terminal: an invalid one may be anything. */
const WithOrderId = v.object({ order_id: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,128}$/)) });

function readOrderId(body: string): string | undefined {
  const content = readJson(body, 'body');
  const opened = content.ok ? openEnvelopes(content) : content;
  const parsed = opened.ok ? v.safeParse(WithOrderId, opened.json) : undefined;
  return parsed?.success ? parsed.output.order_id : undefined;
}
