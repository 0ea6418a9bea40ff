import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { redisUrlProblem } from '../../lib/redis/url.ts';
import { checkEndpoint, endpoint, plainFile, queue, redisUrl, stage, whole } from '../shared/command.ts';
import { mixOf } from '../shared/generator.ts';
import { NpmCommand } from '../shared/npmCommand.ts';

export type Options = {
  readonly file?: string;
  readonly count: number;
  readonly users: number;
  readonly invalid: number;
  readonly duplicates: number;
  readonly revisions: number;
  readonly cancellations: number;
  readonly shuffle?: true;
  readonly now?: true;
  readonly seed: number;
  readonly rate?: number;
  readonly concurrency: number;
  readonly queue?: string;
  readonly endpoint?: string;
  readonly stage: string;
  readonly out?: string;
  readonly wait?: true;
  readonly redis?: string;
};

const GENERATOR_OPTIONS = [
  'count',
  'users',
  'invalid',
  'duplicates',
  'revisions',
  'cancellations',
  'shuffle',
  'now',
  'seed',
];

const EXAMPLES = `
Examples:
  npm run populate                                              1000 valid orders
  npm run populate -- --count 5000 --invalid 0.02 --rate 200    some of them invalid, 200 per second
  npm run populate -- --revisions 0.05 --cancellations 0.02     some amended, some cancelled
  npm run populate -- --now --rate 20                           orders of today, 20 per second
  npm run populate -- --file orders.jsonl.gz                    the orders of a file
  npm run populate -- --count 5000 --wait --out sent.jsonl      waits for the result; verify --file sent.jsonl checks it
  npm run populate -- --stage prod                              to orders-queue-prod on AWS

Without --file, the orders are generated. They are dated within the last 12 months, or within the last 28 days with
--revisions or --cancellations: a later version may arrive before the first one only within 30 days. On one day (UTC),
the same --seed and --users give the same orders, which count once however often they are sent. Choose another seed for
new ones. With --now they are always new.`;

/**
 * Reads the command line.
 *
 * @param args - the arguments after the name of the script
 * @param env - may name Redis in REDIS_URL, and SQS in AWS_ENDPOINT_URL
 * @param command - prints and exits on --help and on a mistake
 */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv, command = new NpmCommand()): Options {
  command
    .name('npm run populate --')
    .usage('[options]')
    .description('Sends order messages to the SQS queue: generated ones, or those of a file.')
    .addOption(
      new Option(
        '--file <path>',
        'send this file instead, plain or gzip: one JSON message per line, or a single one',
      ).conflicts(GENERATOR_OPTIONS),
    )
    .option('--count <n>', 'messages to send in all, duplicates and invalid ones included', whole(1, 1e9), 1000)
    .option('--users <n>', 'users that the orders are spread over', whole(1, 1e6), 100)
    .option('--invalid <share>', 'share of invalid messages, 0 to 1', share, 0)
    .option('--duplicates <share>', 'share of orders sent twice, 0 to 1', share, 0)
    .option('--revisions <share>', 'share of messages that amend an order: a partial refund, 0 to 1', share, 0)
    .option('--cancellations <share>', 'share of messages that cancel an order, 0 to 1', share, 0)
    .option('--shuffle', 'shuffle them, so that later versions come before earlier ones')
    .option('--now', 'place the orders now, so that they count today')
    .option('--seed <n>', 'which orders to generate', whole(0, 2 ** 32 - 1), 1)
    .option('--rate <n>', 'messages per second at most (default: as fast as possible)', positive)
    .option('--concurrency <n>', 'calls in flight, of up to 10 messages each', whole(1, 50), 8)
    .option('--queue <name or URL>', 'the queue (default: orders-queue, other stages: orders-queue-<stage>)', queue)
    .option(
      '--endpoint <URL>',
      'where SQS is (default: the host of the queue URL, AWS_ENDPOINT_URL, or http://localhost:4566; other stages: AWS)',
      endpoint,
    )
    .option('--out <file>', 'append what was sent to this file, one message per line, for verify', plainFile)
    .option('--wait', 'wait until all are counted, ignored or in the dead-letter queue, and show the results in Redis')
    .option(
      '--redis <URL>',
      'for --wait: the Redis that counts (default: REDIS_URL; stage local: that of npm start, or redis://127.0.0.1:6379)',
      redisUrl(command),
    )
    .option('--stage <stage>', 'stage that the pipeline was deployed to', stage, 'local')
    .addHelpText('after', EXAMPLES)
    .parse(args, { from: 'user' });
  const options = command.opts<Options>();
  if (!mixOf(options)) {
    command.error(
      "error: '--invalid', '--duplicates', '--revisions' and '--cancellations' must leave at least one valid order, and one for each that is amended or cancelled",
    );
  }
  const { file, out, wait, redis } = options;
  if (file !== undefined && out !== undefined && resolve(file) === resolve(out)) {
    command.error("error: options '--file' and '--out' must be different files");
  }
  if (redis && !wait) command.error("error: option '--redis <URL>' needs '--wait'");
  if (wait && !redis && !env.REDIS_URL && options.stage !== 'local') {
    command.error(`error: option '--wait' needs a Redis for stage ${options.stage}: set --redis or REDIS_URL`);
  }
  const problem = wait && !redis && env.REDIS_URL && redisUrlProblem(env.REDIS_URL);
  if (problem) command.error(`error: REDIS_URL ${problem}`);
  checkEndpoint(command, 'SQS', options.endpoint ?? options.queue, options.stage, env);
  return options;
}

const DECIMAL = /^\d+(?:\.\d+)?$|^\.\d+$/;

function share(text: string): number {
  if (DECIMAL.test(text) && Number(text) <= 1) return Number(text);
  throw new InvalidArgumentError('It must be a number from 0 to 1.');
}

function positive(text: string): number {
  if (DECIMAL.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('It must be a number above 0.');
}
