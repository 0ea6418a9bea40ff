import { errorText } from '../../lib/errorText.ts';
import { formatCents } from '../../lib/orders/money.ts';
import { CommandError } from '../shared/command.ts';
import { messages, type OutgoingMessage, toLine } from '../shared/message.ts';
import { openToAppend } from '../shared/openToAppend.ts';
import type { Progress } from '../shared/progress.ts';
import { type Sending, type SendReport, sendAll } from './send.ts';
import type { Source } from './source.ts';

/** How to send, and what to report to. */
export type RunOptions = Sending & {
  readonly progress: Progress;
  /** Keeps what was sent. */
  readonly out?: Out;
  /** Says what an error of SQS means, in one sentence without a stop. */
  explain(error: unknown): Promise<string>;
};

/** What was done, whether all went well, and whether the run ended early. */
export type RunResult = { readonly tally: Tally; readonly isComplete: boolean; readonly isStopped: boolean };

/** Sends the messages of a source. Reports what goes wrong, and goes on where it can. */
export async function run(source: Source, options: RunOptions): Promise<RunResult> {
  const { progress, explain } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const tally = newTally();
  let bytesRead = 0;
  const failures: string[] = [];
  const malformed = firstNotes(progress);
  const refused = firstNotes(progress);
  const read = source.messages({
    onBytes(bytes) {
      bytesRead += bytes;
    },
    onMalformed(sentence) {
      tally.malformed++;
      malformed.add(sentence);
    },
    onFailure(sentence) {
      failures.push(sentence);
    },
  });
  for await (const report of sendAll(read, { ...options, signal })) {
    addReport(tally, report);
    for (const { message, reason } of report.refused) {
      refused.add(`${source.nameOf(message.number)} was not sent: ${reason}`);
    }
    await options.out?.write(report.sent).catch((error: Error) => {
      if (!stop.signal.aborted) failures.push(error.message);
      stop.abort();
    });
    // All calls in flight meet the same error: it is reported once.
    if (report.stopped && !stop.signal.aborted) {
      stop.abort();
      failures.push(await explain(report.stopped.error));
    }
    progress.show(source.kind === 'file' ? bytesRead : tally.sent + tally.notSent, tally.sent);
  }
  progress.stop();
  malformed.end('malformed line');
  refused.end('refused message');
  const before = tally.sent > 0 ? `. Sent before that: ${messages(tally.sent)}` : '';
  for (const failure of failures) progress.note(failure + before);
  const isComplete = failures.length === 0 && tally.notSent === 0 && tally.malformed === 0;
  return { tally, isComplete, isStopped: signal.aborted };
}

/** How many notes of one kind are shown. */
const NOTES = 5;

/** Shows the first notes of one kind, and at the end how many more there were. */
function firstNotes({ note }: Progress) {
  let count = 0;
  return {
    add(sentence: string): void {
      if (++count <= NOTES) note(sentence);
    },
    end(one: string): void {
      const more = count - NOTES;
      if (more > 0) note(`and ${more} more ${more === 1 ? one : `${one}s`}`);
    },
  };
}

/** A file that keeps the sent messages. */
export type Out = {
  /** @throws a {@link CommandError} when the file cannot be written */
  write(messages: readonly OutgoingMessage[]): Promise<void>;
  close(): Promise<void>;
};

/**
 * Opens a file that messages are appended to, one per line, for `verify` and `populate` to read.
 *
 * @throws a {@link CommandError} when the file cannot be written
 */
export async function openOut(path: string): Promise<Out> {
  const explain = (error: unknown): never => {
    throw new CommandError(`Cannot write ${path}: ${errorText(error)}`);
  };
  const file = await openToAppend(path).catch(explain);
  return {
    async write(messages) {
      await file.appendFile(messages.map((message) => `${toLine(message)}\n`).join('')).catch(explain);
    },
    close: () => file.close(),
  };
}

/** What was done. */
export type Tally = {
  sent: number;
  readonly kinds: Record<OutgoingMessage['kind'], number>;
  /** What the sent messages add once all are counted: orders, and revenue in cents. */
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
export function addReport(tally: Tally, { sent, refused, stopped }: SendReport): void {
  for (const { kind, orders, cents } of sent) {
    tally.kinds[kind]++;
    tally.orders += orders;
    tally.cents += cents;
  }
  tally.sent += sent.length;
  tally.notSent += refused.length + (stopped?.messages.length ?? 0);
}

/** The lines at the end of a run that took these `seconds`. */
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
 * What these messages add to the statistics. Where a call failed this is a lower bound: SQS may have taken a message although
 * its answer was lost. With amended or cancelled orders it would not even be that.
 */
function expectation({ kinds, orders, cents, notSent }: Tally): string {
  if (notSent > 0 && kinds.revision + kinds.cancellation > 0)
    return 'valid orders: unknown, because not everything was sent';
  const least = notSent > 0 ? 'at least ' : '';
  return `valid orders: ${least}${orders}, revenue ${least}${formatCents(cents)}`;
}
