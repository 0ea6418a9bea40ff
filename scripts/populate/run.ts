import type { Progress } from '../shared/progress.ts';
import { messages } from '../shared/words.ts';
import type { Out } from './out.ts';
import { type Sending, sendAll } from './sendAll.ts';
import type { Source } from './source.ts';
import { addOutcome, newTally, type Tally } from './tally.ts';

/** How to send, and what to report to. */
export type RunOptions = Omit<Sending, 'signal'> & {
  /** Aborted: the run ends early. Aborted by the run itself when nothing goes through any more. */
  readonly stop: AbortController;
  readonly progress: Progress;
  /** Keeps what was sent. */
  readonly out?: Out;
  /** Says what an error of SQS means, in one sentence without a stop. */
  explain(error: unknown): Promise<string>;
};

/** What was done, and whether all went well. */
export type RunResult = { readonly tally: Tally; readonly isComplete: boolean };

/** Sends the messages of a source. What goes wrong is reported, and never blocks the rest. */
export async function run(source: Source, options: RunOptions): Promise<RunResult> {
  const { stop, progress, explain } = options;
  const tally = newTally();
  let bytesRead = 0;
  const failures: string[] = [];
  let isStopped = false;
  const read = source.messages({
    onBytes(bytes) {
      bytesRead += bytes;
    },
    onMalformed(sentence) {
      tally.malformed++;
      progress.note(sentence);
    },
    onFailure(sentence) {
      failures.push(sentence);
    },
  });
  for await (const outcome of sendAll(read, { ...options, signal: stop.signal })) {
    addOutcome(tally, outcome);
    for (const { message, reason } of outcome.refused) {
      progress.note(`${source.nameOf(message.number)} was not sent: ${reason}`);
    }
    await options.out?.write(outcome.sent).catch((error: Error) => {
      if (!isStopped) failures.push(error.message);
      isStopped = true;
      stop.abort();
    });
    // All calls in flight meet the same error: it is reported once.
    if (outcome.stopped && !isStopped) {
      isStopped = true;
      stop.abort();
      failures.push(await explain(outcome.stopped.error));
    }
    progress.show(source.kind === 'file' ? bytesRead : tally.sent + tally.notSent, tally.sent);
  }
  progress.stop();
  const before = tally.sent > 0 ? `. Sent before that: ${messages(tally.sent)}` : '';
  for (const failure of failures) progress.note(failure + before);
  return { tally, isComplete: failures.length === 0 && tally.notSent === 0 && tally.malformed === 0 };
}
