import { formatCents } from '../../lib/orders/money.ts';
import type { Message } from '../shared/message.ts';
import { messages } from '../shared/words.ts';
import type { Outcome } from './send.ts';

/** What was done so far. */
export type Tally = {
  sent: number;
  readonly kinds: Record<Message['kind'], number>;
  /** What was sent adds up to, once all is through: number of orders, and their revenue in cents. */
  orders: number;
  cents: number;
  notSent: number;
  /** Lines of the file that are no messages. */
  malformed: number;
};

export const newTally = (): Tally => ({
  sent: 0,
  kinds: { valid: 0, revision: 0, cancellation: 0, duplicate: 0, invalid: 0, unknown: 0 },
  orders: 0,
  cents: 0,
  notSent: 0,
  malformed: 0,
});

/** Adds the results of a batch. */
export function addOutcome(tally: Tally, { sent, refused, stopped }: Outcome): void {
  for (const { kind, orders, cents } of sent) {
    tally.kinds[kind]++;
    tally.orders += orders;
    tally.cents += cents;
  }
  tally.sent += sent.length;
  tally.notSent += refused.length + (stopped?.messages.length ?? 0);
}

/**
 * The lines at the end.
 *
 * @param seconds - how long it took
 */
export function summarise(tally: Tally, source: 'generated' | 'file', seconds: number): string {
  const { sent, kinds, notSent, malformed } = tally;
  const speed = seconds > 0 ? Math.round(sent / seconds) : 0;
  const lines = [
    source === 'file' ? `sent: ${messages(sent)}` : `sent: ${messages(sent)} (${describeKinds(kinds)})`,
    `not sent: ${notSent}`,
  ];
  if (source === 'file') lines.push(`malformed lines: ${malformed}`);
  lines.push(`time: ${seconds.toFixed(1)} s, ${speed} messages/s`);
  if (source === 'generated') lines.push(expectation(tally));
  return lines.join('\n');
}

function describeKinds({ valid, revision, cancellation, duplicate, invalid }: Tally['kinds']): string {
  const revised = revision + cancellation > 0 ? `${revision} amended, ${cancellation} cancelled, ` : '';
  return `${valid} valid, ${revised}${duplicate} duplicates, ${invalid} invalid`;
}

/**
 * What these messages add to the statistics. When something was not sent it is a lower bound: SQS may have taken a
 * message without our hearing of it. An amended or cancelled order would make it a wrong one.
 */
function expectation({ kinds, orders, cents, notSent }: Tally): string {
  if (notSent > 0 && kinds.revision + kinds.cancellation > 0) return 'valid orders: not known, as not all was sent';
  const least = notSent > 0 ? 'at least ' : '';
  return `valid orders: ${least}${orders}, revenue ${least}${formatCents(cents)}`;
}
