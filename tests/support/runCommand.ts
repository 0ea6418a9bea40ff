import { format } from 'node:util';
import { CommanderError } from 'commander';
import { vi } from 'vitest';
import { dlq } from '../../scripts/dlq/dlq.ts';
import { readOptions as readDlqOptions } from '../../scripts/dlq/options.ts';
import { readOptions as readPopulateOptions } from '../../scripts/populate/options.ts';
import { populate } from '../../scripts/populate/populate.ts';
import { readOptions as readReplayOptions } from '../../scripts/replay/options.ts';
import { runReplay as replay } from '../../scripts/replay/replay.ts';
import { NpmCommand } from '../../scripts/shared/npmCommand.ts';
import type { RunningStack } from '../../scripts/shared/runningStack.ts';
import { readOptions as readVerifyOptions } from '../../scripts/verify/options.ts';
import { verify } from '../../scripts/verify/verify.ts';
import { type ScriptResult, scriptResult } from './startScript.ts';

/*
 * Commands in this process, where no `npm start` is found. This takes a tenth of the time of `startScript`.
 */

export const runDlq = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<ScriptResult> =>
  runCommand((program) => {
    const { signal } = new AbortController();
    return dlq(readDlqOptions(args, env, program), { env, running: undefined, signal });
  });

export const runPopulate = (args: readonly string[]): Promise<ScriptResult> =>
  runCommand((program) => {
    const { signal } = new AbortController();
    return populate(readPopulateOptions(args, {}, program), { env: {}, running: undefined, signal });
  });

export const runVerify = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<ScriptResult> =>
  runCommand(async (program) => {
    const isEqual = await verify(readVerifyOptions(args, env, undefined, program), undefined);
    return isEqual ? 0 : 1;
  });

/** @param running an `npm start` that is found nevertheless */
export const runReplay = (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  running?: RunningStack,
): Promise<ScriptResult> =>
  runCommand((program) => {
    const { signal } = new AbortController();
    return replay(readReplayOptions(args, env, program), { env, running, signal });
  });

type Stream = 'stdout' | 'stderr';

async function runCommand(command: (program: NpmCommand) => Promise<number>): Promise<ScriptResult> {
  const printed = { stdout: '', stderr: '' };
  const write = (stream: Stream) => (text: unknown) => {
    printed[stream] += text;
    return true;
  };
  const print =
    (stream: Stream) =>
    (...values: unknown[]) =>
      void write(stream)(`${format(...values)}\n`);
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(write('stdout')),
    vi.spyOn(process.stderr, 'write').mockImplementation(write('stderr')),
    // The console of Vitest does not write to these streams.
    vi.spyOn(console, 'log').mockImplementation(print('stdout')),
    vi.spyOn(console, 'error').mockImplementation(print('stderr')),
  ];
  try {
    return scriptResult(await command(new NpmCommand().exitOverride()), printed);
  } catch (error) {
    // Commander has printed its errors already.
    if (error instanceof CommanderError) return scriptResult(error.exitCode, printed);
    console.error(error instanceof Error ? error.message : error);
    return scriptResult(1, printed);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
