import { execFile } from 'node:child_process';
import { mkdtemp, readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import getPort from 'get-port';
import { expect, it } from 'vitest';
import { SERVERLESS } from '../../dev/checks/package.ts';
import { startEmulator } from '../../dev/start/emulator.ts';
import { listen } from '../support/listen.ts';

/* Errors of `serverless` without a usable LocalStack, and the temporary files that it leaves. */

/** Runs a command that must fail; returns its own lines, not those of plugins. */
async function complaint(command: string, endpoint: string, settings: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const { NODE_ENV, VITEST, ...env } = process.env;
  // An AWS_PROFILE in the shell must not matter.
  const options = { env: { ...env, AWS_ENDPOINT_URL: endpoint, AWS_PROFILE: 'expired-sso', ...settings } };
  try {
    const { stdout } = await promisify(execFile)(SERVERLESS, [command, '--stage', 'local'], options);
    return `It succeeded:\n${stdout}`;
  } catch (error) {
    const output = String(Object(error).stderr);
    return output
      .split('\n')
      .filter((line) => line && !/^(Deploying|Packaging|Using|Removing)|serverless-localstack/.test(line));
  }
}

it('a missing LocalStack is reported in one sentence', async () => {
  const endpoint = `http://localhost:${await getPort()}`;
  expect(await complaint('deploy', endpoint)).toEqual([
    `No LocalStack answers at ${endpoint}: start it with "docker compose up -d --wait", or name another with AWS_ENDPOINT_URL.`,
  ]);
});

it('npm start on the port is reported in one sentence', async () => {
  const server = await startEmulator([]);
  expect(await complaint('deploy', `${server.endpoint}/`)).toEqual([
    `"npm start" answers at ${server.endpoint}: end it and start LocalStack there, or name one elsewhere with AWS_ENDPOINT_URL.`,
  ]);
  await server.stop();
});

it('another program on the port is reported in one sentence, by other commands too', async () => {
  const server = createServer((_, response) => response.writeHead(404).end('no such page'));
  const endpoint = `http://127.0.0.1:${await listen(server)}`;
  expect(await complaint('remove', endpoint)).toEqual([
    `Something other than LocalStack answers at ${endpoint}: end it and start LocalStack there, or name one elsewhere with AWS_ENDPOINT_URL.`,
  ]);
  server.close();
});

it.each(['localhost:4566', 'localstack'])(
  'an AWS_ENDPOINT_URL that is not a URL, %s, is refused in one sentence',
  async (text) => {
    expect(await complaint('deploy', text)).toEqual(['AWS_ENDPOINT_URL must be a URL such as http://localhost:4566.']);
  },
);

it('packaging leaves no temporary files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orders-temporary-'));
  const { NODE_ENV, VITEST, ...env } = process.env;
  const packageFolder = join(tmpdir(), 'orders-packaged');
  const args = ['package', '--stage', 'local', '--package', packageFolder];
  await promisify(execFile)(SERVERLESS, args, { env: { ...env, TMPDIR: folder } });
  expect(await readdir(packageFolder)).toContain('processOrders.zip');
  expect(await readdir(folder)).toEqual([]);
});

it.each([
  [
    { REDIS_URL: 'redis://:57#hunter2@redis' },
    'REDIS_URL has a character in its user or password that must be encoded: %40 for @, %23 for #, %3F for ?, %2F for /, %25 for %.',
  ],
  [
    { TIME_ZONE: 'CST' },
    'A setting is missing or invalid: TIME_ZONE is not the name of a time zone, such as Europe/Berlin. See "Settings" in docs/reference.md.',
  ],
])('a deployment refuses settings that cannot work: %j', async (settings, message) => {
  const localStack = createServer((_, response) => response.writeHead(200).end());
  const port = await listen(localStack);
  expect(await complaint('deploy', `http://127.0.0.1:${port}`, settings)).toEqual([message]);
  localStack.close();
});

it('packaging refuses a URL of Redis that cannot work, and shows nothing of its password', async () => {
  const settings = { REDIS_URL: 'redis://redis?keyPrefix=hunter2' };
  expect(await complaint('package', 'http://127.0.0.1:1', settings)).toEqual([
    'REDIS_URL must end after host, port and database: it takes no query (?) and no fragment (#).',
  ]);
});
