import { Option } from 'commander';
import type { Units } from '../../lib/config.ts';
import { redisUrlProblem } from '../../lib/redis/url.ts';
import { archiveOptions, checkEndpoint, withRedisOptions } from '../shared/command.ts';
import { NpmCommand } from '../shared/npmCommand.ts';
import { type ArchivePlace, chooseArchive, chooseRedis, chooseUnits } from '../shared/places.ts';
import type { RunningStack } from '../shared/runningStack.ts';

export type Options = Units & {
  readonly source:
    | {
        /** Files of order messages, in the order in which they were sent. */
        readonly files: readonly string[];
      }
    | { readonly archive: ArchivePlace };
  /** URL of Redis: see parseRedisUrl in lib/redis/url.ts. */
  readonly redis: string;
  /** Whether to write JSON instead of text. */
  readonly json: boolean;
};

const NOTES = `
With --file, Redis must hold the orders of these files and no others, and nothing may be counted in the meantime.
With --archive, orders that are counted during the comparison show as differences.
The exit code is 0 without a difference, else 1.

Examples:
  npm run verify -- --file orders.jsonl.gz
  npm run verify -- --file january.jsonl --file february.jsonl --redis redis://127.0.0.1:6380
  npm run verify -- --archive`;

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
    .usage('--file <path>|--archive [options]')
    .description('Counts orders independently and compares every total and the ledger with Redis.')
    .option('--file <path>', 'one JSON message per line, plain or gzip; may be repeated', collect)
    .addOption(new Option('--archive', 'the orders of the archive').conflicts('file'));
  for (const option of archiveOptions()) command.addOption(option.conflicts('file'));
  withRedisOptions(command, 'the Redis to compare with')
    .option('--json', 'write the summary and all differences as JSON')
    .addHelpText('after', NOTES)
    .parse(args, { from: 'user' });
  const { file: files, archive, json, ...given } = command.opts<Given>();
  if (!files && !archive) {
    command.error("error: required option '--file <path>' or '--archive' not specified", {
      code: 'commander.missingMandatoryOptionValue',
    });
  }
  if (archive) checkEndpoint(command, 'S3', given.endpoint, given.stage, env);
  const place = chooseArchive(given, env, running);
  const url = chooseRedis({ ...given, endpoint: archive && place.endpoint, standard: env.REDIS_URL, running });
  if (!url) return command.error(`error: no Redis is named for stage ${given.stage}: set --redis or REDIS_URL`);
  const problem = redisUrlProblem(url);
  if (problem) command.error(`error: REDIS_URL ${problem}`);
  const source = files ? { files } : { archive: place };
  return { source, redis: url, ...chooseUnits(given, url, env, running), json: json ?? false };
}

type Given = {
  file?: string[];
  archive?: true;
  bucket?: string;
  endpoint?: string;
  redis?: string;
  stage: string;
  timeZone?: string;
  currency?: string;
  json?: true;
};

const collect = (path: string, before: readonly string[] = []): string[] => [...before, path];
