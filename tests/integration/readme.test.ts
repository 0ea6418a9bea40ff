import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parseOrder } from '../../lib/orders/order.ts';
import { type Addresses, npmStart } from '../support/npmStart.ts';
import { orderBody } from '../support/orderMessage.ts';

const README = readFileSync('README.md', 'utf8');

/** Code of the README in this language, the first after this text. */
function codeAfter(text: string, language: string): string {
  const [, code] = new RegExp(`\n\`\`\`${language}\n(.*?)\`\`\``, 's').exec(README.slice(README.indexOf(text))) ?? [];
  if (!code) throw new Error(`README.md has no code in ${language} after "${text}"`);
  return code;
}

const isThere = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

/** Runs a command with this input. @returns what it prints */
function run(command: string, args: readonly string[], input: string): Promise<string> {
  const child = spawn(command, args);
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    output += text;
  });
  child.stdin.end(input);
  return new Promise((resolve, reject) =>
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(output)))),
  );
}

const running = npmStart();
const folder = mkdtempSync(join(tmpdir(), 'orders-readme-'));
let places: Addresses;

beforeAll(async () => {
  places = await running.addresses();
});

afterAll(async () => {
  running.signal('SIGINT');
  await running.exitCode;
  rmSync(folder, { recursive: true });
});

it('the order in a file is that of the README, and valid', () => {
  const order = readFileSync('events/order.json', 'utf8');
  expect(JSON.parse(codeAfter('## Order message', 'json'))).toEqual(JSON.parse(order));
  expect(parseOrder(order)).toMatchObject({ ok: true });
});

it.for([
  { language: 'sh', command: 'sh', args: [], canRun: isThere('aws', '--version') },
  { language: 'python', command: 'python3', args: [], canRun: isThere('python3', '-c', 'import boto3') },
  { language: 'js', command: process.execPath, args: ['--input-type=module'], canRun: true },
])(
  'an order sent with the code of the README in $language counts',
  async ({ language, command, args, canRun }, test) => {
    test.skip(!canRun, 'it needs the AWS CLI, or boto3');
    const user_id = `reader-of-${language}`;
    const file = join(folder, `${language}.json`);
    writeFileSync(file, orderBody({ order_id: user_id, user_id }));
    const code = codeAfter('### Send your own order', language)
      .replaceAll('http://localhost:4566', places.sqs)
      .replaceAll('events/order.json', file);
    await run(command, args, code);
    await vi.waitFor(
      async () => {
        const response = await fetch(`${places.api}/users/${user_id}/stats`);
        expect(await response.json()).toMatchObject({ order_count: 1, total_spend: 99.99 });
      },
      { timeout: 30_000, interval: 50 },
    );
  },
);

const SOME = expect.arrayContaining([expect.anything()]);

/** What is in an answer, by a part of the URL that asks for it. */
const FIGURES: [string, object][] = [
  ['from=', { months: SOME }],
  ['/stats/global', { total_orders: expect.any(Number) }],
  ['/users/', { order_count: expect.any(Number) }],
  ['/top-users', { users: SOME }],
  ['/health', { status: 'ok' }],
];

it.for(codeAfter('Months are those of UTC.', 'sh').match(/^curl .*/gm) ?? [])('%s shows figures', async (line) => {
  const [, command = ''] = /^curl (".*?")(?: |$)/.exec(line) ?? [];
  const url = await run('sh', [], `API=${places.api}; printf %s ${command}`);
  const answer = await (await fetch(url)).json();
  const [, figures] = FIGURES.find(([part]) => url.includes(part)) ?? ['', { checkedBy: 'nothing in FIGURES' }];
  expect(answer).toMatchObject(figures);
});
