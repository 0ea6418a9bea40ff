import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseOrder } from '../orders/order.ts';
import { RECORD_BYTES } from './ledgerRecord.ts';
import { readReply, scriptInput } from './wire.ts';

it('each letter of a reply is a verdict, and a failed one has its reason, where there is one', () => {
  expect(readReply(['nrdscufff', ['first', 'second']], 9, 'count')).toEqual([
    { kind: 'counted' },
    { kind: 'revised' },
    { kind: 'duplicate' },
    { kind: 'superseded' },
    { kind: 'conflict' },
    { kind: 'unknown' },
    { kind: 'corrupt', reason: 'first' },
    { kind: 'corrupt', reason: 'second' },
    { kind: 'corrupt', reason: 'unknown' },
  ]);
});

it('a look says of each order that the ledger knows what is counted of it', () => {
  const known = { version: 1, cents: 9999, day: '2024-12-13', isSameUser: true };
  const cancelled = { version: 3, cents: undefined, day: undefined, isSameUser: false };
  const details = ['1 9999 2024-12-13 1', '3 - - 0'];
  expect(readReply(['nduc', details], 4, 'look')).toEqual([
    { kind: 'counted' },
    { kind: 'duplicate', known },
    { kind: 'unknown' },
    { kind: 'conflict', known: cancelled },
  ]);
});

it.each([
  ['is on fewer orders', ['n', []], 'Redis answered for 1 of 2 orders'],
  ['is on more orders', ['nnn', []], 'Redis answered for 3 of 2 orders'],
  ['holds an unknown letter', ['nx', []], 'Redis answered with the verdict x'],
  ['is no reply of the script', 'OK', 'Expected Array'],
  ['has no texts for reasons', ['nf', [1]], 'Expected string'],
])('a reply that %s is refused', (_, reply, text) => {
  expect(() => readReply(reply, 2, 'count')).toThrow(text);
});

it('what a short record leaves free is zero, and nothing of the memory of the process', () => {
  const body = readFileSync('events/order.json', 'utf8');
  const parsed = parseOrder(body);
  if (!parsed.ok) throw new Error('It is a valid order');
  // The memory that small buffers are cut from.
  new Uint8Array(Buffer.allocUnsafe(1).buffer).fill(255);
  const { wire } = scriptInput('', [{ order: parsed.order, isAccepted: false }]);
  expect([...wire.subarray(10 + RECORD_BYTES.short - 1)]).toEqual(
    Array(RECORD_BYTES.long - RECORD_BYTES.short).fill(0),
  );
});
