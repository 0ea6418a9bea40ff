import * as v from 'valibot';
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

const queueUrl = v.pipe(v.string(), v.url('is not a URL'));

/** `none`: the stage has no archive. */
const bucketName = v.pipe(v.string(), v.regex(/^[a-z0-9.-]{3,63}$/, 'is not the name of a bucket'));

const unitEntries = {
  TIME_ZONE: v.pipe(
    v.optional(v.string(), 'UTC'),
    v.check(isTimeZone, 'is not the name of a time zone, such as Europe/Berlin'),
  ),
  CURRENCY: v.pipe(
    v.optional(v.string(), 'USD'),
    v.check(isCurrency, 'is not the code of a currency in ISO 4217, such as EUR'),
    v.check(hasTwoDecimals, 'is a currency whose amounts do not have two decimals, which is not supported'),
  ),
};

const isOrigin = (text: string): boolean => text === '*' || (URL.canParse(text) && new URL(text).origin === text);
const httpEntries = {
  CORS_ORIGIN: v.pipe(
    v.optional(v.string(), '*'),
    v.check(isOrigin, 'is not * and not an origin, such as https://shop.example'),
  ),
};

const LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'SILENT'];
const logEntries = {
  POWERTOOLS_LOG_LEVEL: v.pipe(
    v.string(),
    v.check(
      (level) => LOG_LEVELS.includes(level.toUpperCase()),
      `is none of ${LOG_LEVELS.join(', ')}; LOG_LEVEL sets it`,
    ),
  ),
};

/** Time zone (IANA name) and currency (ISO 4217 code) of the statistics. */
export type Units = { readonly timeZone: string; readonly currency: string };

type UnitVariables = { readonly TIME_ZONE: string; readonly CURRENCY: string };

const toUnits = ({ TIME_ZONE, CURRENCY }: UnitVariables): Units => ({ timeZone: TIME_ZONE, currency: CURRENCY });

/** For a function that reads statistics. */
export const readerConfig = configOf(
  v.pipe(
    v.object({ REDIS_URL: redisUrl }),
    v.transform(({ REDIS_URL }) => ({ redisUrl: REDIS_URL })),
  ),
);

export const healthConfig = configOf(
  v.pipe(
    v.object({ REDIS_URL: redisUrl, STAGE: v.string(), VERSION: v.string() }),
    v.transform(({ REDIS_URL, STAGE, VERSION }) => ({ redisUrl: REDIS_URL, stage: STAGE, version: VERSION })),
  ),
);

export const unitsConfig = configOf(v.pipe(v.object(unitEntries), v.transform(toUnits)));

/** Checks all settings that the functions of a stage share. */
export const stageConfig = configOf(
  v.pipe(
    v.object({ ...unitEntries, ...httpEntries, ...logEntries }),
    v.transform((variables) => toUnits(variables)),
  ),
);

/** For every function of the API. */
export const httpConfig = configOf(
  v.pipe(
    v.object(httpEntries),
    v.transform(({ CORS_ORIGIN }) => ({ corsOrigin: CORS_ORIGIN })),
  ),
);

export const workerConfig = configOf(
  v.pipe(
    v.object({
      REDIS_URL: redisUrl,
      QUEUE_URL: queueUrl,
      ARCHIVE_BUCKET: bucketName,
      ...unitEntries,
    }),
    v.transform(({ REDIS_URL, QUEUE_URL, ARCHIVE_BUCKET, ...units }) => ({
      redisUrl: REDIS_URL,
      queueUrl: QUEUE_URL,
      bucket: ARCHIVE_BUCKET === 'none' ? undefined : ARCHIVE_BUCKET,
      ...toUnits(units),
    })),
  ),
);

export const replayConfig = configOf(
  v.pipe(
    v.object({ REDIS_URL: redisUrl, ARCHIVE_BUCKET: bucketName, ...unitEntries }),
    v.transform(({ REDIS_URL, ARCHIVE_BUCKET, ...units }) => ({
      redisUrl: REDIS_URL,
      bucket: ARCHIVE_BUCKET,
      ...toUnits(units),
    })),
  ),
);

const queueEntries = { QUEUE_URL: queueUrl, DEAD_LETTER_QUEUE_URL: queueUrl };

export const overviewConfig = configOf(
  v.pipe(
    v.object({ REDIS_URL: redisUrl, ...queueEntries, STAGE: v.string(), ...unitEntries }),
    v.transform(({ REDIS_URL, QUEUE_URL, DEAD_LETTER_QUEUE_URL, STAGE, ...units }) => ({
      redisUrl: REDIS_URL,
      queues: { queueUrl: QUEUE_URL, deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL },
      deployed: { stage: STAGE, ...toUnits(units) },
    })),
  ),
);

export const pipelineConfig = configOf(
  v.pipe(
    v.object({ REDIS_URL: redisUrl, ...queueEntries }),
    v.transform(({ REDIS_URL, QUEUE_URL, DEAD_LETTER_QUEUE_URL }) => ({
      redisUrl: REDIS_URL,
      queueUrl: QUEUE_URL,
      deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
    })),
  ),
);

/** @returns a reader that throws an error with the name of every missing or invalid variable, but never its value */
function configOf<T extends v.GenericSchema>(
  schema: T,
): (environment: Readonly<Record<string, unknown>>) => v.InferOutput<T> {
  return (environment) => {
    const parsed = v.safeParse(schema, environment, { abortPipeEarly: true });
    if (parsed.success) return parsed.output;
    const problems = parsed.issues.map((issue) => {
      const name = v.getDotPath(issue);
      return issue.received === 'undefined' ? `${name} is missing` : `${name} ${issue.message}`;
    });
    throw new Error(`A setting is missing or invalid: ${problems.join('; ')}. See "Settings" in docs/reference.md.`);
  };
}
