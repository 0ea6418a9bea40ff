import { REDIS_SCHEMES, redisUrlProblem } from '../../lib/redis/url.ts';
import { currency, redisUrl, stage, timeZone } from '../shared/command.ts';
import { NpmCommand } from '../shared/npmCommand.ts';
import { chooseRedis, currencyOf, timeZoneOf } from '../shared/places.ts';
import type { RunningStack } from '../shared/runningStack.ts';

/** What the command line says. */
export type Options = {
  /** Files of order messages, in the order in which they were sent. */
  readonly files: readonly string[];
  /** URL of Redis: see parseRedisUrl in lib/redis/url.ts. */
  readonly redis: string;
  /** Whose months and days the statistics have: a name of the IANA database. */
  readonly timeZone: string;
  /** What they are in: a code of ISO 4217. */
  readonly currency: string;
  /** Whether to write JSON instead of text. */
  readonly json: boolean;
};

const NOTES = `
Redis must hold the orders of these files and no others, and nothing may be counted meanwhile.
The exit code is 0 without a difference, else 1.

Examples:
  npm run verify -- --file orders.jsonl.gz
  npm run verify -- --file january.jsonl --file february.jsonl --redis redis://127.0.0.1:6380`;

/**
 * Reads the command line.
 *
 * @param args - the arguments after the name of the script
 * @param env - may name Redis in REDIS_URL
 * @param running - the `npm start` that runs
 * @param command - prints and exits on --help and on a mistake
 */
export function readOptions(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  running: RunningStack | undefined,
  command = new NpmCommand(),
): Options {
  command
    .name('npm run verify --')
    .usage('--file <path> [options]')
    .description('Counts files of order messages independently and compares every total and the ledger with Redis.')
    .requiredOption('--file <path>', 'one JSON message a line, plain or gzip; may be repeated', collect)
    // A default value would be printed by --help, and a URL may hold a password.
    .option(
      '--redis <URL>',
      `the Redis to compare with, ${REDIS_SCHEMES} (default: REDIS_URL; stage local: that of npm start, or redis://127.0.0.1:6379)`,
      redisUrl(command),
    )
    .option('--stage <stage>', 'stage that the pipeline was deployed to', stage, 'local')
    .option(
      '--time-zone <name>',
      'time zone of the stage, such as Europe/Berlin (default: TIME_ZONE; stage local: that of npm start, or UTC)',
      timeZone,
    )
    .option(
      '--currency <code>',
      'currency of the stage, such as EUR (default: CURRENCY; stage local: that of npm start, or USD)',
      currency,
    )
    .option('--json', 'write the summary and all differences as JSON')
    .addHelpText('after', NOTES)
    .parse(args, { from: 'user' });
  const { file, json, timeZone: zone, currency: code, ...place } = command.opts<Given>();
  const url = chooseRedis({ ...place, standard: env.REDIS_URL, running });
  if (!url) return command.error(`error: no Redis is named for stage ${place.stage}: set --redis or REDIS_URL`);
  const problem = redisUrlProblem(url);
  if (problem) command.error(`error: REDIS_URL ${problem}`);
  return {
    files: file,
    redis: url,
    timeZone: zone ?? timeZoneOf(url, env.TIME_ZONE, running),
    currency: code ?? currencyOf(url, env.CURRENCY, running),
    json: json ?? false,
  };
}

type Given = { file: string[]; redis?: string; stage: string; timeZone?: string; currency?: string; json?: true };

const collect = (path: string, before: readonly string[] = []): string[] => [...before, path];
