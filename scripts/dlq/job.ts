import { CommandError } from '../shared/command.ts';
import { messages } from '../shared/message.ts';
import { writeLine } from '../shared/progress.ts';
import type { DeadLetter, DeadLetters } from './deadLetters.ts';
import type { Explanation } from './explanations.ts';

/** What a command does with the messages of the dead-letter queue. Those that it does not delete stay there. */
export type Job = {
  take(letters: readonly DeadLetter[]): Promise<void>;
  /** Whether the remaining messages do not matter. */
  isDone?(): boolean;
  /** Whether there is something to say after an error. */
  hasBegun(): boolean;
  /** What was done so far, for people; may be empty. */
  summary(rest: Rest): string;
  close?(): Promise<void>;
};

/**
 * How many messages are left according to SQS, when a command has not seen all of them. `all-seen` when it has, undefined
 * when SQS does not answer.
 */
export type Rest = 'all-seen' | number | undefined;

/**
 * Hands all messages to a job, makes visible again those that it leaves, and prints what was done, after errors and
 * Ctrl-C too.
 *
 * @throws a {@link CommandError} when SQS counts messages that it does not hand out, else what the job and the SDK throw
 */
export async function run(job: Job, from: DeadLetters, signal: AbortSignal): Promise<void> {
  const sayThatItWaits = (missing: number) =>
    writeLine(`SQS counts about ${messages(missing)} more and does not hand them out: waiting for up to a minute`);
  let hasFailed = true;
  try {
    for await (const letters of from.rounds(signal, sayThatItWaits)) {
      await job.take(letters);
      if (job.isDone?.()) break;
    }
    hasFailed = false;
  } finally {
    const stuck = await from.release();
    await job.close?.();
    if (!hasFailed || job.hasBegun()) {
      const hasSeenAll = !hasFailed && !signal.aborted && from.missing === 0;
      const summary = job.summary(hasSeenAll ? 'all-seen' : await countRest(from));
      if (summary) console.log(summary);
    }
    if (stuck.messages > 0) {
      const minutes = Math.ceil(stuck.seconds / 60);
      console.error(`${messages(stuck.messages)} could not be made visible again: SQS does so within ${minutes} min`);
    }
  }
  if (from.missing === 0 || signal.aborted) return;
  throw new CommandError(
    `SQS counts about ${messages(from.missing)} more that it did not hand out: others have received them, ` +
      'or over 120,000 messages are in flight. Run the command again later',
  );
}

async function countRest(from: DeadLetters): Promise<number | undefined> {
  try {
    const { visible, invisible } = await from.state();
    return visible + invisible;
  } catch {
    return undefined;
  }
}

/** How many messages are in the queue for which reason. */
export class Reasons {
  readonly #counts = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add({ kind, group }: Pick<Explanation, 'kind' | 'group'>): void {
    this.#total++;
    const reason = kind === 'invalid' || kind === 'conflict' ? `${kind}: ${group}` : group;
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  /** The most frequent first. */
  rows(): [reason: string, messages: number][] {
    return [...this.#counts].sort(([, a], [, b]) => b - a);
  }

  /** A line for each reason. */
  lines(): string {
    return this.rows()
      .map(([reason, messages]) => reasonLine(reason, messages))
      .join('');
  }
}

const reasonLine = (reason: string, messages: number): string => `\n${String(messages).padStart(8)}  ${reason}`;

/**
 * What stays in a dead-letter queue, and the reasons of the messages that were seen.
 *
 * @param undeleted - how many messages SQS did not delete although it should have
 */
export function describeStaying(dlq: string, staying: Reasons, rest: Rest, undeleted: number): string {
  const lines = staying.lines() + (undeleted > 0 ? reasonLine('not deleted by SQS', undeleted) : '');
  if (rest === 'all-seen') return `stay in ${dlq}: ${messages(staying.total + undeleted)}${lines}`;
  const left = rest === undefined ? 'an unknown number of messages' : `about ${messages(rest)}`;
  const why = lines === '' ? '' : `; of those that were looked at:${lines}`;
  return `stay in ${dlq}: ${left}, not all of which were looked at${why}`;
}
