import type { Progress } from './progress.ts';
import { type Sending, sendAll } from './sendAll.ts';
import type { Source } from './source.ts';
import { addOutcome, newTally, type Tally } from './tally.ts';

/** How to send, and whom to tell. */
export type RunOptions = Omit<Sending, 'signal'> & {
  /** Aborted: the run ends early. Aborted by the run itself when nothing goes through any more. */
  readonly stop: AbortController;
  readonly progress: Progress;
  /** Says what an error of SQS means, in one sentence without a stop. */
  explain(error: unknown): Promise<string>;
};

/** What was done, and whether all went well. */
export type RunResult = { readonly tally: Tally; readonly isComplete: boolean };

/** Sends the messages of a source. What goes wrong is named, and nothing else is held up by it. */
export async function run(source: Source, options: RunOptions): Promise<RunResult> {
  const { stop, progress, explain } = options;
  const tally = newTally();
  let bytesRead = 0;
  let failure: string | undefined;
  const messages = source.messages({
    onBytes(bytes) {
      bytesRead += bytes;
    },
    onMalformed(sentence) {
      tally.malformed++;
      progress.note(sentence);
    },
    onFailure(sentence) {
      failure = sentence;
    },
  });
  for await (const outcome of sendAll(messages, { ...options, signal: stop.signal })) {
    addOutcome(tally, outcome);
    for (const { message, reason } of outcome.refused) {
      progress.note(`${source.nameOf(message.number)} was not sent: ${reason}`);
    }
    // All calls in flight meet the same error: it is told once.
    if (outcome.stopped && !failure) {
      failure = await explain(outcome.stopped.error);
      stop.abort();
    }
    progress.show(source.kind === 'file' ? bytesRead : tally.sent + tally.notSent, tally.sent);
  }
  progress.stop();
  if (failure) progress.note(tally.sent > 0 ? `${failure}. Sent before that: ${tally.sent} messages` : failure);
  return { tally, isComplete: !failure && tally.notSent === 0 && tally.malformed === 0 };
}
