import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { copyService } from './copyService.ts';
import { EXAMPLE_ENVIRONMENT, type Variant } from './variants.ts';

/** The files of a package that go to AWS as text: the template, and the state of the framework. */
export type Package = { readonly template: string; readonly state: string; remove(): void };

/**
 * Runs `serverless package`, with example values for what the environment has to name.
 *
 * @returns paths in a folder of its own
 * @throws an error with what the command printed
 */
export async function packageVariant({ stage, params = {} }: Variant): Promise<Package> {
  const folder = mkdtempSync(join(tmpdir(), 'orders-package-'));
  const service = join(folder, 'service');
  copyService(service);

  const { AWS_ENDPOINT_URL, NODE_ENV, VITEST, ...env } = process.env;
  const options = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
  const command = join('node_modules', '.bin', 'serverless');
  try {
    await promisify(execFile)(
      command,
      ['package', '--stage', stage, '--package', join(folder, 'package'), ...options],
      {
        cwd: service,
        env: { ...env, ...EXAMPLE_ENVIRONMENT },
      },
    );
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error instanceof Error && 'stdout' in error ? new Error(`${error.message}\n${error.stdout}`) : error;
  }
  return {
    template: join(folder, 'package', 'cloudformation-template-update-stack.json'),
    state: join(folder, 'package', 'serverless-state.json'),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
