import { format } from 'node:util';
import { vi } from 'vitest';
import { readOptions } from '../../scripts/verify/options.ts';
import { verify } from '../../scripts/verify/verify.ts';
import { type ScriptResult, scriptResult } from './startScript.ts';

/** Runs `npm run verify` in this process, which takes a tenth of the time of {@link startScript}. */
export const runVerify = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<ScriptResult> =>
  runCommand(async () => ((await verify(readOptions(args, env, undefined), undefined)) ? 0 : 1));

/** Runs a command in this process. An error is printed and makes the exit code 1. */
async function runCommand(command: () => Promise<number>): Promise<ScriptResult> {
  const printed = { stdout: '', stderr: '' };
  const write = (stream: 'stdout' | 'stderr') => (text: unknown) => {
    printed[stream] += text;
    return true;
  };
  const print =
    (stream: 'stdout' | 'stderr') =>
    (...values: unknown[]) => {
      printed[stream] += `${format(...values)}\n`;
    };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(write('stdout')),
    vi.spyOn(process.stderr, 'write').mockImplementation(write('stderr')),
    // The console of Vitest does not write to these streams.
    vi.spyOn(console, 'log').mockImplementation(print('stdout')),
    vi.spyOn(console, 'error').mockImplementation(print('stderr')),
  ];
  try {
    const code = await command().catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      return 1;
    });
    return scriptResult(code, printed);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
