import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { npmStart } from '../../dev/servers/npmStart.ts';
import { startRedisServer } from '../../dev/servers/redisServer.ts';
import { startScript } from '../support/startScript.ts';

let directory: string;
let places: Record<string, string>;
const running = npmStart({ SAMPLE_ORDERS: '0' });
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orders-wait-'));
  const { sqs, redis } = await running.addresses();
  places = { AWS_ENDPOINT_URL: sqs, REDIS_URL: redis };
});
afterAll(async () => {
  running.signal('SIGINT');
  await running.exitCode;
  await rm(directory, { recursive: true });
});

const run = (script: string, ...args: string[]) => startScript(`scripts/${script}.ts`, args, places).result;

test('--wait shows the results, and verify accepts the file of --out', async () => {
  const out = join(directory, 'sent.jsonl');
  const sent = await run(
    'populate',
    '--count',
    '300',
    '--invalid',
    '0.02',
    '--duplicates',
    '0.1',
    '--wait',
    '--out',
    out,
  );
  const [, orders, revenue] = /^valid orders: (\d+), revenue (\S+)$/m.exec(sent.stdout) ?? [];
  expect(sent.stdout).toMatch(
    new RegExp(
      `\ncounted: 264 messages\nrevised or cancelled: 0 messages\nduplicates or superseded: 30 messages\nin orders-queue-dlq: 6 messages; [^\n]*\ntotals: \\+${orders} orders, \\+${revenue}\n$`,
    ),
  );
  expect(sent.code).toBe(0);
  expect((await readFile(out, 'utf8')).trimEnd().split('\n')).toHaveLength(300);
  expect((await stat(out)).mode & 0o777).toBe(0o600);
  const verified = await run('verify', '--file', out);
  expect(verified.stdout).toContain(`lines: 300\norders: ${orders}, revenue ${revenue}\n`);
  expect(verified.stdout).toContain('\nNo difference: ');
  expect(verified.code).toBe(0);
  expect(sent.using).toMatch(/^Using queue orders-queue at \S+ and Redis 127\.0\.0\.1:\d+\n$/);
});

test('amended and cancelled orders, shuffled and sent twice, count in their highest version', async () => {
  const out = join(directory, 'revised.jsonl');
  const options = '--count 400 --seed 2 --revisions 0.1 --cancellations 0.05 --shuffle --wait'.split(' ');
  const before = await run('populate', '--count', '1', '--seed', '3', '--wait', '--out', out);
  expect(before.stdout).toMatch(/\ncounted: 1 message\n.*\ntotals: \+1 order, \+[\d.]+\n/s);
  expect(before.code).toBe(0);
  const sent = await run('populate', ...options, '--out', out);
  const [, orders, revenue] = /^valid orders: (\d+), revenue (\S+)$/m.exec(sent.stdout) ?? [];
  expect(sent.stdout).toContain('sent: 400 messages (340 valid, 40 amended, 20 cancelled, 0 duplicates, 0 invalid)\n');
  expect(orders).toBe('320');
  const [, counted, revised, superseded] =
    new RegExp(
      `\ncounted: (\\d+) messages\nrevised or cancelled: (\\d+) messages?\nduplicates or superseded: (\\d+) messages?\nin orders-queue-dlq: 0 messages\ntotals: \\+320 orders, \\+${revenue}\n`,
    ).exec(sent.stdout) ?? [];
  expect(Number(counted)).toBe(340);
  expect(Number(revised) + Number(superseded)).toBe(60);
  expect(sent.stdout).toContain('\n(Sent again today, the orders of --seed 2 are duplicates.)\n');
  const again = await run('populate', ...options);
  expect(again.stdout).toContain(
    '\ncounted: 0 messages\nrevised or cancelled: 0 messages\nduplicates or superseded: 400 messages\nin orders-queue-dlq: 0 messages\ntotals: +0 orders, +0.00\n',
  );
});

test('--wait shows no results of another Redis', async () => {
  const other = await startRedisServer();
  try {
    const { code, stdout, stderr } = await run('populate', '--count', '5', '--now', '--wait', '--redis', other.url);
    expect(stderr).toMatch(
      /^Redis 127\.0\.0\.1:\d+ saw none of these messages: name the one that the functions use with --redis\n$/m,
    );
    expect(stdout).toContain('sent: 5 messages');
    expect(stdout).not.toContain('counted');
    expect(code).toBe(1);
  } finally {
    await other.stop();
  }
});
