import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Addresses, npmStart } from '../../dev/servers/npmStart.ts';
import { emptyArchive } from '../support/emptyArchive.ts';

/* Every block of shell commands in the documents is pasted whole into a shell. */

/** What a block must not have to be run here, and why. */
const NOT_RUN: readonly (readonly [RegExp, string])[] = [
  [/\bnpm (ci|start|test)\b|\bnpm run (check|simulate|test)/, 'installs, does not end, or takes minutes'],
  [/\bnpx serverless\b|\bdocker\b/, 'deploys'],
  [/\baws (?!sqs send-message --endpoint-url)/, 'needs an AWS account'],
  [/--tls\b/, 'needs a cluster with TLS'],
  [/^npm run verify -- --file orders.jsonl.gz$/m, "needs a shop's own orders"],
];

const blocks = ['README.md', 'CONTRIBUTING.md', ...readdirSync('docs').map((name) => join('docs', name))]
  .filter((document) => document.endsWith('.md'))
  .flatMap((document) => {
    const content = readFileSync(document, 'utf8');
    return [...content.matchAll(/^```(?:sh|bash|shell|console|zsh)\n(.*?)^```$/gms)].map(({ 1: code = '', index }) => ({
      place: `${document}:${content.slice(0, index).split('\n').length}`,
      code,
      reason: NOT_RUN.find(([pattern]) => pattern.test(code))?.[1],
    }));
  });

/** Blocks to run, but for those that are another one, or a part of it. */
const runnable = blocks.filter(({ reason }) => !reason);
const distinct = runnable.filter(
  ({ code }, index) =>
    !runnable.some((other, place) => other.code.includes(code) && (other.code !== code || place < index)),
);

/** Has bash read these lines as if they were pasted. @returns the exit code, and all that is printed */
async function paste(code: string, options: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = '.') {
  const { NODE_ENV, VITEST, ...own } = process.env;
  const shell = spawn('bash', options, { cwd, env: { ...own, ...env } });
  shell.stdin.end(code);
  const [output, errors, [status]] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, 'close')]);
  return { status, output: output + errors };
}

describe.each(blocks)('$place', ({ code }) => {
  it('is valid for a shell', async () => {
    expect(await paste(code, ['-n'])).toEqual({ status: 0, output: '' });
    // A placeholder is a redirection; zsh takes no comments at its prompt.
    expect(code).not.toMatch(/<[^<>\n]+>|(^|\s)#/m);
    // Nothing reads the lines below it.
    expect(code.trimEnd().split('\n').slice(0, -1).join('\n')).not.toMatch(/\bnpm start\b/);
  });
});

it('every reason not to run a block is used', () => {
  expect(new Set(blocks.flatMap(({ reason }) => reason ?? []))).toEqual(new Set(NOT_RUN.map(([, reason]) => reason)));
});

describe('with npm start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orders-blocks-'));
  const running = npmStart({ NPM_START_FILE: join(folder, 'stack.json') });
  let places: Addresses;
  let redis: Redis;

  beforeAll(async () => {
    places = await running.addresses();
    redis = new Redis(places.redis);
    // Commands write beside package.json.
    for (const name of readdirSync('.')) symlinkSync(resolve(name), join(folder, name));
    // What was just sent may not be counted yet.
    writeFileSync(join(folder, '.curlrc'), 'fail\nsilent\nretry = 20\nretry-all-errors\nretry-delay = 1\n');
  });

  afterAll(async () => {
    await redis.quit();
    running.signal('SIGINT');
    await running.exitCode;
    rmSync(folder, { recursive: true });
  });

  async function emptyStatistics(): Promise<void> {
    await vi.waitFor(async () => {
      const response = await fetch(`${places.api}/pipeline`);
      expect(await response.json()).toMatchObject({ queue: { waiting: 0, in_flight: 0, delayed: 0 } });
    }, 60_000);
    await emptyArchive(places.sqs);
    await redis.flushdb();
  }

  it.for(distinct)('$place runs', async ({ code }, test) => {
    for (const program of ['aws', 'redis-cli']) {
      const isMissing = code.includes(`${program} `) && (await paste(`command -v ${program}`, [])).status !== 0;
      test.skip(isMissing, `needs ${program}`);
    }
    // It compares all statistics with the orders that it sends.
    if (code.includes('npm run verify')) await emptyStatistics();
    const here = code.replaceAll('http://localhost:4566', places.sqs).replaceAll('http://localhost:3000', places.api);
    const env = {
      CURL_HOME: folder,
      NPM_START_FILE: join(folder, 'stack.json'),
      REDIS_URL: places.redis,
      URL: places.api,
    };
    const { status, output } = await paste(here, ['-eo', 'pipefail'], env, folder);
    expect(status, output).toBe(0);
  });
});
