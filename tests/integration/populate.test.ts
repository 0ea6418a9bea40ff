import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import getPort from 'get-port';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { formatCents } from '../../lib/orders/money.ts';
import { generateMessages } from '../../scripts/shared/generator.ts';
import { today } from '../../scripts/shared/order.ts';
import { runPopulate } from '../support/runCommand.ts';
import { type ScriptResult, startScript } from '../support/startScript.ts';

const QUEUE = 'orders-queue';

let sqs: FauxqsServer;
let directory: string;
beforeAll(async () => {
  sqs = await startFauxqs({ port: 0, logger: false });
  directory = await mkdtemp(join(tmpdir(), 'orders-populate-'));
});
beforeEach(() => {
  sqs.purgeAll();
  sqs.createQueue(QUEUE);
});
afterAll(async () => {
  await sqs.stop();
  await rm(directory, { recursive: true });
});

/** Bodies of the messages in a queue. */
const received = (queue = QUEUE): string[] => sqs.inspectQueue(queue)?.messages.ready.map(({ body }) => body) ?? [];

const start = (...args: string[]) => startScript('scripts/populate.ts', args);

const populate = (...args: string[]): Promise<ScriptResult> => runPopulate(['--endpoint', sqs.address, ...args]);

async function populateFrom(content: string | Buffer, name = 'orders.jsonl'): Promise<ScriptResult> {
  const path = join(directory, name);
  await writeFile(path, content);
  return populate('--file', path);
}

test('generated orders are all sent and summed up', async () => {
  const options = { count: 205, users: 7, invalid: 0.1, duplicates: 0.2, seed: 9 };
  const { code, stdout, stderr } = await populate(
    ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
  );
  const messages = [...generateMessages({ ...options, day: today() })];
  let cents = 0;
  for (const message of messages) if (message.kind === 'valid') cents += message.cents;
  expect(received().sort()).toEqual(messages.map(({ body }) => body).sort());
  expect(stdout).toContain('sent: 205 messages (143 valid, 41 duplicates, 21 invalid)\nnot sent: 0\n');
  expect(stdout).toContain(`valid orders: 143, revenue ${formatCents(cents)}\n`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('generated orders go to the queue of the stage', async () => {
  sqs.createQueue('orders-queue-dev');
  expect(await populate('--stage', 'dev', '--count', '3')).toMatchObject({ code: 0 });
  expect(received('orders-queue-dev')).toHaveLength(3);
});

test('a queue URL needs no endpoint', async () => {
  const { queueUrl } = sqs.createQueue('another');
  expect(await start('--queue', queueUrl, '--count', '3').result).toMatchObject({ code: 0, stderr: '' });
  expect(received('another')).toHaveLength(3);
});

test('a file is sent unchanged, orders or not', async () => {
  const lines = ['{"order_id": "A",  "order_value": 1.50}', '{"no":"order"}', '{"street":"Rue de l\u2019\u00c9glise"}'];
  const { code, stdout, stderr } = await populateFrom(`\ufeff${lines.join('\r\n\r\n')}\r\n`);
  expect(received().sort()).toEqual(lines.sort());
  expect(stdout).toContain('sent: 3 messages\nnot sent: 0\nmalformed lines: 0\n');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('the bodies in a file of dlq purge are sent unchanged', async () => {
  const bodies = ['{\n  "order_id": "A"\n}\n', 'no order,\r\n123 Main St', '{"order_id":"B"}'];
  const lines = bodies.map((body, n) =>
    JSON.stringify({ messageId: `m${n}`, sentAt: new Date(0), orderId: null, kind: 'invalid', reason: 'why', body }),
  );
  const { code, stdout, stderr } = await populateFrom(lines.join('\n'));
  expect(received().sort()).toEqual(bodies.sort());
  expect(stdout).toContain('sent: 3 messages\nnot sent: 0\nmalformed lines: 0\n');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test.each(['[{"order_id":"A"},{"order_id":"B"}]', '[\n  {"order_id":"A"}\n]'])(
  'a file that is an array is refused: %j',
  async (text) => {
    const { code, stdout, stderr } = await populateFrom(text, 'orders.json');
    expect(stderr).toMatch(
      /^Cannot read [^\n]*orders\.json: line 1 is an array, where each line must be one order: [^\n]*\n$/,
    );
    expect(stdout).toBe('');
    expect(code).toBe(1);
    expect(received()).toEqual([]);
  },
);

test('one order on several lines is one message', async () => {
  const { code, stdout, stderr } = await populate('--file', 'events/order.json');
  expect(received()).toEqual([await readFile('events/order.json', 'utf8')]);
  expect(stdout).toContain('sent: 1 message\nnot sent: 0\nmalformed lines: 0\n');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test.each(['', '\n\n'])('a file without a message is an error: %j', async (text) => {
  const { code, stdout, stderr } = await populateFrom(text);
  expect(stderr).toMatch(/^Cannot read [^\n]*orders\.jsonl: it is empty\n$/);
  expect(stdout).toBe('');
  expect(code).toBe(1);
});

test('only five malformed lines are named', async () => {
  const { code, stdout, stderr } = await populateFrom(`{"a":1}\n${'A,U1,1.50\n'.repeat(50_000)}`);
  // Where sending takes a while, there are lines about the progress.
  expect(stderr.split('\n').filter((line) => line && !line.startsWith('sent '))).toEqual([
    ...[2, 3, 4, 5, 6].map((line) => `Line ${line} of orders.jsonl was not sent: it is not a JSON object`),
    'and 49995 more malformed lines',
  ]);
  expect(stdout).toContain('sent: 1 message\nnot sent: 0\nmalformed lines: 50000\n');
  expect(code).toBe(1);
});

test('a file of --out sends the same bodies again, even without JSON or with line breaks', async () => {
  const bodies = ['[{"order_id":"A"}]', '{"order_id":"A\nB"}', '{"order_id":', '{"order_id":"C"}'];
  const archive = bodies.map((body) => `${JSON.stringify({ kind: 'invalid', body })}\n`).join('');
  const out = join(directory, 'sent.jsonl');
  await writeFile(out, '{"order_id":"cut o');
  await writeFile(join(directory, 'archive.jsonl'), archive);
  expect(await populate('--file', join(directory, 'archive.jsonl'), '--out', out)).toMatchObject({ code: 0 });
  sqs.purgeAll();
  sqs.createQueue(QUEUE);
  const { stderr } = await populate('--file', out);
  expect(received().sort()).toEqual(bodies.sort());
  expect(stderr).toBe('Line 1 of sent.jsonl was not sent: it is not a JSON object\n');
});

test.each(['.gz', '.GZ', '.zip'])('--out refuses a name that ends in %s', async (suffix) => {
  const { code, stderr } = await populate('--out', join(directory, `sent.jsonl${suffix}`));
  expect(stderr).toMatch(/^error: option '--out <file>' [^\n]* is not compressed: [^\n]*\n$/);
  expect(code).toBe(1);
});

test.each([
  ['an array', '[{"order_id":"A"}]\n'],
  ['an indented order', '{\n  "order_id": "A"\n}\n'],
  ['CSV', 'order_id,user_id\nA,U1\nB,U2\n'],
  ['gzip', gzipSync('{"order_id":"A"}\n')],
  ['an order that was cut off', '{"order_id":"A1","user_id"'],
])('--out does not touch a file that holds %s, and nothing is sent', async (_, content) => {
  const out = join(directory, 'other');
  await writeFile(out, content);
  const { code, stdout, stderr } = await populate('--count', '3', '--out', out);
  expect(stderr).toBe(`Cannot write ${out}: it holds something other than one message per line: name another file\n`);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(await readFile(out)).toEqual(Buffer.from(content));
  expect(received()).toEqual([]);
});

test('a gzip file may have several members', async () => {
  const members = Array.from({ length: 30 }, (_, index) => gzipSync(`${JSON.stringify({ index })}\n`));
  expect(await populateFrom(Buffer.concat(members), 'orders.jsonl.gz')).toMatchObject({ code: 0, stderr: '' });
  expect(received()).toHaveLength(30);
});

test('lines that cannot be sent are left out and named', async () => {
  const lines = [
    '{"a":1}',
    '{"a":',
    `{"x":"${'x'.repeat(1_100_000)}"}`,
    '{"a":"\uffff"}',
    `{"y":"${'y'.repeat(400_000)}"}`,
    '{"a":2}',
  ];
  const { code, stdout, stderr } = await populateFrom(lines.join('\n'));
  expect(received().sort()).toEqual([lines[0], lines[4], lines[5]].sort());
  expect(stderr.trim().split('\n').sort()).toEqual([
    expect.stringMatching(/^Line 2 of orders\.jsonl was not sent: it is not a JSON object$/),
    expect.stringMatching(/^Line 3 of orders\.jsonl was not sent: BatchRequestTooLong: /),
    expect.stringMatching(/^Line 4 of orders\.jsonl was not sent: InvalidMessageContents: /),
  ]);
  expect(stdout).toContain('sent: 3 messages\nnot sent: 2\nmalformed lines: 1\n');
  expect(code).toBe(1);
});

test('a truncated file is sent up to where it ends', async () => {
  const lines = Array.from({ length: 3000 }, (_, index) => `{"a":${Math.sin(index)}}`);
  const { code, stderr } = await populateFrom(gzipSync(lines.join('\n')).subarray(0, -1), 'cut.gz');
  expect(received()).toHaveLength(2999);
  // Where sending takes a while, lines about the progress come first.
  expect(stderr).toMatch(
    /^(?:sent [^\n]*\n)*Cannot read [^\n]*cut\.gz: it is cut short[^\n]*Sent before that: 2999 messages\n$/,
  );
  expect(code).toBe(1);
});

test('a missing file is reported in one line', async () => {
  const { code, stdout, stderr } = await populate('--file', join(directory, 'none.jsonl'));
  expect(stderr).toMatch(/^Cannot read [^\n]*none\.jsonl: there is no such file\n$/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

test('a missing SQS is reported in one line', async () => {
  const endpoint = `http://localhost:${await getPort()}`;
  const hint = 'start the pipeline with npm start, or name it with --endpoint';
  const stderr = `No SQS answers at ${endpoint}: ${hint}\n`;
  expect(await start('--endpoint', endpoint).result).toEqual({ code: 1, stdout: '', stderr });
  expect(await start('--queue', `${endpoint}/0/q`).result).toEqual({ code: 1, stdout: '', stderr });
});

test('a missing queue is reported in one line', async () => {
  expect(await populate('--queue', 'nowhere')).toEqual({
    code: 1,
    stdout: '',
    stderr: `There is no queue nowhere at ${sqs.address} in region us-east-1: name it with --queue\n`,
  });
});

test('for a local endpoint the AWS settings of the shell do not matter', async () => {
  const shell = {
    AWS_PROFILE: 'expired-sso',
    AWS_REGION: 'eu-west-1',
    AWS_USE_FIPS_ENDPOINT: 'true',
    AWS_USE_DUALSTACK_ENDPOINT: 'true',
  };
  const args = ['--endpoint', sqs.address, '--count', '3'];
  expect(await startScript('scripts/populate.ts', args, shell).result).toMatchObject({ code: 0, stderr: '' });
  expect(received()).toHaveLength(3);
});

test('missing credentials for a remote endpoint are reported in one line', async () => {
  const environment = { AWS_CONFIG_FILE: '/dev/null', AWS_EC2_METADATA_DISABLED: 'true', AWS_PROFILE: 'missing' };
  const args = ['--endpoint', 'http://sqs.invalid:4566'];
  const noRegion = await startScript('scripts/populate.ts', args, environment).result;
  expect(noRegion.stderr).toBe(
    'Queue orders-queue is at http://sqs.invalid:4566, and no region is configured: set AWS_REGION\n',
  );
  const withRegion = { ...environment, AWS_REGION: 'us-east-1' };
  const { code, stderr } = await startScript('scripts/populate.ts', args, withRegion).result;
  expect(stderr).toMatch(/^Queue orders-queue is at http:\/\/sqs\.invalid:4566, and no credentials were found: .+\n$/);
  expect(code).toBe(1);
});

test('a missing region of another stage is reported in one line that says it is real AWS', async () => {
  const environment = { AWS_ENDPOINT_URL: '', AWS_CONFIG_FILE: '/dev/null', AWS_EC2_METADATA_DISABLED: 'true' };
  const { code, stdout, stderr } = await startScript('scripts/populate.ts', ['--stage', 'prod'], environment).result;
  expect(stderr).toBe(
    'Queue orders-queue-prod is on real AWS, as for every stage but local, and no region is configured: ' +
      'set AWS_REGION. For an emulator name its URL with --endpoint\n',
  );
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

test('a wrong option is reported in one line', async () => {
  const { code, stderr } = await populate('--invalid', '2');
  expect(stderr).toBe("error: option '--invalid <share>' argument '2' is invalid. It must be a number from 0 to 1.\n");
  expect(code).toBe(1);
});

test('Ctrl-C ends with a summary of what was sent', async () => {
  const { child, result } = start('--endpoint', sqs.address, '--count', '1000000', '--rate', '500');
  await vi.waitUntil(() => received().length >= 50, { timeout: 30_000 });
  child.kill('SIGINT');
  const { code, stdout } = await result;
  expect(stdout).toContain(`sent: ${received().length} messages`);
  expect(stdout).toContain('valid orders: ');
  expect(code).toBe(130);
});

test('output that nobody reads, as with `| head`, changes nothing', async () => {
  const { child, result } = start('--endpoint', sqs.address, '--count', '3');
  child.stdout?.destroy();
  expect(await result).toMatchObject({ code: 0, stderr: '' });
  expect(received()).toHaveLength(3);
});

test('a queue that disappears ends the sending with one line', async () => {
  const { result } = start('--endpoint', sqs.address, '--count', '1000000', '--rate', '500');
  await vi.waitUntil(() => received().length >= 50, { timeout: 30_000 });
  sqs.deleteQueue(QUEUE);
  const { code, stdout, stderr } = await result;
  expect(stderr).toMatch(/^There is no queue orders-queue at [^\n]*Sent before that: \d+ messages\n$/);
  expect(stdout).toMatch(/not sent: [1-9]/);
  expect(code).toBe(1);
});

test('--help explains every option', async () => {
  const { code, stdout } = await populate('--help');
  for (const name of [
    'file',
    'count',
    'users',
    'rate',
    'invalid',
    'duplicates',
    'seed',
    'queue',
    'endpoint',
    'stage',
  ]) {
    expect(stdout).toMatch(new RegExp(`^ +--${name} <[^>]+> +\\S`, 'm'));
  }
  expect(code).toBe(0);
});
