import { messages } from '../shared/message.ts';
import type { DeadLetter } from './deadLetters.ts';
import type { Explanation } from './findings.ts';

/** What a command does with the messages of the dead-letter queue. What it does not delete stays there. */
export type Job = {
  take(letters: readonly DeadLetter[]): Promise<void>;
  /** Given: whether nothing more has to be looked at. */
  isDone?(): boolean;
  /** Whether there is something to say after an error. */
  hasBegun(): boolean;
  /** What was done so far, for people; may be empty. */
  summary(rest: Rest): string;
  /** Gives back what it holds open. */
  close(): Promise<void>;
};

/**
 * What a command that has not looked at every message has left in the queue, as far as SQS knows; `all-seen` when it
 * has, undefined when SQS does not answer.
 */
export type Rest = 'all-seen' | number | undefined;

/** Counts of messages by why they are in the queue. */
export class Reasons {
  readonly #counts = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add({ kind, group }: Pick<Explanation, 'kind' | 'group'>): void {
    this.#total++;
    const reason = kind === 'invalid' ? `invalid: ${group}` : kind === 'conflict' ? `conflict: ${group}` : group;
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  /** The most frequent first. */
  rows(): [reason: string, messages: number][] {
    return [...this.#counts].sort(([, a], [, b]) => b - a);
  }

  /** A line for each reason. */
  lines(): string {
    return this.rows()
      .map(([reason, messages]) => `\n${String(messages).padStart(8)}  ${reason}`)
      .join('');
  }
}

/** What stays in a dead-letter queue, and why as far as it was looked at. */
export function describeStaying(dlq: string, staying: Reasons, rest: Rest): string {
  if (rest === 'all-seen') return `stay in ${dlq}: ${messages(staying.total)}${staying.lines()}`;
  const left = rest === undefined ? 'an unknown number of messages' : `about ${messages(rest)}`;
  const why = staying.total > 0 ? `; of those that were looked at:${staying.lines()}` : '';
  return `stay in ${dlq}: ${left}, not all of which were looked at${why}`;
}
