import { setTimeout as sleep } from 'node:timers/promises';
import {
  CancelMessageMoveTaskCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { messages } from '../shared/words.ts';
import { Problem } from './problem.ts';

/** What emulators answer that do not know an action. */
const UNKNOWN_ACTION = ['InvalidAction', 'UnknownOperation', 'UnknownOperationException', 'NotImplemented'];

const POLL_MS = 1000;
/** LocalStack leaves a task at CANCELLING for ever that was through when it was cancelled. */
const POLLS_AFTER_CANCEL = 5;

/** A move from a dead-letter queue to its queue, by their ARNs. */
export type Move = {
  readonly from: string;
  readonly to: string;
  /** Aborted: the move is cancelled. */
  readonly signal: AbortSignal;
  /** Told how many messages were moved. */
  readonly onProgress: (moved: number) => void;
};

/**
 * Lets SQS itself move all messages, and waits until it is through.
 *
 * @returns how many were moved; undefined when this SQS cannot do it, and nothing was done
 * @throws a {@link Problem} when SQS gives up, else what the SDK throws
 */
export async function moveAll(client: SQSClient, { from, to, signal, onProgress }: Move): Promise<number | undefined> {
  let handle: string | undefined;
  try {
    const command = new StartMessageMoveTaskCommand({ SourceArn: from, DestinationArn: to });
    handle = (await client.send(command)).TaskHandle;
  } catch (error) {
    if (error instanceof Error && UNKNOWN_ACTION.includes(error.name)) return undefined;
    throw error;
  }
  let pollsAfterCancel = 0;
  for (;;) {
    if (signal.aborted && pollsAfterCancel++ === 0) await cancel(client, handle);
    const { Results = [] } = await client.send(new ListMessageMoveTasksCommand({ SourceArn: from, MaxResults: 1 }));
    const task: ListMessageMoveTasksResultEntry = Results[0] ?? {};
    const moved = task.ApproximateNumberOfMessagesMoved ?? 0;
    onProgress(moved);
    if (task.Status === 'COMPLETED' || task.Status === 'CANCELLED' || pollsAfterCancel > POLLS_AFTER_CANCEL)
      return moved;
    if (task.Status !== 'RUNNING' && task.Status !== 'CANCELLING') {
      throw new Problem(`SQS gave up after ${messages(moved)}: ${task.FailureReason ?? task.Status ?? 'no reason'}`);
    }
    // Ctrl-C ends the wait, once.
    await sleep(POLL_MS, undefined, signal.aborted ? {} : { signal }).catch(() => {});
  }
}

/** A task that has just ended cannot be cancelled any more, which is as good. */
async function cancel(client: SQSClient, handle: string | undefined): Promise<void> {
  await client.send(new CancelMessageMoveTaskCommand({ TaskHandle: handle })).catch(() => {});
}
