import * as v from 'valibot';
import { ACCEPT_UNKNOWN } from '../../lib/batch/event.ts';
import type { Countable, Verdict } from '../../lib/counting/wire.ts';
import { openEnvelopes, readJson } from '../../lib/orders/envelope.ts';
import { type Order, parseOrder } from '../../lib/orders/order.ts';
import { describeRejection, type Rejection } from '../../lib/orders/rejection.ts';
import { describeDifferences } from '../shared/contentDifferences.ts';
import type { DeadLetter } from './deadLetters.ts';
import type { LedgerReader } from './ledger.ts';

/** Why a message is in the dead-letter queue. Of its body this holds nothing but the order id. */
export type Explanation = {
  readonly letter: DeadLetter;
  readonly orderId: string | undefined;
  readonly kind: 'invalid' | Finding['kind'];
  readonly reason: string;
  /** The reason without the details of the message: messages are summed up by it. */
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

/** What would become of a valid order, and why. */
export type Finding = {
  readonly kind:
    | 'would-count'
    | 'would-replace'
    | 'counted'
    | 'superseded'
    | 'conflict'
    /** A later version of an old order that is not remembered. */
    | 'unknown'
    | 'not-looked-up';
  readonly reason: string;
  /** See {@link Explanation}. */
  readonly group: string;
};

/** Puts the verdict on an order that was looked up into words. */
export function findingOf(verdict: Exclude<Verdict, { kind: 'unanswered' }>, order: Order): Finding {
  if (verdict.kind === 'corrupt') return notLookedUp(verdict.reason);
  const { kind, known } = verdict;
  if (kind === 'counted') return plain('would-count', 'would count now');
  if (kind === 'unknown') return unknownVersion(order);
  // All other verdicts are about a known order.
  if (!known) return notLookedUp('Redis did not say which version is counted');
  switch (kind) {
    case 'revised':
      return {
        kind: 'would-replace',
        reason: `would replace version ${known.version}`,
        group: 'would replace a lower version',
      };
    case 'superseded':
      return { kind, reason: `superseded by version ${known.version}`, group: 'superseded by a higher version' };
    case 'duplicate':
      return plain('counted', 'counted already');
    case 'conflict': {
      const given = { cents: order.isCancelled ? undefined : order.cents, day: order.placed.day };
      const { full, brief } = describeDifferences(known, given, known.isSameUser);
      return { kind, reason: `version ${known.version} is counted with ${full}`, group: `counted with ${brief}` };
    }
  }
}

/** The finding on an order that could not be looked up. */
export const notLookedUp = (why: string): Finding => plain('not-looked-up', `valid; not looked up: ${why}`);

const plain = (kind: Finding['kind'], reason: string): Finding => ({ kind, reason, group: reason });

const WHAT_TO_DO = 'if no version of it was counted, redrive --accept-unknown counts it';

function unknownVersion({ version }: Order): Finding {
  const why = 'of an order that is not remembered and was placed over 29 days ago';
  return {
    kind: 'unknown',
    reason: `version ${version} ${why}: ${WHAT_TO_DO}`,
    group: `a later version ${why}: ${WHAT_TO_DO}`,
  };
}
