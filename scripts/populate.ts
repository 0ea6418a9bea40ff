import { readOptions } from './populate/options.ts';
import { populate } from './populate/populate.ts';
import { INTERRUPTED, outliveReader } from './shared/command.ts';
import { readRunningStack } from './shared/runningStack.ts';

const options = readOptions(process.argv.slice(2), process.env);

const interrupt = new AbortController();
process.on('SIGINT', () => {
  if (interrupt.signal.aborted) process.exit(INTERRUPTED);
  interrupt.abort();
});
outliveReader();

const running = readRunningStack();
process.exitCode = await populate(options, { env: process.env, running, signal: interrupt.signal });
