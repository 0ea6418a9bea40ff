import type { Order } from '../orders/order.ts';
import { describeRejection, type Rejection } from '../orders/rejection.ts';
import { refusalOf, troubleOf } from '../redis/errors.ts';
import type { Result } from '../results.ts';
import type { QueueMessage } from './event.ts';

/** Results of a message that is deleted. */
type Done = 'counted' | 'revised' | 'cancelled' | 'duplicate' | 'superseded';

/**
 * Why a message was not counted. `invalid`, `conflict` and `unknown` are permanent: the message goes to the dead-letter
 * queue within seconds. The others go back to the queue, with backoff.
 */
export type FailureKind = Exclude<Result, Done>;

/** What a delivery comes to: done, or the failure that keeps its message in the queue. */
export type Outcome = Done | MessageFailure;

/** A message and its outcome; `order`, unless it is invalid. */
export type ProcessedMessage = {
  readonly message: QueueMessage;
  readonly outcome: Outcome;
  readonly order?: Order;
};

/** How many messages of a batch there were, and how many had each result. */
export type BatchResults = Readonly<Record<'messages' | Result, number>>;

/** The result that an outcome is counted as. */
export const resultOf = (outcome: Outcome): Result => (outcome instanceof MessageFailure ? outcome.kind : outcome);

/** The failure of one message; its text is safe to log. */
export class MessageFailure extends Error {
  override readonly name = 'MessageFailure';

  constructor(
    readonly kind: FailureKind,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }

  /** Whether no later receive can change it. */
  get isPermanent(): boolean {
    return this.kind === 'invalid' || this.kind === 'conflict' || this.kind === 'unknown';
  }
}

/** The failure of a message that is not a valid order. */
export class InvalidMessageError extends MessageFailure {
  /** The field that breaks a rule, without the place in an array: `items[].quantity`. There are about ten. */
  readonly field: string;

  constructor(rejection: Rejection) {
    super('invalid', describeRejection(rejection));
    this.field = rejection.field.replace(/\d+/, '');
  }
}

/** The failure of orders that are counted, but that the archive did not take. */
export const failureOfArchive = (cause: unknown): MessageFailure =>
  new MessageFailure('unarchived', 'The order is counted, but the archive did not take it', { cause });

/** The failure of orders that Redis did not count because of an error. */
export function failureOfRedis(cause: unknown): MessageFailure {
  const trouble = troubleOf(cause);
  if (trouble === 'corrupt') return new MessageFailure('corrupt', 'Redis failed to count the order', { cause });
  return trouble === 'refused'
    ? new MessageFailure('refused', refusalOf(cause) ?? 'Redis refuses to count the order', { cause })
    : new MessageFailure('transient', 'Redis could not count the order', { cause });
}
