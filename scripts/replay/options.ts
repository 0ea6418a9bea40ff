import { InvalidArgumentError, Option } from 'commander';
import { REDIS_SCHEMES } from '../../lib/redis/url.ts';
import { archiveOptions, checkEndpoint, redisUrl, withTimeZoneOptions } from '../shared/command.ts';
import { NpmCommand } from '../shared/npmCommand.ts';

export type Options = {
  readonly stage: string;
  readonly bucket?: string;
  readonly endpoint?: string;
  readonly redis?: string;
  readonly timeZone?: string;
  /** Milliseconds since 1970. */
  readonly from?: number;
  /** URL of the Redis to fill. */
  readonly into?: string;
};

const NOTES = `
Harmless while orders are counted, and as often as you like: what is counted already is left as it is.
Ctrl-C ends it within seconds. The same command then goes on.
The exit code is 0 when all is replayed, and with --into when the comparison finds no difference; else 1.

Examples:
  npm run replay
  npm run replay -- --from 2026-11-01
  npm run replay -- --into redis+cluster://10.0.0.2:6379,10.0.0.3:6379
  npm run replay -- --into redis://10.0.0.4:6379 --time-zone Europe/Berlin`;

/**
 * Reads the command line.
 *
 * @param args the arguments after the name of the script
 * @param env may name S3 in AWS_ENDPOINT_URL
 * @param command prints and exits on --help and on a mistake
 */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv, command = new NpmCommand()): Options {
  command.name('npm run replay --').usage('[options]').description('Counts what the archive holds and Redis does not.');
  withTimeZoneOptions(command, 'the Redis that counts');
  for (const option of archiveOptions()) command.addOption(option);
  const options = command
    .option(
      '--from <time>',
      'start there at the latest, in UTC, such as 2026-11-01 or 2026-11-01T12:00:00Z (default: the checkpoint in Redis)',
      instant,
    )
    .addOption(
      new Option('--into <URL>', `an empty Redis to fill from the whole archive, then compare; ${REDIS_SCHEMES}`)
        .argParser(redisUrl(command))
        .conflicts(['from', 'redis']),
    )
    .addHelpText('after', NOTES)
    .parse(args, { from: 'user' })
    .opts<Options>();
  checkEndpoint(command, 'S3', options.endpoint, options.stage, env);
  return options;
}

/** @returns milliseconds since 1970 */
function instant(text: string): number {
  const ms = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,3})?Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text.slice(0, 10))) return ms;
  throw new InvalidArgumentError('It must be a date or a time in UTC, such as 2026-11-01 or 2026-11-01T12:00:00Z.');
}
