import type { Units } from '../../lib/config.ts';
import { redisUrlProblem } from '../../lib/redis/url.ts';
import { withRedisOptions } from '../shared/command.ts';
import { NpmCommand } from '../shared/npmCommand.ts';
import { chooseRedis, chooseUnits } from '../shared/places.ts';
import type { RunningStack } from '../shared/runningStack.ts';

export type Options = Units & {
  /** Files of order messages, in the order in which they were sent. */
  readonly files: readonly string[];
  /** URL of Redis: see parseRedisUrl in lib/redis/url.ts. */
  readonly redis: string;
  /** Whether to write JSON instead of text. */
  readonly json: boolean;
};

const NOTES = `
Redis must hold the orders of these files and no others, and nothing may be counted in the meantime.
The exit code is 0 without a difference, else 1.

Examples:
  npm run verify -- --file orders.jsonl.gz
  npm run verify -- --file january.jsonl --file february.jsonl --redis redis://127.0.0.1:6380`;

/**
 * Reads the command line.
 *
 * @param args - the arguments after the name of the script
 * @param env - may name Redis in REDIS_URL
 * @param running - the running `npm start`
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
    .requiredOption('--file <path>', 'one JSON message per line, plain or gzip; may be repeated', collect);
  withRedisOptions(command, 'the Redis to compare with')
    .option('--json', 'write the summary and all differences as JSON')
    .addHelpText('after', NOTES)
    .parse(args, { from: 'user' });
  const { file, json, ...given } = command.opts<Given>();
  const url = chooseRedis({ ...given, standard: env.REDIS_URL, running });
  if (!url) return command.error(`error: no Redis is named for stage ${given.stage}: set --redis or REDIS_URL`);
  const problem = redisUrlProblem(url);
  if (problem) command.error(`error: REDIS_URL ${problem}`);
  return { files: file, redis: url, ...chooseUnits(given, url, env, running), json: json ?? false };
}

type Given = { file: string[]; redis?: string; stage: string; timeZone?: string; currency?: string; json?: true };

const collect = (path: string, before: readonly string[] = []): string[] => [...before, path];
