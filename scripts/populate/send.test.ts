import { expect, test } from 'vitest';
import type { OutgoingMessage } from '../shared/message.ts';
import { type Call, sendBatch } from './send.ts';

const batch: OutgoingMessage[] = ['a', 'b', 'c'].map((body, index) => ({
  number: index + 1,
  body,
  bytes: 1,
  kind: 'unknown',
  orders: 0,
  cents: 0,
}));

const numbersOf = (messages: readonly OutgoingMessage[]): number[] => messages.map(({ number }) => number);

type Reply = 'ok' | { SenderFault: boolean; Code: string } | undefined;

/** An SQS that takes the entries that `reply` says 'ok' to, and the bodies of each call that it had. */
function fakeSqs(reply: (body: string, call: number) => Reply) {
  const calls: string[] = [];
  const call: Call = async (entries) => {
    calls.push(entries.map(({ MessageBody }) => MessageBody).join(''));
    const replies = entries.map(({ Id, MessageBody }) => ({ Id, reply: reply(MessageBody ?? '', calls.length) }));
    return {
      Successful: replies
        .filter(({ reply }) => reply === 'ok')
        .map(({ Id }) => ({ Id, MessageId: '', MD5OfMessageBody: '' })),
      Failed: replies.flatMap(({ Id, reply }) => (reply && reply !== 'ok' ? [{ Id, ...reply }] : [])),
    };
  };
  return { call, calls };
}

const failure = (name: string, properties: object = {}): Error =>
  Object.assign(new Error(name), { name, ...properties });

const noPause = async () => {};

test('a batch is sent in one call', async () => {
  const { call, calls } = fakeSqs(() => 'ok');
  expect(await sendBatch(batch, call, noPause)).toEqual({ sent: batch, refused: [] });
  expect(calls).toEqual(['abc']);
});

test('only failed messages of a batch are sent again, after growing pauses', async () => {
  const { call, calls } = fakeSqs((body, call) =>
    body === 'a' || call === 4 ? 'ok' : { SenderFault: false, Code: 'InternalError' },
  );
  const pauses: number[] = [];
  const report = await sendBatch(batch, call, async (ms) => pauses.push(ms));
  expect(numbersOf(report.sent)).toEqual([1, 2, 3]);
  expect(calls).toEqual(['abc', 'bc', 'bc', 'bc']);
  expect(pauses.map((ms, index) => ms >= 100 * 2 ** index && ms <= 300 * 2 ** index)).toEqual([true, true, true]);
});

test('a message that the answer does not mention is sent again', async () => {
  const { call, calls } = fakeSqs((body, call) => (body === 'c' && call === 1 ? undefined : 'ok'));
  expect(numbersOf((await sendBatch(batch, call, noPause)).sent)).toEqual([1, 2, 3]);
  expect(calls).toEqual(['abc', 'c']);
});

test('a message is given up after six tries, with the reason', async () => {
  const { call, calls } = fakeSqs((body) => (body === 'b' ? { SenderFault: false, Code: 'InternalError' } : 'ok'));
  const report = await sendBatch(batch, call, noPause);
  expect(numbersOf(report.sent)).toEqual([1, 3]);
  expect(report.refused).toEqual([{ message: batch[1], reason: expect.stringMatching(/InternalError.*6 times/) }]);
  expect(calls).toHaveLength(6);
});

test('a permanently refused message is not retried, and the others are sent', async () => {
  const { call, calls } = fakeSqs((body) =>
    body === 'b' ? { SenderFault: true, Code: 'InvalidMessageContents' } : 'ok',
  );
  const report = await sendBatch(batch, call, noPause);
  expect(numbersOf(report.sent)).toEqual([1, 3]);
  expect(report.refused.map(({ message }) => message.number)).toEqual([2]);
  expect(calls).toEqual(['abc']);
});

test('the message that makes SQS refuse a whole call is found', async () => {
  const call: Call = async (entries) => {
    if (entries.some(({ MessageBody }) => MessageBody === 'b')) throw failure('BatchRequestTooLong');
    return fakeSqs(() => 'ok').call(entries);
  };
  const report = await sendBatch(batch, call, noPause);
  expect(numbersOf(report.sent)).toEqual([1, 3]);
  expect(report.refused).toEqual([{ message: batch[1], reason: expect.stringContaining('BatchRequestTooLong') }]);
});

test.each([
  failure('Error', { code: 'ECONNREFUSED' }),
  failure('TimeoutError'),
  failure('RequestThrottled', { $fault: 'client' }),
  failure('ServiceUnavailable', { $fault: 'server' }),
])('a transient failure of a call is retried: $message', async (error) => {
  let calls = 0;
  const call: Call = async (entries) => {
    if (++calls < 3) throw error;
    return fakeSqs(() => 'ok').call(entries);
  };
  expect(await sendBatch(batch, call, noPause)).toEqual({ sent: batch, refused: [] });
});

test('a call that keeps failing ends the sending', async () => {
  const error = failure('Error', { code: 'ECONNREFUSED' });
  const report = await sendBatch(batch, () => Promise.reject(error), noPause);
  expect(report).toEqual({ sent: [], refused: [], stopped: { error, messages: batch } });
});

test('a permanent failure of a call ends the sending at once', async () => {
  const error = failure('AccessDenied', { $fault: 'client' });
  let calls = 0;
  const call: Call = async (entries) => {
    if (++calls > 1) throw error;
    return fakeSqs((body) => (body === 'a' ? 'ok' : undefined)).call(entries);
  };
  const report = await sendBatch(batch, call, noPause);
  expect(numbersOf(report.sent)).toEqual([1]);
  expect(report.stopped).toEqual({ error, messages: batch.slice(1) });
  expect(calls).toBe(2);
});

test('sending survives ten seconds without SQS', async () => {
  let waited = 0;
  const call: Call = async (entries) => {
    if (waited < 10_000) throw failure('Error', { code: 'ECONNREFUSED' });
    return fakeSqs(() => 'ok').call(entries);
  };
  const pause = async (ms: number) => {
    waited += ms;
  };
  expect(await sendBatch(batch, call, pause)).toEqual({ sent: batch, refused: [] });
});
