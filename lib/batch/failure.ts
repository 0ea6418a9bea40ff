import { describeRejection, type Rejection } from '../orders/rejection.ts';
import { refusalOf, troubleOf } from '../redis/errors.ts';

/**
 * Why a message was not counted, and whether a retry can help.
 * - `invalid`: not a valid order; retrying cannot help. To the dead-letter queue, at once.
 * - `conflict`: its order_id was counted with other content. To the dead-letter queue, at once.
 * - `unknown`: a later version of an old order that is not remembered. To the dead-letter queue, at once.
 * - `transient`: Redis is away, slow, failing over, or cannot write now. Back to the queue, with backoff.
 * - `corrupt`: a key holds what it should not. No fault of the order's, so back to the queue too; but it takes a person
 *   to mend it.
 * - `refused`: Redis refuses what is asked of it until somebody changes a setting. Back to the queue too.
 */
export type FailureKind = 'invalid' | 'conflict' | 'unknown' | 'transient' | 'corrupt' | 'refused';

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

/** What an error of Redis, or of the connection to it, means for the orders that it was asked to count. */
export function failureOfRedis(cause: unknown): MessageFailure {
  const trouble = troubleOf(cause);
  if (trouble === 'corrupt') return new MessageFailure('corrupt', 'Redis failed to count the order', { cause });
  return trouble === 'refused'
    ? new MessageFailure('refused', refusalOf(cause) ?? 'Redis refuses to count the order', { cause })
    : new MessageFailure('transient', 'Redis could not count the order', { cause });
}
