import { dlq } from './dlq/dlq.ts';
import { readOptions } from './dlq/options.ts';
import { INTERRUPTED } from './shared/command.ts';
import { writeLine } from './shared/progress.ts';
import { readRunningStack } from './shared/runningStack.ts';

const running = readRunningStack();
const options = readOptions(process.argv.slice(2), process.env);

const stop = new AbortController();
process.on('SIGINT', () => {
  if (stop.signal.aborted) process.exit(INTERRUPTED);
  stop.abort();
  writeLine(
    'Stopping: making the remaining messages visible again. ' +
      'Ctrl-C again quits at once: they stay invisible for as long as the command has run, at least a minute.',
  );
});
// Nobody reads the output any more, as with `| head`.
process.stdout.on('error', () => stop.abort());

process.exitCode = await dlq(options, { env: process.env, running, signal: stop.signal });
