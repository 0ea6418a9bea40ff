import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  type SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import { errorText } from '../../lib/errorText.ts';
import { createSqsClient } from '../../lib/sqs/client.ts';

/** Without an endpoint, SQS is on AWS. Without a region, AWS_REGION or the profile names it; on this machine it is us-east-1. */
export type SqsPlace = { readonly endpoint?: string | undefined; readonly region?: string | undefined };

/** Longest wait for a connection, in milliseconds. */
const CONNECTION_TIMEOUT = 3000;
/** Longest wait for an answer, in milliseconds: a long poll takes up to 20 s. */
const REQUEST_TIMEOUT = 30_000;

const NETWORK_ERRORS = new Set<unknown>([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/**
 * A client for the scripts. An emulator on this machine accepts any credentials, so the shell's AWS settings are ignored there.
 * Elsewhere the ordinary credential chain of AWS applies.
 */
export function sqsClient({ endpoint, region }: SqsPlace): SQSClient {
  // A newcomer should see what a script does, not which Node.js the SDK will need in future.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  return createSqsClient({
    ...(endpoint && isThisMachine(new URL(endpoint).hostname) && EMULATOR),
    ...(endpoint && { endpoint }),
    ...(region && { region }),
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      throwOnRequestTimeout: true,
    },
  });
}

/** Whether a host name means this machine, also as in queue URLs of fauxqs (`….localhost`) and LocalStack. */
export const isThisMachine = (hostname: string): boolean =>
  /^(?:(?:.+\.)?localhost(?:\.localstack\.cloud)?|127(?:\.\d+){3}|\[::1\])$/.test(hostname);

/** With the region of `npm start` and of stage `local`. */
const EMULATOR: SQSClientConfig = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  useFipsEndpoint: false,
  useDualstackEndpoint: false,
};

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

/** Whether SQS was not reached, or did not answer in time. */
export function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'TimeoutError' || ('code' in error && NETWORK_ERRORS.has(error.code));
}

/** Whoever tries a stage may not know that all but the local one are real AWS, with real orders. */
const whereQueueIs = (queue: string, endpoint: string | undefined): string =>
  endpoint ? `Queue ${queue} is at ${endpoint}` : `Queue ${queue} is on real AWS, as for every stage but local`;

/** What went wrong with a queue and what to do, in a sentence without a full stop. */
export async function describeSqsError(
  error: unknown,
  { client, endpoint, queue }: { client: SQSClient; endpoint?: string | undefined; queue: string },
): Promise<string> {
  const where = endpoint ?? 'AWS';
  if (!(error instanceof Error)) return `${where}: ${String(error)}`;
  if (isNetworkError(error)) {
    return endpoint
      ? `No SQS answers at ${endpoint}: start the pipeline with npm start, or name it with --endpoint`
      : `SQS of AWS does not answer: ${errorText(error)}`;
  }
  if (error instanceof QueueDoesNotExist) {
    return `There is no queue ${queue} at ${where} in region ${await client.config.region()}: name it with --queue`;
  }
  if (error.name === 'CredentialsProviderError')
    return `${whereQueueIs(queue, endpoint)}, and no credentials were found: ${errorText(error)}`;
  if (error.message === 'Region is missing') {
    const hint = endpoint ? '' : '. For an emulator name its URL with --endpoint';
    return `${whereQueueIs(queue, endpoint)}, and no region is configured: set AWS_REGION${hint}`;
  }
  if (error instanceof SyntaxError) return `What answers at ${where} is not SQS: name the endpoint with --endpoint`;
  return `SQS at ${where} refused: ${error.name === 'Error' ? '' : `${error.name}: `}${errorText(error)}`;
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
