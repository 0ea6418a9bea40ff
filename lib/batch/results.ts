import { sentMsOf } from './event.ts';
import { type FailureKind, InvalidMessageError } from './failure.ts';
import { type Done, kindOf, type ProcessedMessage } from './outcome.ts';

/** How many messages of a batch there were, and how many had each outcome. */
export type BatchResults = Readonly<Record<'messages' | Done | FailureKind, number>>;

/** Adds up the outcomes of a batch. */
export function countResults(processed: readonly ProcessedMessage[]): BatchResults {
  const results = {
    messages: processed.length,
    counted: 0,
    revised: 0,
    cancelled: 0,
    duplicate: 0,
    superseded: 0,
    invalid: 0,
    conflict: 0,
    unknown: 0,
    transient: 0,
    corrupt: 0,
    refused: 0,
  };
  for (const { outcome } of processed) results[kindOf(outcome)]++;
  return results;
}

/** How many invalid messages there are by the field that breaks a rule. */
export function invalidFields(processed: readonly ProcessedMessage[]): Map<string, number> {
  const fields = new Map<string, number>();
  for (const { outcome } of processed) {
    if (!(outcome instanceof InvalidMessageError)) continue;
    fields.set(outcome.field, (fields.get(outcome.field) ?? 0) + 1);
  }
  return fields;
}

const CHANGES: ReadonlySet<Done | FailureKind> = new Set(['counted', 'revised', 'cancelled']);

/** The longest time that an order which changed the totals had been in the queue, in milliseconds, if any did. */
export function longestDelay(processed: readonly ProcessedMessage[], nowMs: number): number | undefined {
  let longest: number | undefined;
  for (const { message, outcome } of processed) {
    const sentMs = CHANGES.has(kindOf(outcome)) ? sentMsOf(message) : undefined;
    if (sentMs === undefined) continue;
    // Not below zero where the clock of SQS is ahead.
    longest = Math.max(longest ?? 0, nowMs - sentMs);
  }
  return longest;
}
