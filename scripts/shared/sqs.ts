import { GetQueueAttributesCommand, GetQueueUrlCommand, QueueDoesNotExist, type SQSClient } from '@aws-sdk/client-sqs';
import { createSqsClient } from '../../lib/sqs/client.ts';
import { type AwsPlace, awsConfig, describeAwsError } from './aws.ts';

/** A client for the scripts. */
export const sqsClient = (place: AwsPlace): SQSClient => createSqsClient(awsConfig(place));

/**
 * The URL of an existing queue.
 *
 * @throws what the SDK throws: see {@link describeSqsError}
 */
export async function findQueueUrl(client: SQSClient, nameOrUrl: string): Promise<string> {
  if (!URL.canParse(nameOrUrl)) {
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: nameOrUrl }));
    if (!QueueUrl) throw new Error('the answer holds no queue URL');
    return QueueUrl;
  }
  try {
    await client.send(new GetQueueAttributesCommand({ QueueUrl: nameOrUrl, AttributeNames: ['QueueArn'] }));
  } catch (error) {
    // The permission to send is enough where the URL is known.
    if (!(error instanceof Error && error.name.startsWith('AccessDenied'))) throw error;
  }
  return nameOrUrl;
}

/** What went wrong with a queue and what to do, in a sentence without a full stop. */
export async function describeSqsError(
  error: unknown,
  { client, endpoint, queue }: { client: SQSClient; endpoint?: string | undefined; queue: string },
): Promise<string> {
  if (!(error instanceof QueueDoesNotExist))
    return describeAwsError(error, { service: 'SQS', subject: `Queue ${queue}`, endpoint });
  const region = await client.config.region();
  return `There is no queue ${queue} at ${endpoint ?? 'AWS'} in region ${region}: name it with --queue`;
}

/** A result in the answer to a batch call. The id of an entry is its place in the call. */
type Entry = { readonly Id?: string | undefined };

const isOf =
  (index: number) =>
  ({ Id }: Entry): boolean =>
    Id === `${index}`;

/** Whether SQS has confirmed an entry. An entry that is not mentioned has failed. */
export const isConfirmed = (
  { Successful = [] }: { readonly Successful?: readonly Entry[] | undefined },
  index: number,
): boolean => Successful.some(isOf(index));

/** Why SQS has refused an entry, if the answer says so. */
export const refusalOf = <Refusal extends Entry>(
  { Failed = [] }: { readonly Failed?: readonly Refusal[] | undefined },
  index: number,
): Refusal | undefined => Failed.find(isOf(index));

const CONTENT_ERRORS = ['BatchRequestTooLong', 'InvalidMessageContents', 'InvalidParameterValue'];

/** Whether a whole call failed because of its messages, one or all together. */
export const isAboutContent = (error: unknown): error is Error =>
  error instanceof Error && CONTENT_ERRORS.includes(error.name);
