import { expect, test } from 'vitest';
import { type GeneratedMessage, generateMessages } from '../shared/generator.ts';
import { toMessages } from '../shared/message.ts';
import { addReport, newTally, run, summarise } from './run.ts';
import { generated as generatedSource } from './source.ts';

const generated: GeneratedMessage[] = [
  { kind: 'valid', body: 'a', orders: 1, cents: 1999 },
  { kind: 'valid', body: 'b', orders: 1, cents: 1 },
  { kind: 'duplicate', body: 'a', orders: 0, cents: 0 },
  { kind: 'invalid', body: '{', orders: 0, cents: 0 },
];

test('the summary says what the API will show', () => {
  const tally = newTally();
  addReport(tally, { sent: [...toMessages(generated)], refused: [] });
  expect(summarise(tally, 'generated', 0.5).split('\n')).toEqual([
    'sent: 4 messages (2 valid, 1 duplicates, 1 invalid)',
    'not sent: 0',
    'time: 0.5 s, 8 messages/s',
    'valid orders: 2, revenue 20.00',
  ]);
});

test('an unsent message makes the expectation a lower bound', () => {
  const tally = newTally();
  const [first, ...others] = toMessages(generated);
  addReport(tally, { sent: first ? [first] : [], refused: [], stopped: { error: undefined, messages: others } });
  const summary = summarise(tally, 'generated', 1);
  expect(summary).toContain('not sent: 3');
  expect(summary).toContain('valid orders: at least 1, revenue at least 19.99');
});

test('amended and cancelled orders are subtracted; with an unsent message nothing is expected', () => {
  const revised: GeneratedMessage[] = [
    ...generated,
    { kind: 'revision', body: 'a2', orders: 0, cents: -999 },
    { kind: 'cancellation', body: 'b2', orders: -1, cents: -1 },
  ];
  const tally = newTally();
  const messages = [...toMessages(revised)];
  addReport(tally, { sent: messages, refused: [] });
  const [sent, , , expected] = summarise(tally, 'generated', 0.5).split('\n');
  expect(sent).toBe('sent: 6 messages (2 valid, 1 amended, 1 cancelled, 1 duplicates, 1 invalid)');
  expect(expected).toBe('valid orders: 1, revenue 10.00');
  addReport(tally, { sent: [], refused: [], stopped: { error: undefined, messages } });
  expect(summarise(tally, 'generated', 0.5)).toContain('valid orders: unknown, because not everything was sent');
});

test('the summary of a file counts malformed lines', () => {
  const tally = { ...newTally(), sent: 3, malformed: 2 };
  expect(summarise(tally, 'file', 0)).toBe(
    'sent: 3 messages\nnot sent: 0\nmalformed lines: 2\ntime: 0.0 s, 0 messages/s',
  );
});

test('messages are numbered, and their UTF-8 bytes counted', () => {
  const messages = [
    ...toMessages(generateMessages({ count: 50, users: 5, invalid: 0, duplicates: 0, seed: 1, day: '2026-11-24' })),
  ];
  expect(messages.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  for (const { body, bytes } of messages) expect(bytes).toBe(new TextEncoder().encode(body).length);
});

test('a refused message is named by its number, and the others are sent', async () => {
  const notes: string[] = [];
  const { tally, isComplete } = await run(
    generatedSource({ count: 3, users: 1, invalid: 0, duplicates: 0, seed: 1, day: '2026-11-24' }),
    {
      call: async (entries) => ({
        Successful: entries
          .filter((_, index) => index !== 1)
          .map(({ Id }) => ({ Id, MessageId: '', MD5OfMessageBody: '' })),
        Failed: [{ Id: entries[1]?.Id, SenderFault: true, Code: 'InvalidMessageContents', Message: 'no text' }],
      }),
      concurrency: 1,
      rate: undefined,
      signal: new AbortController().signal,
      progress: { show() {}, stop() {}, note: (text) => notes.push(text) },
      explain: async () => '',
    },
  );
  expect(notes).toEqual(['Message 2 was not sent: InvalidMessageContents: no text']);
  expect([tally.sent, tally.notSent, isComplete]).toEqual([2, 1, false]);
});
