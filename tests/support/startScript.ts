import { type ChildProcess, spawn } from 'node:child_process';

/** How a command ended, and what it printed; apart from the rest, the line that says which queue and Redis it uses. */
export type ScriptResult = { code: number | null; stdout: string; stderr: string; using?: string };

/**
 * Starts a script in one process, which a signal hits directly, where nothing of AWS or of Redis is configured and
 * no `npm start` is found.
 *
 * @param environment what is configured nevertheless
 */
export function startScript(
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { child: ChildProcess; result: Promise<ScriptResult> } {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:AWS_|REDIS_URL$)/.test(name)));
  const child = spawn(process.execPath, ['--import', 'tsx', '--import', './dev/luaText.mjs', script, ...args], {
    env: { ...env, NPM_START_FILE: '/nowhere', ...environment },
  });
  const result = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => {
    result.stdout += text;
  });
  child.stderr.on('data', (text) => {
    result.stderr += text;
  });
  return {
    child,
    result: new Promise((resolve) => child.once('close', (code) => resolve(scriptResult(code, result)))),
  };
}

/** Sets the line that says which queue and Redis are used apart from the rest. */
export function scriptResult(code: number | null, printed: { stdout: string; stderr: string }): ScriptResult {
  const [using] = /^Using .*\n/m.exec(printed.stderr) ?? [];
  const stderr = printed.stderr.replace(using ?? '', '');
  return { code, stdout: printed.stdout, stderr, ...(using && { using }) };
}
