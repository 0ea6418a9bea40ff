import { CommandError } from '../shared/command.ts';
import { messages } from '../shared/message.ts';
import { writeLine } from '../shared/progress.ts';
import type { DeadLetters } from './deadLetters.ts';
import type { Job } from './job.ts';

/**
 * Hands the messages to a job, gives back what it leaves, and says what was done, on errors and Ctrl-C too.
 *
 * @throws a {@link CommandError} when SQS did not hand out all messages that it counts, else what the job and the SDK
 *   throw
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
    await job.close();
    if (!hasFailed || job.hasBegun()) {
      const hasSeenAll = !hasFailed && !signal.aborted && from.missing === 0;
      const summary = job.summary(hasSeenAll ? 'all-seen' : await from.count());
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
