import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  type SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import { errorText } from '../../lib/errorText.ts';
import { createSqsClient } from '../../lib/sqs/client.ts';

/** Where SQS is. Without an endpoint it is that of AWS; without a region it is the one that AWS_REGION or the profile names, at this machine us-east-1. */
export type SqsPlace = { readonly endpoint?: string | undefined; readonly region?: string | undefined };

/** Longest wait for a connection, in milliseconds. */
const CONNECTION_TIMEOUT = 3000;
/** Longest wait for an answer, in milliseconds: more than the 20 s that a long poll may take. */
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
 * A client for the scripts. On this machine, where an emulator takes any credentials, what the shell says about AWS does
 * not matter. Everywhere else the ordinary credential chain of AWS is used.
 */
export function sqsClient({ endpoint, region }: SqsPlace): SQSClient {
  // A newcomer who runs a script should see what it does, not which Node.js the SDK will want in future.
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

/** Whether a host name means this machine, as in the queue URLs of fauxqs (`….localhost`) and of LocalStack. */
export const isThisMachine = (hostname: string): boolean =>
  /^(?:(?:.+\.)?localhost(?:\.localstack\.cloud)?|127(?:\.\d+){3}|\[::1\])$/.test(hostname);

/** The region is the one that `npm start` and stage `local` have. */
const EMULATOR: SQSClientConfig = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  useFipsEndpoint: false,
  useDualstackEndpoint: false,
};

/**
 * URL of a queue that is given by its name or its URL, once SQS has said that there is one.
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
    // With the URL at hand, the permission to send is enough.
    if (!(error instanceof Error && error.name.startsWith('AccessDenied'))) throw error;
  }
  return nameOrUrl;
}

/** Whether SQS was not reached at all, or its answer did not come back in time. */
export function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'TimeoutError' || ('code' in error && NETWORK_ERRORS.has(error.code));
}

/** All stages are real AWS, with real orders, but for the local one: whoever tries one out may not know. */
const whereQueueIs = (queue: string, endpoint: string | undefined): string =>
  endpoint ? `Queue ${queue} is at ${endpoint}` : `Queue ${queue} is on real AWS, as for every stage but local`;

/** What went wrong with a queue and what to do about it, in one sentence without a stop. */
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

/** What the answer to a batch call says of an entry, by the id of the entry: its place in the call. */
type Entry = { readonly Id?: string | undefined };

const isOf =
  (index: number) =>
  ({ Id }: Entry): boolean =>
    Id === `${index}`;

/** Whether SQS has confirmed an entry. One that the answer does not mention has failed. */
export const isConfirmed = (
  { Successful = [] }: { readonly Successful?: readonly Entry[] | undefined },
  index: number,
): boolean => Successful.some(isOf(index));

/** Why SQS has refused an entry, where the answer says so. */
export const refusalOf = <Refusal extends Entry>(
  { Failed = [] }: { readonly Failed?: readonly Refusal[] | undefined },
  index: number,
): Refusal | undefined => Failed.find(isOf(index));

const CONTENT_ERRORS = ['BatchRequestTooLong', 'InvalidMessageContents', 'InvalidParameterValue'];

/** Whether the error of a whole call is about the messages in it: one of them, or all together. */
export const isAboutContent = (error: unknown): error is Error =>
  error instanceof Error && CONTENT_ERRORS.includes(error.name);
