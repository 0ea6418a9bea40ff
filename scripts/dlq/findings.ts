import type { Verdict } from '../../lib/counting/wire.ts';
import type { Order } from '../../lib/orders/order.ts';
import { describeDifferences } from '../shared/contentDifferences.ts';

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
  /** The reason without the details of the message: messages are summed up by it. */
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
      return plain('counted', 'counted already, but perhaps not archived: redrive');
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
