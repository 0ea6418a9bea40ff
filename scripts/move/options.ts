import { REDIS_SCHEMES } from '../../lib/redis/url.ts';
import { redisUrl } from '../shared/command.ts';
import { NpmCommand } from '../shared/npmCommand.ts';

/** What the command line says: URLs, which may hold passwords. */
export type Options = { readonly from: string; readonly to: string };

const NOTES = `
Stop the event source first: nothing may be counted until the move has ended.
The target must hold no statistics. A move that broke off is repeated by the same command.
The exit code is 0 when both hold the same, else 1.

Examples:
  npm run move -- --from redis://10.0.0.1:6379 --to redis+cluster://10.0.0.2:6379,10.0.0.3:6379
  npm run move -- --from redis+cluster://10.0.0.2:6379 --to rediss://orders:password@10.0.0.4:6379`;

/**
 * Reads the command line.
 *
 * @param args the arguments after the name of the script
 * @param command prints and exits on --help and on a mistake
 */
export function readOptions(args: readonly string[], command = new NpmCommand()): Options {
  return command
    .name('npm run move --')
    .usage('--from <URL> --to <URL>')
    .description('Copies all statistics and the ledger from one Redis or Redis Cluster to another, and compares both.')
    .requiredOption('--from <URL>', `the Redis that holds the statistics, ${REDIS_SCHEMES}`, redisUrl(command))
    .requiredOption('--to <URL>', 'the Redis that gets them', redisUrl(command))
    .addHelpText('after', NOTES)
    .parse(args, { from: 'user' })
    .opts<Options>();
}
