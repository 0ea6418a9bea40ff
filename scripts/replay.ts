import { readOptions } from './replay/options.ts';
import { runReplay } from './replay/replay.ts';
import { INTERRUPTED, outliveReader } from './shared/command.ts';
import { writeLine } from './shared/progress.ts';
import { readRunningStack } from './shared/runningStack.ts';

const options = readOptions(process.argv.slice(2), process.env);

const stop = new AbortController();
process.on('SIGINT', () => {
  if (stop.signal.aborted) process.exit(INTERRUPTED);
  stop.abort();
  writeLine('Stopping after the orders in flight. Ctrl-C again quits at once, which is harmless.');
});
outliveReader();

process.exitCode = await runReplay(options, { env: process.env, running: readRunningStack(), signal: stop.signal });
