import { type QueueMessage, sentMsOf } from './event.ts';
import { type FailureKind, failureKindOf, InvalidMessageError } from './failure.ts';
import type { Done, Outcome } from './process.ts';

/** The results of the messages of a batch: how many there were of each kind. */
export type Tally = Readonly<Record<'messages' | Done | FailureKind, number>>;

/** What an outcome is counted as. */
export const kindOf = (outcome: Outcome): Done | FailureKind =>
  outcome.status === 'fulfilled' ? outcome.value : failureKindOf(outcome.reason);

/** Adds up the outcomes of a batch. */
export function tallyOf(outcomes: readonly Outcome[]): Tally {
  const tally = {
    messages: outcomes.length,
    counted: 0,
    revised: 0,
    cancelled: 0,
    duplicate: 0,
    superseded: 0,
    invalid: 0,
    conflict: 0,
    unknown: 0,
    transient: 0,
    damaged: 0,
  };
  for (const outcome of outcomes) tally[kindOf(outcome)]++;
  return tally;
}

/** How many invalid messages there are by the field that breaks a rule. */
export function invalidFields(outcomes: readonly Outcome[]): Map<string, number> {
  const fields = new Map<string, number>();
  for (const outcome of outcomes) {
    if (outcome.status !== 'rejected' || !(outcome.reason instanceof InvalidMessageError)) continue;
    fields.set(outcome.reason.field, (fields.get(outcome.reason.field) ?? 0) + 1);
  }
  return fields;
}

const CHANGES: ReadonlySet<Done | FailureKind> = new Set(['counted', 'revised', 'cancelled']);

/** The longest time that an order which changed the totals had been in the queue, in milliseconds, if any did. */
export function longestDelay(
  messages: readonly QueueMessage[],
  outcomes: readonly Outcome[],
  nowMs: number,
): number | undefined {
  let longest: number | undefined;
  for (const [index, outcome] of outcomes.entries()) {
    const message = messages[index];
    const sentMs = message && CHANGES.has(kindOf(outcome)) ? sentMsOf(message) : undefined;
    if (sentMs === undefined) continue;
    // Not below zero where the clock of SQS is ahead.
    longest = Math.max(longest ?? 0, nowMs - sentMs);
  }
  return longest;
}
