import { logger } from '../observability.ts';
import type { QueueMessage } from './event.ts';
import { MessageFailure } from './failure.ts';
import type { Outcome } from './process.ts';

/** One line for a batch: how many messages it had and what became of them; an error when some were held up. */
export function logBatch(outcomes: readonly Outcome[]): void {
  const tally = { messages: outcomes.length, counted: 0, duplicate: 0, permanent: 0, transient: 0 };
  let cause: string | undefined;
  for (const outcome of outcomes) {
    const kind = outcome.status === 'fulfilled' ? outcome.value : kindOf(outcome.reason);
    tally[kind]++;
    if (kind === 'transient' && outcome.status === 'rejected') cause ??= causeOf(outcome.reason);
  }
  if (tally.transient > 0) logger.error('batch', { ...tally, cause });
  else logger.info('batch', tally);
}

/** One line for a message that stays in the queue: why, never what it says. */
export function logFailure(reason: unknown, { messageId }: QueueMessage): void {
  const text = reason instanceof Error ? reason.message : String(reason);
  logger.warn('message not counted', { messageId, failure: kindOf(reason), reason: text, cause: causeOf(reason) });
}

/** What is not known to be hopeless may succeed later. */
const kindOf = (reason: unknown): MessageFailure['kind'] =>
  reason instanceof MessageFailure ? reason.kind : 'transient';

/** The innermost cause of an error: what Redis or the connection said. */
function causeOf(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause !== undefined) innermost = innermost.cause;
  return innermost instanceof Error ? innermost.message : String(innermost);
}
