import type { QueueMessage } from './event.ts';
import { type FailureKind, MessageFailure } from './failure.ts';

/**
 * The result of a message that is deleted: counted; counted in place of a lower version of its order; its order is
 * cancelled from now on; counted before; or a higher version was counted before.
 */
export type Done = 'counted' | 'revised' | 'cancelled' | 'duplicate' | 'superseded';

/** The result of a message: done, or the failure that keeps it in the queue. */
export type Outcome = Done | MessageFailure;

/** A message and its result. */
export type ProcessedMessage = { readonly message: QueueMessage; readonly outcome: Outcome };

/** What logs and metrics count an outcome as. */
export const kindOf = (outcome: Outcome): Done | FailureKind =>
  outcome instanceof MessageFailure ? outcome.kind : outcome;
