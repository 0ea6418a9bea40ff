/**
 * Why a message was not counted, and so what becomes of it.
 * - `permanent`: it never will be, however often it is received. To the dead-letter queue, at once.
 * - `transient`: Redis is away, slow, failing over or refuses to write. Back to the queue, with backoff.
 * - `damaged`: a key holds what it should not, or a script failed. No fault of the order's, so back to the queue too;
 *   but it takes a person to mend it.
 */
export type FailureKind = 'permanent' | 'transient' | 'damaged';

/** The failure of one message; its text is safe to log. */
export class MessageFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(reason, options);
    this.name = 'MessageFailure';
  }
}

/**
 * What Redis answers when it cannot serve a command now. Redis 7 gives the code of a refusal inside a script first,
 * Redis 6 behind a dash somewhere in the text.
 */
const NOT_NOW =
  /(^|-)(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM|BUSY|MISCONF|NOREPLICAS|MOVED|ASK|NOAUTH|WRONGPASS) /;

/** Tells what an error of Redis, or of the connection to it, means for the orders that it was asked to count. */
export function failureOfRedis(cause: unknown): MessageFailure {
  const isReply = cause instanceof Error && cause.name === 'ReplyError';
  return isReply && !NOT_NOW.test(cause.message)
    ? new MessageFailure('damaged', 'Redis failed to count the order', { cause })
    : new MessageFailure('transient', 'Redis could not count the order', { cause });
}
