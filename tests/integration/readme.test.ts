import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Addresses, npmStart } from '../../dev/servers/npmStart.ts';
import { parseOrder } from '../../lib/orders/order.ts';
import { codeAfter } from '../support/documentCode.ts';
import { orderBody } from '../support/orderMessage.ts';

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  '.github/SECURITY.md',
  'CHANGELOG.md',
  ...readdirSync('docs').flatMap((name) => (name.endsWith('.md') ? [join('docs', name)] : [])),
];

const isThere = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

/** Runs a command with this input, where the tools find the pipeline. @returns what it prints */
function run(command: string, args: readonly string[], input: string): Promise<string> {
  const child = spawn(command, args, {
    env: { ...process.env, AWS_ENDPOINT_URL: places.sqs, REDIS_URL: places.redis },
  });
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

it('the documents show the order of events/order.json, which is valid', () => {
  const order = readFileSync('events/order.json', 'utf8');
  expect(JSON.parse(codeAfter('README.md', '### Send your own order', 'json'))).toEqual(JSON.parse(order));
  expect(JSON.parse(codeAfter('docs/api.md', '## Order message', 'json'))).toEqual(JSON.parse(order));
  expect(parseOrder(order)).toMatchObject({ ok: true });
});

it.for([
  { document: 'README.md', language: 'sh', command: 'sh', args: [], canRun: true },
  { document: 'docs/api.md', language: 'sh', command: 'sh', args: [], canRun: true },
  {
    document: 'docs/api.md',
    text: 'The AWS CLI, boto3',
    language: 'sh',
    command: 'sh',
    args: [],
    canRun: isThere('aws', '--version'),
  },
  {
    document: 'docs/api.md',
    language: 'python',
    command: 'python3',
    args: [],
    canRun: isThere('python3', '-c', 'import boto3'),
  },
  { document: 'docs/api.md', language: 'js', command: process.execPath, args: ['--input-type=module'], canRun: true },
])(
  'an order sent with the code of $document in $language counts',
  async ({ document, text = 'Send your own order', language, command, args, canRun }, test) => {
    test.skip(!canRun, 'it needs the AWS CLI, or boto3');
    const user_id = `reader-of-${document.replace('/', '-')}-${language}${text.length}`;
    const file = join(folder, `${user_id}.json`);
    writeFileSync(file, orderBody({ order_id: user_id, user_id }));
    const code = codeAfter(document, text, language)
      .replaceAll('http://localhost:4566', places.sqs)
      .replaceAll('http://localhost:3000', places.api)
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
const FIGURES: [RegExp, object][] = [
  [/from=\d+-\d+-\d+/, { granularity: 'day', series: SOME }],
  [/from=/, { granularity: 'month', series: SOME }],
  [/\/stats\/global/, { total_orders: expect.any(Number) }],
  [/\/users\//, { order_count: expect.any(Number) }],
  [/\/top-users/, { users: SOME }],
  [/\/overview/, { hours: SOME, days: SOME }],
  [/\/pipeline/, { messages: expect.any(Object) }],
  [/\/health/, { status: 'ok' }],
];

it.for(codeAfter('docs/api.md', '## Routes', 'sh').match(/^curl .*/gm) ?? [])('%s shows figures', async (line) => {
  const [, command = ''] = /^curl (".*?")(?: |$)/.exec(line) ?? [];
  const url = await run('sh', [], `API=${places.api}; printf %s ${command}`);
  const answer = await (await fetch(url)).json();
  const [, figures] = FIGURES.find(([part]) => part.test(url)) ?? ['', { checkedBy: 'nothing in FIGURES' }];
  expect(answer).toMatchObject(figures);
});

it('curl gets 304 with the ETag of the answer', async ({ skip }) => {
  skip(!isThere('curl', '--version'), 'it needs curl');
  const code = codeAfter('docs/api.md', '### Asking again', 'sh').replaceAll('http://localhost:3000', places.api);
  expect(await run('sh', [], code)).toMatch(/^HTTP\/1\.1 304 /m);
});

it.each(DOCUMENTS)('every link of %s has a target', (document) => {
  const content = readFileSync(document, 'utf8').replace(/```.*?```/gs, '');
  for (const [, link = ''] of content.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)) {
    if (/^https?:/.test(link)) continue;
    const [path = '', anchor] = link.split('#');
    const target = path ? join(dirname(document), path) : document;
    expect(existsSync(target), `${link} in ${document}`).toBe(true);
    if (anchor) expect(anchorsOf(target), `${link} in ${document}`).toContain(anchor);
  }
});

/** The anchors that headings get when they are rendered. */
const anchorsOf = (document: string): string[] =>
  [...readFileSync(document, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
