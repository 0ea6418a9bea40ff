import { readOptions } from './populate/options.ts';
import { populate } from './populate/populate.ts';
import { INTERRUPTED } from './shared/command.ts';
import { readRunningStack } from './shared/runningStack.ts';

const options = readOptions(process.argv.slice(2), process.env);

const interrupt = new AbortController();
process.on('SIGINT', () => {
  if (interrupt.signal.aborted) process.exit(INTERRUPTED);
  interrupt.abort();
});
// With `| head`, output has no reader, but the exit code must still say whether all was sent.
process.stdout.on('error', () => {});

const running = readRunningStack();
process.exitCode = await populate(options, { env: process.env, running, signal: interrupt.signal });
