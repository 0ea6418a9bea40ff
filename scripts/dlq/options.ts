import { type Command, InvalidArgumentError, Option } from 'commander';
import { checkEndpoint, endpoint, plainFile, queue, withRedisOptions } from '../shared/command.ts';
import { NpmCommand } from '../shared/npmCommand.ts';

export type CommonOptions = {
  readonly stage: string;
  readonly dlq?: string;
  readonly endpoint?: string;
  readonly redis?: string;
  readonly timeZone?: string;
  readonly currency?: string;
};

export type Options = CommonOptions &
  (
    | { readonly command: 'list'; readonly limit: number; readonly json?: boolean }
    | { readonly command: 'show'; readonly messageId: string }
    | {
        readonly command: 'redrive';
        readonly queue?: string;
        readonly all?: true;
        readonly only?: 'retryable';
        readonly acceptUnknown?: true;
      }
    | { readonly command: 'purge'; readonly to: string; readonly only?: 'invalid'; readonly counted?: true }
  );

type OptionsOf<C extends Options['command']> = Extract<Options, { readonly command: C }>;

const EXAMPLES = `
Examples:
  npm run dlq -- list                                      what is in the dead-letter queue, and why
  npm run dlq -- list --json --stage prod                  a JSON object for each message
  npm run dlq -- show MESSAGE_ID                           one whole message with its body
  npm run dlq -- redrive --only retryable                  sends back what would count now
  npm run dlq -- purge --to bad.jsonl --only invalid       writes what will never count to a file, then deletes it`;

/**
 * Reads the command line.
 *
 * @param args - the arguments after the name of the script
 * @param env - may name SQS in AWS_ENDPOINT_URL
 * @param program - prints and exits on --help and on a mistake
 */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv, program = new NpmCommand()): Options {
  const chosen: Options[] = [];
  program
    .name('npm run dlq --')
    .description('Shows, sends back or deletes the messages of the dead-letter queue.')
    .addHelpText('after', EXAMPLES);

  const list = common(program.command('list'), 'shows the messages and their reasons; leaves them in the queue')
    .option('--limit <n>', 'most rows to show', rows, 100)
    .addOption(new Option('--json', 'one JSON object per message and line, nothing else').conflicts('limit'));
  list.action(() => {
    chosen.push({ ...list.opts<OptionsOf<'list'>>(), command: 'list' });
  });

  const show = common(
    program.command('show'),
    'shows one whole message with its body; leaves it in the queue',
  ).argument('<message id>', 'as list shows it');
  show.action((messageId: string) => {
    chosen.push({ ...show.opts<CommonOptions>(), command: 'show', messageId });
  });

  const redrive = common(program.command('redrive'), 'sends the messages back to the queue')
    .option('--queue <name or URL>', 'the queue (default: orders-queue, other stages: orders-queue-<stage>)', queue)
    .addOption(
      new Option(
        '--only <which>',
        'only those that would count now, replace a lower version, or were counted already',
      ).choices(['retryable']),
    )
    .addOption(
      new Option(
        '--accept-unknown',
        'only later versions of old, forgotten orders: each counts as if no version of it had been counted',
      ).conflicts('only'),
    )
    .addOption(
      new Option('--all', 'all of them, without asking; needed when nobody can be asked').conflicts([
        'only',
        'acceptUnknown',
      ]),
    );
  redrive.action(() => {
    const options = redrive.opts<OptionsOf<'redrive'>>();
    const isChoosy = options.only !== undefined || options.acceptUnknown === true;
    const useless = [
      options.redis && '--redis <URL>',
      options.timeZone && '--time-zone <name>',
      options.currency && '--currency <code>',
    ].find(Boolean);
    if (useless && !isChoosy)
      redrive.error(
        `error: option '${useless}' needs '--only retryable' or '--accept-unknown': without them no order is looked up`,
      );
    // npm also has an option --only, and may have taken ours without a trace.
    if (!options.all && !isChoosy && !(process.stdin.isTTY && process.stderr.isTTY))
      redrive.error(
        'error: say which messages to send back, and put -- before it: npm run dlq -- redrive --only retryable, or --all',
      );
    chosen.push({ ...options, command: 'redrive' });
  });

  const purge = common(program.command('purge'), 'appends the messages to a file, then deletes them')
    .requiredOption('--to <file>', 'a file of JSON lines; it holds the bodies, and so addresses', plainFile)
    .addOption(new Option('--only <which>', 'only invalid messages and conflicts').choices(['invalid']))
    .addOption(
      new Option('--counted', 'also messages that are counted already, though the archive may lack them').conflicts(
        'only',
      ),
    );
  purge.action(() => {
    chosen.push({ ...purge.opts<OptionsOf<'purge'>>(), command: 'purge' });
  });

  program.parse(args, { from: 'user' });
  const [options] = chosen;
  checkEndpoint(program, 'SQS', options?.endpoint ?? options?.dlq, options?.stage, env);
  return options ?? program.help({ error: true });
}

function common(command: Command, description: string): Command {
  return withRedisOptions(command, 'the Redis that counts')
    .description(description)
    .option('--dlq <name or URL>', 'the dead-letter queue (default: orders-queue-dlq, orders-queue-dlq-<stage>)', queue)
    .option(
      '--endpoint <URL>',
      'where SQS is (default: the host of a queue URL, AWS_ENDPOINT_URL, or http://localhost:4566; other stages: AWS)',
      endpoint,
    );
}

function rows(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}
