import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { errorText } from '../../lib/errorText.ts';

/** Without an endpoint, the service is on AWS. Without a region, AWS_REGION or the profile names it; on this machine it is us-east-1. */
export type AwsPlace = { readonly endpoint?: string | undefined; readonly region?: string | undefined };

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

/** With the region of `npm start` and of stage `local`. */
const EMULATOR = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  useFipsEndpoint: false,
  useDualstackEndpoint: false,
};

/** What the clients of SQS and S3 take. */
type ClientConfig = Pick<S3ClientConfig, keyof typeof EMULATOR | 'endpoint' | 'requestHandler'>;

/**
 * How the scripts reach a service. An emulator on this machine accepts any credentials, so the shell's AWS settings are ignored
 * there. Elsewhere the ordinary credential chain of AWS applies.
 */
export function awsConfig({ endpoint, region }: AwsPlace): ClientConfig {
  // A newcomer should see what a script does, not which Node.js the SDK will need in future.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  return {
    ...(endpoint && isThisMachine(new URL(endpoint).hostname) && EMULATOR),
    ...(endpoint && { endpoint }),
    ...(region && { region }),
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      throwOnRequestTimeout: true,
    },
  };
}

/** Whether a host name means this machine, also as in queue URLs of fauxqs (`….localhost`) and LocalStack. */
export const isThisMachine = (hostname: string): boolean =>
  /^(?:(?:.+\.)?localhost(?:\.localstack\.cloud)?|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\])$/.test(hostname);

/** Whether a service was not reached, or did not answer in time. */
export function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'TimeoutError' || ('code' in error && NETWORK_ERRORS.has(error.code));
}

/** What a script wanted of a service. `subject`: for example `Queue orders-queue`. */
export type Wanted = {
  readonly service: 'SQS' | 'S3';
  readonly subject: string;
  readonly endpoint?: string | undefined;
};

/** Whoever tries a stage may not know that all but the local one are real AWS, with real orders. */
const whereItIs = ({ subject, endpoint }: Wanted): string =>
  endpoint ? `${subject} is at ${endpoint}` : `${subject} is on real AWS, as for every stage but local`;

/** What went wrong at a service and what to do, in a sentence without a full stop. */
export function describeAwsError(error: unknown, wanted: Wanted): string {
  const { service, endpoint } = wanted;
  const where = endpoint ?? 'AWS';
  if (!(error instanceof Error)) return `${where}: ${String(error)}`;
  if (isNetworkError(error)) {
    return endpoint
      ? `No ${service} answers at ${endpoint}: start the pipeline with npm start, or name it with --endpoint`
      : `${service} of AWS does not answer: ${errorText(error)}`;
  }
  if (error.name === 'CredentialsProviderError')
    return `${whereItIs(wanted)}, and no credentials were found: ${errorText(error)}`;
  if (error.message === 'Region is missing') {
    const hint = endpoint ? '' : '. For an emulator name its URL with --endpoint';
    return `${whereItIs(wanted)}, and no region is configured: set AWS_REGION${hint}`;
  }
  if (error instanceof SyntaxError)
    return `What answers at ${where} is not ${service}: name the endpoint with --endpoint`;
  return `${service} at ${where} refused: ${error.name === 'Error' ? '' : `${error.name}: `}${errorText(error)}`;
}
