import { GetQueueAttributesCommand, QueueDoesNotExist, type SQSClient } from '@aws-sdk/client-sqs';
import type { RunningStack } from '../shared/runningStack.ts';
import { findQueueUrl } from '../shared/sqs.ts';
import { chooseTarget, type Target } from '../shared/target.ts';
import type { CommonOptions } from './options.ts';
import { Problem } from './problem.ts';

/** The queue and its dead-letter queue, by name or URL, and where they are. */
export type Targets = Target & { readonly dlq: string };

/**
 * Which queues. The URL of either says where both are.
 *
 * @param standard - value of AWS_ENDPOINT_URL
 * @param running - the `npm start` that runs
 */
export function chooseQueues(
  options: CommonOptions & { readonly queue?: string },
  standard: string | undefined,
  running: RunningStack | undefined,
): Targets {
  const { stage, endpoint, queue, dlq } = options;
  const named = { stage, ...(endpoint && { endpoint }) };
  const target = chooseTarget({ ...named, ...(queue && { queue }) }, standard, running);
  const place = dlq && URL.canParse(dlq) ? chooseTarget({ ...named, queue: dlq }, standard, running) : target;
  return {
    ...place,
    queue: target.queue,
    dlq: dlq ?? (stage === 'local' ? 'orders-queue-dlq' : `orders-queue-dlq-${stage}`),
  };
}

/**
 * URL of the dead-letter queue.
 *
 * @throws a {@link Problem} when there is none, else what the SDK throws
 */
export async function findDeadLetterQueue(client: SQSClient, { dlq, endpoint = 'AWS' }: Targets): Promise<string> {
  try {
    return await findQueueUrl(client, dlq);
  } catch (error) {
    if (!(error instanceof QueueDoesNotExist)) throw error;
    const region = await client.config.region();
    throw new Problem(`There is no queue ${dlq} at ${endpoint} in region ${region}: name it with --dlq`);
  }
}

/** ARN of a queue, and how many messages it holds, as far as SQS knows. */
export type QueueState = { readonly arn: string; readonly visible: number; readonly invisible: number };

/** Asks SQS for the state of a queue. */
export async function readQueueState(client: SQSClient, url: string): Promise<QueueState> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ['QueueArn', 'ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return {
    arn: Attributes.QueueArn ?? '',
    visible: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    invisible: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
  };
}
