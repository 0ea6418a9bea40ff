import * as v from 'valibot';

const redisUrl = v.pipe(
  v.string('is missing'),
  v.url('is not a URL'),
  v.regex(/^rediss?:\/\//, 'does not begin with redis:// or rediss://'),
);

/** What every function needs from its environment. */
const ReaderEnvironment = v.object({ REDIS_URL: redisUrl });

/** What the worker needs from its environment. */
const WorkerEnvironment = v.object({
  REDIS_URL: redisUrl,
  QUEUE_URL: v.pipe(v.string('is missing'), v.url('is not a URL')),
});

/** Settings of the read functions. */
export type ReaderConfig = { readonly redisUrl: string };

/** Settings of the worker: {@link ReaderConfig} and the URL of the queue that it is fed from. */
export type WorkerConfig = ReaderConfig & { readonly queueUrl: string };

/**
 * Reads the settings of a read function.
 *
 * @throws an error that names every variable that is missing or wrong, never its value
 */
export function readerConfig(env: NodeJS.ProcessEnv): ReaderConfig {
  return { redisUrl: parseEnvironment(ReaderEnvironment, env).REDIS_URL };
}

/**
 * Reads the settings of the worker.
 *
 * @throws an error that names every variable that is missing or wrong, never its value
 */
export function workerConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const { REDIS_URL, QUEUE_URL } = parseEnvironment(WorkerEnvironment, env);
  return { redisUrl: REDIS_URL, queueUrl: QUEUE_URL };
}

function parseEnvironment<T extends v.GenericSchema>(schema: T, env: NodeJS.ProcessEnv): v.InferOutput<T> {
  const parsed = v.safeParse(schema, env, { abortPipeEarly: true });
  if (parsed.success) return parsed.output;
  const problems = parsed.issues.map((issue) => {
    const name = v.getDotPath(issue);
    return issue.received === 'undefined' ? `${name} is missing` : `${name} ${issue.message}`;
  });
  throw new Error(`The environment is not complete: ${problems.join('; ')}. See "Settings" in README.md.`);
}
