import type { DeadLetter } from './deadLetters.ts';
import type { Judgement } from './judge.ts';

/** What a command does with the messages of the dead-letter queue. What it does not delete stays there. */
export type Job = {
  take(letters: readonly DeadLetter[]): Promise<void>;
  /** Whether there is something to say after an error. */
  hasBegun(): boolean;
  /** What was done so far, for people; may be empty. */
  summary(): string;
  /** Gives back what it holds open. */
  close(): Promise<void>;
};

/** Counts of messages by why they are in the queue. */
export class Reasons {
  readonly #counts = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add({ kind, group }: Pick<Judgement, 'kind' | 'group'>): void {
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

/** A number of messages in words. */
export const messages = (count: number): string => (count === 1 ? '1 message' : `${count} messages`);
