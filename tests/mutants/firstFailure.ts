import { spawn } from 'node:child_process';
import * as v from 'valibot';

/** Longer than all tests take: an error may make the script run for ever. */
const LIMIT_MS = 5 * 60_000;

const Report = v.object({
  testResults: v.array(
    v.object({
      message: v.string(),
      assertionResults: v.array(v.object({ status: v.string(), fullName: v.string() })),
    }),
  ),
});

/**
 * Runs a test file.
 *
 * @param mutant name of the error that is put into the script; undefined: none
 * @returns what failed first; undefined where all passed
 */
export async function firstFailure(file: string, mutant?: string): Promise<string | undefined> {
  const args = ['run', '--config', 'tests/mutants/vitest.config.ts', '--bail', '1', '--reporter', 'json', file];
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...(mutant && { MUTANT: mutant }) },
    timeout: LIMIT_MS,
  });
  const stop = () => {
    child.kill();
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
  let output = '';
  for await (const text of child.stdout) output += text;
  const code = child.exitCode ?? (await new Promise((resolve) => child.once('close', resolve)));
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, stop);
  if (code === 0) return undefined;
  const start = output.indexOf('{"numTotalTestSuites"');
  if (start < 0) return 'no end: the run was stopped';
  const { testResults } = v.parse(Report, JSON.parse(output.slice(start)));
  const failed = testResults.flatMap(({ assertionResults }) => assertionResults).find((t) => t.status === 'failed');
  return failed?.fullName.trim() ?? testResults[0]?.message ?? 'the file does not run';
}
