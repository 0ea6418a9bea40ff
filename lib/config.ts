import * as v from 'valibot';
import type { Confirmation } from './counting/confirm.ts';
import { isTimeZone } from './orders/calendar.ts';
import { hasTwoDecimals, isCurrency } from './orders/money.ts';
import { redisUrlProblem } from './redis/url.ts';

const redisUrl = v.pipe(
  v.string(),
  v.check(
    (text) => redisUrlProblem(text) === undefined,
    ({ input }) => redisUrlProblem(input) ?? '',
  ),
);

/** What every function that reads statistics needs from its environment. */
const ReaderEnvironment = v.object({ REDIS_URL: redisUrl });

const queueUrl = v.pipe(v.string(), v.url('is not a URL'));

const timeZone = v.pipe(
  v.optional(v.string(), 'UTC'),
  v.check(isTimeZone, 'is not the name of a time zone, such as Europe/Berlin'),
);

const currency = v.pipe(
  v.optional(v.string(), 'USD'),
  v.check(isCurrency, 'is not the code of a currency in ISO 4217, such as EUR'),
  v.check(hasTwoDecimals, 'is a currency whose amounts do not have two decimals, as all that is counted has'),
);

/** What the statistics are in: the days of a time zone, the amounts of a currency. */
const UnitsEnvironment = v.object({ TIME_ZONE: timeZone, CURRENCY: currency });

/** What the worker needs from its environment. */
const WorkerEnvironment = v.object({
  REDIS_URL: redisUrl,
  QUEUE_URL: queueUrl,
  ...UnitsEnvironment.entries,
  CONFIRM: v.optional(v.picklist(['none', 'replica', 'disk'], 'is not none, replica or disk'), 'none'),
});

/** What the function that shows the state of the pipeline needs from its environment. */
const PipelineEnvironment = v.object({ REDIS_URL: redisUrl, QUEUE_URL: queueUrl, DEAD_LETTER_QUEUE_URL: queueUrl });

const HealthEnvironment = v.object({ REDIS_URL: redisUrl, STAGE: v.string(), VERSION: v.string() });

const isOrigin = (text: string): boolean => text === '*' || (URL.canParse(text) && new URL(text).origin === text);
const HttpEnvironment = v.object({
  CORS_ORIGIN: v.pipe(
    v.optional(v.string(), '*'),
    v.check(isOrigin, 'is not * and not an origin, such as https://shop.example'),
  ),
});

const LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'SILENT'];
const LogEnvironment = v.object({
  POWERTOOLS_LOG_LEVEL: v.pipe(
    v.string(),
    v.check(
      (level) => LOG_LEVELS.includes(level.toUpperCase()),
      `is none of ${LOG_LEVELS.join(', ')}; LOG_LEVEL sets it`,
    ),
  ),
});

/** Settings of the read functions. */
export type ReaderConfig = { readonly redisUrl: string };

/** What the statistics are in: name of a time zone, code of a currency. */
export type Units = { readonly timeZone: string; readonly currency: string };

/**
 * Settings of the worker: {@link ReaderConfig}, the URL of the queue that it is fed from, what it counts in, and who must
 * confirm orders.
 */
export type WorkerConfig = ReaderConfig &
  Units & {
    readonly queueUrl: string;
    readonly confirmation: Confirmation | undefined;
  };

/**
 * Reads the settings of a read function.
 *
 * @throws an error that names every variable that is missing or wrong, never its value
 */
export function readerConfig(env: NodeJS.ProcessEnv): ReaderConfig {
  return { redisUrl: parseEnvironment(ReaderEnvironment, env).REDIS_URL };
}

/**
 * Reads the settings of the health check: where Redis is, and what is running.
 *
 * @throws an error that names every variable that is missing or wrong, never its value
 */
export function healthConfig(
  env: NodeJS.ProcessEnv,
): ReaderConfig & { readonly stage: string; readonly version: string } {
  const { REDIS_URL, STAGE, VERSION } = parseEnvironment(HealthEnvironment, env);
  return { redisUrl: REDIS_URL, stage: STAGE, version: VERSION };
}

/**
 * Reads what the statistics are in.
 *
 * @throws an error that names every variable that is wrong
 */
export function unitsConfig(env: NodeJS.ProcessEnv): Units {
  const { TIME_ZONE, CURRENCY } = parseEnvironment(UnitsEnvironment, env);
  return { timeZone: TIME_ZONE, currency: CURRENCY };
}

/**
 * Reads the settings that all functions of a stage share, and of them what the statistics are in.
 *
 * @throws an error that names every variable that is wrong
 */
export function stageConfig(env: Readonly<Record<string, unknown>>): Units {
  const Environment = v.object({ ...UnitsEnvironment.entries, ...HttpEnvironment.entries, ...LogEnvironment.entries });
  const { TIME_ZONE, CURRENCY } = parseEnvironment(Environment, env);
  return { timeZone: TIME_ZONE, currency: CURRENCY };
}

/** Reads the setting of every function of the API: the origin whose pages may read its answers, by default any. */
export function httpConfig(env: NodeJS.ProcessEnv): { readonly corsOrigin: string } {
  return { corsOrigin: parseEnvironment(HttpEnvironment, env).CORS_ORIGIN };
}

/**
 * Reads the settings of the worker.
 *
 * @throws an error that names every variable that is missing or wrong, never its value
 */
export function workerConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const { REDIS_URL, QUEUE_URL, TIME_ZONE, CURRENCY, CONFIRM } = parseEnvironment(WorkerEnvironment, env);
  const confirmation = CONFIRM === 'none' ? undefined : CONFIRM;
  return { redisUrl: REDIS_URL, queueUrl: QUEUE_URL, timeZone: TIME_ZONE, currency: CURRENCY, confirmation };
}

/**
 * Reads the settings of the function that shows the state of the pipeline: where Redis and both queues are.
 *
 * @throws an error that names every variable that is missing or wrong, never its value
 */
export function pipelineConfig(
  env: NodeJS.ProcessEnv,
): ReaderConfig & { readonly queueUrl: string; readonly deadLetterQueueUrl: string } {
  const { REDIS_URL, QUEUE_URL, DEAD_LETTER_QUEUE_URL } = parseEnvironment(PipelineEnvironment, env);
  return { redisUrl: REDIS_URL, queueUrl: QUEUE_URL, deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL };
}

function parseEnvironment<T extends v.GenericSchema>(
  schema: T,
  env: Readonly<Record<string, unknown>>,
): v.InferOutput<T> {
  const parsed = v.safeParse(schema, env, { abortPipeEarly: true });
  if (parsed.success) return parsed.output;
  const problems = parsed.issues.map((issue) => {
    const name = v.getDotPath(issue);
    return issue.received === 'undefined' ? `${name} is missing` : `${name} ${issue.message}`;
  });
  throw new Error(`The environment is not complete: ${problems.join('; ')}. See "Settings" in docs/reference.md.`);
}
