import { type Command, InvalidArgumentError, Option } from 'commander';
import { isTimeZone } from '../../lib/orders/calendar.ts';
import { hasTwoDecimals, isCurrency } from '../../lib/orders/money.ts';
import { REDIS_SCHEMES, redisUrlProblem } from '../../lib/redis/url.ts';
import type { RunningStack } from './runningStack.ts';

/*
 * Arguments that several commands take. Each function returns the argument, or throws commander's error, which the
 * command prints in one line with the name of the option.
 */

/** The name of a stage. */
export function stage(text: string): string {
  if (/^[A-Za-z0-9-]+$/.test(text)) return text;
  throw new InvalidArgumentError('It must consist of letters, digits and hyphens.');
}

const isHttpUrl = (text: string): boolean => /^https?:\/\//.test(text) && URL.canParse(text);

/** Where SQS or S3 is. */
export function endpoint(text: string): string {
  if (isHttpUrl(text)) return text;
  throw new InvalidArgumentError('It must be a URL such as http://localhost:4566.');
}

/**
 * Ends the command if it would go by a variable of the environment that should be a URL and is not. Stage `local` heeds only
 * AWS_ENDPOINT_URL.
 *
 * @param named - the URL of the service, or of its queue, if the command names one
 */
export function checkEndpoint(
  command: Command,
  service: 'SQS' | 'S3',
  named: string | undefined,
  stage: string | undefined,
  env: NodeJS.ProcessEnv,
): void {
  if (named && isHttpUrl(named)) return;
  const own = stage === 'local' ? [] : [`AWS_ENDPOINT_URL_${service}`];
  const names = service === 'S3' ? [...own, 'AWS_ENDPOINT_URL'] : ['AWS_ENDPOINT_URL', ...own];
  const name = names.find((name) => env[name]);
  if (!name || isHttpUrl(env[name] ?? '')) return;
  command.error(`error: ${name} must be a URL such as http://localhost:4566`);
}

/** With `| head`, output has no reader, but the exit code must still say how the command ended. */
export function outliveReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    console.error(`Cannot write the output: ${error.message}`);
    process.exit(1);
  });
}

/** The name or the URL of a queue. */
export function queue(text: string): string {
  if (isHttpUrl(text) || /^[A-Za-z0-9_-]{1,80}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a URL, or a name of 1 to 80 letters, digits, hyphens and underscores.');
}

/** Where Redis is. Not commander's error, which would repeat the argument and with it a password. */
export function redisUrl(command: Command): (text: string) => string {
  return (text) => {
    const problem = redisUrlProblem(text);
    return problem ? command.error(`error: the URL of Redis ${problem}`) : text;
  };
}

/** The name of a time zone. */
function timeZone(name: string): string {
  if (isTimeZone(name)) return name;
  throw new InvalidArgumentError('It must be the name of a time zone, such as Europe/Berlin.');
}

/** The code of a currency. */
function currency(code: string): string {
  if (isCurrency(code) && hasTwoDecimals(code)) return code;
  throw new InvalidArgumentError('It must be the code of a currency with two decimals, such as EUR.');
}

/**
 * Adds the options that say which Redis to use, and the time zone of its statistics.
 *
 * @param which - e.g. `the Redis to compare with`
 */
export const withTimeZoneOptions = (command: Command, which: string): Command =>
  command
    .option('--stage <stage>', 'stage that the pipeline was deployed to', stage, 'local')
    // A default value would be printed by --help, and a URL may hold a password.
    .option(
      '--redis <URL>',
      `${which}, ${REDIS_SCHEMES} (default: REDIS_URL; stage local: that of npm start, or redis://127.0.0.1:6379)`,
      redisUrl(command),
    )
    .option(
      '--time-zone <name>',
      'time zone of the stage, such as Europe/Berlin (default: TIME_ZONE; stage local: that of npm start, or UTC)',
      timeZone,
    );

/** Adds the options that say which Redis to use, and what its statistics are in. */
export const withRedisOptions = (command: Command, which: string): Command =>
  withTimeZoneOptions(command, which).option(
    '--currency <code>',
    'currency of the stage, such as EUR (default: CURRENCY; stage local: that of npm start, or USD)',
    currency,
  );

/** Options that say which archive to read. */
export const archiveOptions = (): Option[] => [
  new Option(
    '--bucket <name>',
    'the archive (default: ARCHIVE_BUCKET, or the bucket orders-archive-<stage>-<account>)',
  ),
  new Option(
    '--endpoint <URL>',
    'where S3 is (default: AWS_ENDPOINT_URL, that of npm start, or http://localhost:4566; other stages: AWS)',
  ).argParser(endpoint),
];

const COMPRESSED = /\.(?:t?gz|zip|bz2|xz|zst)$/i;

/** A file for uncompressed lines. */
export function plainFile(path: string): string {
  const [suffix] = COMPRESSED.exec(path) ?? [];
  if (suffix === undefined) return path;
  const why = `What is written is not compressed: name a file without ${suffix}, and compress it afterwards.`;
  throw new InvalidArgumentError(why);
}

/** A whole number from `min` to `max`. */
export function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** What a command depends on besides its options. */
export type Context = {
  readonly env: NodeJS.ProcessEnv;
  /** The running `npm start`. */
  readonly running: RunningStack | undefined;
  /** Aborted: the command ends in order, and says what it did. */
  readonly signal: AbortSignal;
};

export const FAILED = 1;
/** The exit code that shells use after Ctrl-C. */
export const INTERRUPTED = 130;

/** Why a command failed, in a sentence without a full stop. */
export class CommandError extends Error {}
