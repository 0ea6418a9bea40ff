import { spawn } from 'node:child_process';
import type { GenerateOptions } from '../../../scripts/shared/generator.ts';
import { endpoint } from './endpoint.ts';
import { redisUrl, redisUrlHere } from './redis.ts';

/** How a command ended, and all that it printed. */
export type Result = { readonly exitCode: number | null; readonly output: string };

/** A command that has not ended by then never will. */
const LIMIT = 240_000;

function run(
  command: string,
  args: readonly string[],
  { cwd = '.', ...variables }: Readonly<Record<string, string>> = {},
): Promise<Result> {
  // What vitest sets is not what a user has.
  const { NODE_ENV, VITEST, ...env } = process.env;
  const child = spawn(command, args, {
    cwd,
    // The framework looks at a stack twice a second instead of every 5 s, as LocalStack is done within seconds.
    env: { ...env, ...variables, AWS_ENDPOINT_URL: endpoint, SLS_AWS_MONITORING_FREQUENCY: '500' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, output }));
  });
}

/** Runs a command that must succeed. @returns what it printed */
export async function succeeds(command: Promise<Result>): Promise<string> {
  const { exitCode, output } = await command;
  if (exitCode !== 0) throw new Error(`It ended with exit code ${exitCode}:\n${output}`);
  return output;
}

/**
 * `npx serverless deploy`; the functions of stage local get {@link redisUrl}.
 *
 * @param cwd folder of the service
 */
export const deploy = (stage: string, { cwd = '.' } = {}): Promise<Result> =>
  run('npx', ['serverless', 'deploy', '--stage', stage], { cwd, REDIS_URL: redisUrl });

/** `npx serverless info`, with the Redis of the shell set to another one. */
export const info = (stage: string): Promise<Result> =>
  run('npx', ['serverless', 'info', '--stage', stage], { REDIS_URL: 'redis://elsewhere' });

/** `npx serverless remove` */
export const remove = (stage: string): Promise<Result> => run('npx', ['serverless', 'remove', '--stage', stage]);

/** What to generate, and how many messages per second to send. */
export type PopulateOptions = Omit<GenerateOptions, 'day'> & { readonly rate?: number };

/** `npm run populate` */
export const populate = (options: PopulateOptions): Promise<Result> =>
  run('npm', [
    'run',
    'populate',
    '--',
    ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]),
  ]);

/** `npm run dlq` */
export const dlq = (...args: string[]): Promise<Result> =>
  run('npm', ['run', '--silent', 'dlq', '--', ...args], { REDIS_URL: redisUrlHere });

/** `npm run verify -- --archive` */
export const verifyArchive = (): Promise<Result> =>
  run('npm', ['run', 'verify', '--', '--archive'], { REDIS_URL: redisUrlHere });
