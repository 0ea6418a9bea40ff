import { PassThrough } from 'node:stream';
import { Redis } from 'ioredis';
import { expect, it, vi } from 'vitest';
import { startRedisServer } from '../servers/redisServer.ts';
import { describeResults, showResults, startPlainLines, startStatusLine } from './statusLine.ts';

const CLEAR = '\r\x1b[K';

it('the line stays below other output, and disappears at the end', () => {
  const terminal = Object.assign(new PassThrough({ encoding: 'utf8' }), { columns: 11 });
  const errors = new PassThrough({ encoding: 'utf8' });
  const line = startStatusLine([terminal, errors]);
  terminal.write('before\n');
  line.show('1 counted');
  terminal.write('a log line\n');
  errors.write('an error\n');
  line.show('12,345 counted');
  line.stop();
  terminal.write('after\n');
  expect(terminal.read()).toBe(
    [
      'before\n',
      `${CLEAR}1 counted`,
      `${CLEAR}a log line\n${CLEAR}1 counted`,
      `${CLEAR}${CLEAR}1 counted`,
      `${CLEAR}12,345 cou`,
      CLEAR,
      'after\n',
    ].join(''),
  );
  expect(errors.read()).toBe('an error\n');
});

it.each([
  [80, '0 waiting · 4 dead letters · 12,345 counted · 175 revised · 4,862 duplicates …'],
  [78, '0 waiting · 4 dead letters · 12,345 counted · 175 revised …'],
  [200, '0 waiting · 4 dead letters · 12,345 counted · 175 revised · 4,862 duplicates · 563 superseded'],
  [22, '0 waiting …'],
])('a terminal of %i columns shows whole numbers', (columns, shown) => {
  const terminal = Object.assign(new PassThrough({ encoding: 'utf8' }), { columns });
  const line = startStatusLine([terminal]);
  line.show(describeResults({ counted: 12_345, revised: 175, duplicates: 4862, superseded: 563 }, 0, 4));
  expect(terminal.read()).toBe(CLEAR + shown);
  line.stop();
});

it('without a terminal, a new text is printed at most once a minute', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 0 });
  const stream = new PassThrough({ encoding: 'utf8' });
  const line = startPlainLines(stream, 60_000);
  for (const [seconds, text] of [
    [1, '1 counted'],
    [60, '2 counted'],
    [61, '3 counted'],
    [119, '4 counted'],
    [121, '4 counted'],
    [200, '4 counted'],
    [201, '5 counted'],
  ] as const) {
    vi.setSystemTime(seconds * 1000);
    line.show(text);
  }
  line.stop();
  vi.useRealTimers();
  expect(stream.read()).toBe('2 counted\n4 counted\n5 counted\n');
});

it('waiting messages come first, and absent results are left out', () => {
  const none = { counted: 0, revised: 0, duplicates: 0, superseded: 0 };
  expect(describeResults(none, 0, 0)).toBe('0 waiting · 0 dead letters · 0 counted');
  expect(describeResults({ ...none, counted: 12_345, duplicates: 6 }, 120, 5)).toBe(
    '120 waiting · 5 dead letters · 12,345 counted · 6 duplicates',
  );
});

it('80 columns are enough for tens of thousands of messages', () => {
  const many = { counted: 98_765, revised: 4321, duplicates: 5432, superseded: 321 };
  expect(describeResults(many, 45_678, 12_345).slice(0, 79)).toContain('98,765 counted · 4,321 revised');
});

it('results keep adding up after Redis is emptied', async () => {
  const server = await startRedisServer();
  const redis = new Redis(server.url);
  const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
  const aborter = new AbortController();
  const depth = { ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' };
  const sqs = vi.fn(async () => ({ Attributes: depth }));
  /** Until it has looked at what Redis holds now. */
  const seen = async () => {
    sqs.mockClear();
    await vi.waitFor(() => expect(sqs.mock.calls.length).toBeGreaterThan(1), { timeout: 30_000 });
  };
  const orders = { name: 'orders-queue', url: '', arn: '' };
  await redis.hset('global:messages', 'counted', 100);
  const ended = showResults({ redisUrl: server.url, sqs, orders }, aborter.signal);
  await seen();
  await redis.hset('global:messages', 'counted', 148);
  await seen();
  await redis.flushall();
  await seen();
  await redis.hset('global:messages', 'counted', 2);
  await seen();
  aborter.abort();
  await ended;
  expect(printed).toHaveBeenLastCalledWith(expect.stringContaining('50 counted'));
  printed.mockRestore();
  redis.disconnect();
  await server.stop();
});
