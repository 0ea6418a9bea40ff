import { setTimeout as sleep } from 'node:timers/promises';
import {
  CancelMessageMoveTaskCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  QueueDoesNotExist,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { CommandError } from '../shared/command.ts';
import { messages } from '../shared/message.ts';
import { chooseQueue, type QueuePlace } from '../shared/places.ts';
import type { RunningStack } from '../shared/runningStack.ts';
import { findQueueUrl } from '../shared/sqs.ts';
import type { CommonOptions } from './options.ts';

/** The queue and its dead-letter queue, each by name or URL, and where they are. */
export type QueuePair = QueuePlace & { readonly dlq: string };

/**
 * The URL of either queue says where both are.
 *
 * @param standard - value of AWS_ENDPOINT_URL
 * @param running - the running `npm start`
 */
export function chooseQueuePair(
  options: CommonOptions & { readonly queue?: string },
  standard: string | undefined,
  running: RunningStack | undefined,
): QueuePair {
  const { stage, endpoint, queue, dlq } = options;
  const named = { stage, ...(endpoint && { endpoint }) };
  const target = chooseQueue({ ...named, ...(queue && { queue }) }, standard, running);
  const place = dlq && URL.canParse(dlq) ? chooseQueue({ ...named, queue: dlq }, standard, running) : target;
  return {
    ...place,
    queue: target.queue,
    dlq: dlq ?? (stage === 'local' ? 'orders-queue-dlq' : `orders-queue-dlq-${stage}`),
  };
}

/**
 * @returns the URL of the dead-letter queue
 * @throws a {@link CommandError} when there is none, else what the SDK throws
 */
export async function findDeadLetterQueue(client: SQSClient, { dlq, endpoint = 'AWS' }: QueuePair): Promise<string> {
  try {
    return await findQueueUrl(client, dlq);
  } catch (error) {
    if (!(error instanceof QueueDoesNotExist)) throw error;
    const region = await client.config.region();
    throw new CommandError(`There is no queue ${dlq} at ${endpoint} in region ${region}: name it with --dlq`);
  }
}

/** ARN of a queue, and how many messages it holds according to SQS. Delayed messages are invisible too. */
export type QueueState = { readonly arn: string; readonly visible: number; readonly invisible: number };

export async function readQueueState(client: SQSClient, url: string): Promise<QueueState> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: [
        'QueueArn',
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    }),
  );
  return {
    arn: Attributes.QueueArn ?? '',
    visible: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    invisible:
      Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0) +
      Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0),
  };
}

/** Errors of emulators that lack an action. */
const UNKNOWN_ACTION = ['InvalidAction', 'UnknownOperation', 'UnknownOperationException', 'NotImplemented'];

const POLL_MS = 1000;
/** In LocalStack a task that had ended before it was cancelled stays CANCELLING forever. */
const POLLS_AFTER_CANCEL = 5;

/** A move between two queues, by their ARNs. */
export type Move = {
  readonly from: string;
  readonly to: string;
  /** Aborted: the move is cancelled. */
  readonly signal: AbortSignal;
  readonly onProgress: (moved: number) => void;
};

/**
 * Has SQS move all messages itself, and waits for the end.
 *
 * @returns how many were moved; undefined when this SQS cannot move messages
 * @throws a {@link CommandError} when SQS gives up, else what the SDK throws
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
      throw new CommandError(
        `SQS gave up after ${messages(moved)}: ${task.FailureReason ?? task.Status ?? 'no reason'}`,
      );
    }
    // The first Ctrl-C ends the wait.
    await sleep(POLL_MS, undefined, signal.aborted ? {} : { signal }).catch(() => {});
  }
}

/** Fails when the task has just ended, which is as good. */
async function cancel(client: SQSClient, handle: string | undefined): Promise<void> {
  await client.send(new CancelMessageMoveTaskCommand({ TaskHandle: handle })).catch(() => {});
}
