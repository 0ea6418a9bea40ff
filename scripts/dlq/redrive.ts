import type { SQSClient } from '@aws-sdk/client-sqs';
import { ACCEPT_UNKNOWN } from '../../lib/batch/event.ts';
import { showProgress } from '../shared/progress.ts';
import { findQueueUrl } from '../shared/sqs.ts';
import { messages } from '../shared/words.ts';
import type { DeadLetters } from './deadLetters.ts';
import type { Job } from './job.ts';
import type { Ledger } from './ledger.ts';
import { moveAll } from './moveTask.ts';
import { Problem } from './problem.ts';
import { readQueueState, type Targets } from './queues.ts';
import { type Choice, sendingBack } from './sendBack.ts';

/** What is sent back, and how to stop it. */
export type Redrive = {
  readonly client: SQSClient;
  readonly targets: Targets;
  readonly from: DeadLetters;
  readonly fromUrl: string;
  readonly signal: AbortSignal;
  /** Given: only these are sent back. */
  readonly choice?: Choice;
};

/**
 * `redrive`: SQS itself moves all messages, where it can.
 *
 * @returns the job that is left to do: to send them back one by one
 * @throws a {@link Problem}, or what the SDK throws
 */
export async function redrive({ client, targets, from, fromUrl, signal, choice }: Redrive): Promise<Job | undefined> {
  const { queue, dlq } = targets;
  const toUrl = await findQueueUrl(client, queue);
  const source = await readQueueState(client, fromUrl);
  const { arn } = await readQueueState(client, toUrl);
  if (source.arn === arn) throw new Problem(`${queue} and ${dlq} are the same queue`);
  await choice?.ledger.check();
  const newProgress = () => showProgress({ kind: 'generated', size: source.visible }, process.stderr);

  if (!choice) {
    const progress = newProgress();
    const onProgress = (moved: number) => progress.show(moved, moved);
    const move = moveAll(client, { from: source.arn, to: arn, signal, onProgress });
    const moved = await move.finally(() => progress.stop());
    if (moved !== undefined) {
      console.log(`sent back to ${queue}: ${messages(moved)}`);
      return undefined;
    }
    console.error('This SQS cannot move messages by itself: they are sent back one by one');
  }
  return sendingBack({ client, from, toUrl, queue, dlq, progress: newProgress() }, choice);
}

/** `--only retryable`: what would change the totals now, or nothing. */
export const retryable = (ledger: Ledger): Choice => ({
  ledger,
  kinds: ['would-count', 'would-replace', 'counted', 'superseded'],
});

/** `--accept-unknown`: what counts only as a person has decided so. */
export const acceptedUnknown = (ledger: Ledger): Choice => ({
  ledger,
  kinds: ['unknown'],
  attributes: { [ACCEPT_UNKNOWN]: { DataType: 'String', StringValue: 'true' } },
});
