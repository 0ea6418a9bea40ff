import type { Units } from '../../lib/config.ts';
import { errorText, innermost } from '../../lib/errorText.ts';
import { isTimeZone } from '../../lib/orders/calendar.ts';
import { hasTwoDecimals, isCurrency } from '../../lib/orders/money.ts';
import { isAnswer, refusalOf, troubleOf } from '../../lib/redis/errors.ts';
import { redisName, redisUrlProblem } from '../../lib/redis/url.ts';
import { type AwsPlace, isThisMachine } from './aws.ts';
import { CommandError } from './command.ts';
import type { RunningStack } from './runningStack.ts';

/** The queue, by its name or URL, and where it is. */
export type QueuePlace = AwsPlace & { readonly queue: string };

const LOCAL_ENDPOINT = 'http://localhost:4566';

/**
 * Where to send: to the endpoint that the user named, else that of AWS_ENDPOINT_URL, as for every AWS tool, else that of the
 * running `npm start`. The URL of a queue includes its endpoint, so messages for AWS never go to this machine.
 *
 * @param standard - value of AWS_ENDPOINT_URL
 */
export function chooseQueue(
  options: { readonly queue?: string; readonly endpoint?: string; readonly stage: string },
  standard: string | undefined,
  running: RunningStack | undefined,
): QueuePlace {
  const isLocal = options.stage === 'local';
  const queue = options.queue ?? (isLocal ? 'orders-queue' : `orders-queue-${options.stage}`);
  const place = URL.canParse(queue)
    ? placeOf(new URL(queue))
    : { endpoint: standard || (isLocal ? (running?.sqsEndpoint ?? LOCAL_ENDPOINT) : undefined), region: undefined };
  return { ...place, ...(options.endpoint && { endpoint: options.endpoint }), queue };
}

function placeOf(url: URL): AwsPlace {
  const [, region, host] = /^sqs\.([a-z0-9-]+)\.(.+)$/.exec(url.hostname) ?? [];
  if (host && /^amazonaws\.com(?:\.cn)?$/.test(host)) return { endpoint: undefined, region };
  if (!isThisMachine(url.hostname)) return { endpoint: url.origin, region: undefined };
  // Emulators put the region in front of localhost, which not every machine resolves.
  url.hostname = 'localhost';
  return { endpoint: url.origin, region };
}

/** The archive, and where it is. Without a bucket it is the one of the stage. */
export type ArchivePlace = AwsPlace & { readonly stage: string; readonly bucket: string | undefined };

/**
 * Which archive: what the user named, else what the environment names, else that of the running `npm start`. The local stage
 * ignores AWS_ENDPOINT_URL_S3, which names an S3 for other uses of the shell.
 */
export function chooseArchive(
  options: { readonly bucket?: string; readonly endpoint?: string; readonly stage: string },
  env: NodeJS.ProcessEnv,
  running: RunningStack | undefined,
): ArchivePlace {
  const isLocal = options.stage === 'local';
  const standard = (!isLocal && env.AWS_ENDPOINT_URL_S3) || env.AWS_ENDPOINT_URL;
  const local = isLocal ? (running?.sqsEndpoint ?? LOCAL_ENDPOINT) : undefined;
  const endpoint = options.endpoint || standard || local;
  const ofNpmStart = endpoint === running?.sqsEndpoint ? running?.archiveBucket : undefined;
  return { stage: options.stage, endpoint, bucket: options.bucket || env.ARCHIVE_BUCKET || ofNpmStart };
}

const LOCAL_REDIS = 'redis://127.0.0.1:6379';

export type RedisPlaces = {
  readonly redis?: string;
  readonly stage: string;
  /** Where SQS is, for a command that uses it too. */
  readonly endpoint?: string | undefined;
  /** Value of REDIS_URL. */
  readonly standard: string | undefined;
  /** The running `npm start`. */
  readonly running: RunningStack | undefined;
};

/**
 * Which Redis: the one that the user named, else REDIS_URL, else for the local stage that of the running `npm start`, unless
 * the queue is elsewhere.
 *
 * @returns its URL, which may hold a password and may be invalid; undefined where another stage has none
 */
export function chooseRedis({ redis, stage, endpoint, standard, running }: RedisPlaces): string | undefined {
  if (redis || standard) return redis || standard;
  if (stage !== 'local') return undefined;
  const isOther = endpoint !== undefined && running && new URL(endpoint).origin !== new URL(running.sqsEndpoint).origin;
  return running && !isOther ? running.redisUrl : LOCAL_REDIS;
}

/**
 * What the statistics are in: what the user named, else TIME_ZONE and CURRENCY, else the units of the running `npm start`
 * if Redis is its own, else UTC and USD.
 *
 * @throws a {@link CommandError} when TIME_ZONE or CURRENCY is invalid
 */
export function chooseUnits(
  named: { readonly timeZone?: string; readonly currency?: string },
  redisUrl: string | undefined,
  { TIME_ZONE, CURRENCY }: NodeJS.ProcessEnv,
  running: RunningStack | undefined,
): Units {
  if (!named.timeZone && TIME_ZONE && !isTimeZone(TIME_ZONE))
    throw new CommandError('TIME_ZONE must be the name of a time zone, such as Europe/Berlin');
  if (!named.currency && CURRENCY && !(isCurrency(CURRENCY) && hasTwoDecimals(CURRENCY)))
    throw new CommandError('CURRENCY must be the code of a currency with two decimals, such as EUR');
  const ofRedis = running && redisUrl === running.redisUrl ? running : { timeZone: 'UTC', currency: 'USD' };
  return {
    timeZone: named.timeZone || TIME_ZONE || ofRedis.timeZone,
    currency: named.currency || CURRENCY || ofRedis.currency,
  };
}

/** What a command uses. `bucket`: of the archive. */
type Places = {
  readonly queue?: string;
  readonly bucket?: string;
  readonly endpoint?: string | undefined;
  readonly redisUrl?: string | undefined;
};

/** A line that says which queue, archive and Redis a command uses, without passwords. */
export function describePlaces(
  { queue, bucket, endpoint, redisUrl }: Places,
  running: RunningStack | undefined,
): string {
  const isOfNpmStart = running !== undefined && endpoint === running.sqsEndpoint;
  const at = `at ${endpoint ?? 'AWS'}${isOfNpmStart ? OF_NPM_START : ''}`;
  const places = [
    ...(queue ? [`queue ${queue} ${at}`] : []),
    ...(bucket ? [`archive ${bucket} ${at}`] : []),
    ...(redisUrl && !redisUrlProblem(redisUrl) ? [`Redis ${redisName(redisUrl)}${originOf(redisUrl, running)}`] : []),
  ];
  return `Using ${places.join(' and ')}`;
}

const OF_NPM_START = ' (running npm start)';

function originOf(redisUrl: string, running: RunningStack | undefined): string {
  if (redisUrl === running?.redisUrl) return OF_NPM_START;
  return redisUrl === LOCAL_REDIS ? ' (the default; REDIS_URL names another one)' : '';
}

/** What went wrong with Redis, in a sentence without a full stop. It shows no password. */
export function redisProblem(url: string, error: unknown): string {
  const name = redisName(url);
  const text = errorText(innermost(error));
  switch (troubleOf(error)) {
    case 'refused':
      return `Redis at ${name}: ${refusalOf(error)}`;
    case 'corrupt':
      return `Redis at ${name}: ${text}; see "Repair" in docs/operations.md`;
    case 'temporary':
      return isAnswer(error)
        ? `Redis at ${name} cannot serve this now: ${text}`
        : `No Redis answers at ${name} (${text}): name it with --redis`;
  }
}
