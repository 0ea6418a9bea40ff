import { redisUrlProblem, withoutPassword } from '../../lib/redis/url.ts';
import { isLoopback } from '../../lib/redis/warnings.ts';

/** The LocalStack to deploy to: the one that AWS_ENDPOINT_URL names, else the one of docker-compose.yml. */
export const localStackEndpoint = (process.env.AWS_ENDPOINT_URL || 'http://localhost:4566').replace(/\/+$/, '');

/** The account of LocalStack, and of the emulator of `npm start`. */
export const ACCOUNT = '000000000000';

/** Longest wait for an answer, in milliseconds: a LocalStack that deploys another stack is slow. */
const TIMEOUT = 10_000;

/** Why nothing can be deployed to {@link localStackEndpoint}, in one sentence; undefined if LocalStack answers. */
export async function localStackProblem(): Promise<string | undefined> {
  let response: Response;
  try {
    response = await fetch(`${localStackEndpoint}/_localstack/health`, { signal: AbortSignal.timeout(TIMEOUT) });
  } catch {
    return `No LocalStack answers at ${localStackEndpoint}: start it with "docker compose up -d --wait", or name another with AWS_ENDPOINT_URL.`;
  }
  await response.body?.cancel();
  if (response.ok) return;
  // The SQS emulator of `npm start` names itself.
  const found = response.headers.get('x-amz-id-2') === 'fauxqs' ? '"npm start"' : 'Something other than LocalStack';
  return `${found} answers at ${localStackEndpoint}: end it and start LocalStack there, or name one elsewhere with AWS_ENDPOINT_URL.`;
}

/**
 * Why functions on LocalStack could not use their Redis, in one sentence.
 *
 * @param redisUrl REDIS_URL of the functions: a URL, or a reference to the secret that holds it
 */
export function redisSettingProblem(redisUrl: unknown): string | undefined {
  const problem = isReference(redisUrl) ? undefined : redisUrlProblem(`${redisUrl}`);
  return problem && `REDIS_URL ${problem}.`;
}

const isReference = (redisUrl: unknown): boolean => `${redisUrl}`.startsWith('{{resolve:');

/** The URL of a stage's API, the same after every deployment. */
export const apiUrlOf = (stage: string): string =>
  `${localStackEndpoint}/_aws/execute-api/${nameOf('orders', stage)}/${stage}`;

/**
 * The places that people look for after a deployment, as lines `name: place`.
 *
 * @param redisUrl REDIS_URL of the functions, if known: a URL, or a reference to the secret that holds it
 */
export const placesOf = (stage: string, redisUrl?: unknown): string[] => [
  `API: ${apiUrlOf(stage)}`,
  `page: ${apiUrlOf(stage)}/dashboard`,
  `queue: ${localStackEndpoint}/${ACCOUNT}/${nameOf('orders-queue', stage)}`,
  ...(redisUrl === undefined ? [] : [`Redis: ${redisPlace(`${redisUrl}`)}`]),
];

function redisPlace(url: string): string {
  const [, secret] = /^\{\{resolve:secretsmanager:(.*)\}\}$/.exec(url) ?? [];
  if (secret) return `the URL in the secret ${secret}`;
  // LocalStack does not report whether functions run in containers or, in its host mode, as processes of this machine.
  const note = isLoopback(url) ? ' (this machine: functions in containers do not reach it)' : '';
  return withoutPassword(url) + note;
}

const nameOf = (name: string, stage: string): string => (stage === 'local' ? name : `${name}-${stage}`);
