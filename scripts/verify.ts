import { outliveReader } from './shared/command.ts';
import { readRunningStack } from './shared/runningStack.ts';
import { readOptions } from './verify/options.ts';
import { verify } from './verify/verify.ts';

outliveReader();

const running = readRunningStack();
try {
  const options = readOptions(process.argv.slice(2), process.env, running);
  process.exitCode = (await verify(options, running)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
