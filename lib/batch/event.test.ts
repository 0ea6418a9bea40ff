import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sampleEvent } from '../../tests/support/sampleEvent.ts';
import { isAccepted, parseSqsEvent, receiveCountOf, sentMsOf } from './event.ts';

const record = { messageId: 'm1', receiptHandle: 'r1', body: '{}' };

it('an SQS event is read into its messages, in order', () => {
  const messages = parseSqsEvent(sampleEvent('processOrders'));
  expect(messages).toHaveLength(8);
  expect(messages[0]).toEqual({
    messageId: '19dd0b57-b21e-4ac1-bd88-01bbb068cb10',
    receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a0',
    body: expect.stringContaining('"order_id":"ORD1234"'),
    attributes: expect.anything(),
    messageAttributes: {},
  });
  expect(messages.map(receiveCountOf)[0]).toBe(1);
  expect(messages.map(sentMsOf)[0]).toBe(1736966712000);
});

it.each([
  ['3', 3],
  ['12', 12],
  ['999999', 999_999],
  ['1000000', 1],
  ['0', 1],
  ['3x', 1],
  ['x3', 1],
  ['many', 1],
  [undefined, 1],
])('a message with ApproximateReceiveCount %j was received %i times', (text, receiveCount) => {
  const attributes = { ApproximateReceiveCount: text };
  expect(parseSqsEvent({ Records: [{ ...record, attributes }] }).map(receiveCountOf)).toEqual([receiveCount]);
});

it.each([
  [{ accept_unknown_version: { stringValue: 'true', dataType: 'String' } }, true],
  [{ accept_unknown_version: { stringValue: 'false', dataType: 'String' } }, false],
  [{ other: { stringValue: 'true', dataType: 'String' } }, false],
  [null, false],
  [undefined, false],
])('a message with the attributes %j accepts an unknown version: %j', (messageAttributes, accepted) => {
  expect(parseSqsEvent({ Records: [{ ...record, messageAttributes }] }).map(isAccepted)).toEqual([accepted]);
});

it.each([
  ['1734084000123', 1_734_084_000_123],
  ['a1734084000123', undefined],
  ['1734084000123a', undefined],
  ['17340840001234', undefined],
  [1_734_084_000_123, undefined],
])('a message with SentTimestamp %j was sent at %j', (SentTimestamp, sent) => {
  expect(parseSqsEvent({ Records: [{ ...record, attributes: { SentTimestamp } }] }).map(sentMsOf)).toEqual([sent]);
});

it('an SQS event may be empty', () => {
  expect(parseSqsEvent({ Records: [] })).toEqual([]);
});

it.each([
  ['without a body', { messageId: 'm2' }, undefined],
  ['with a body that is no text', { messageId: 'm2', body: { order_id: 'ORD1' } }, { order_id: 'ORD1' }],
  ['with the body null', { messageId: 'm2', body: null }, null],
])('an SQS event may hold a record %s: the others count all the same', (_, odd, body) => {
  const messages = parseSqsEvent({ Records: [record, odd] });
  expect(messages).toEqual([record, { messageId: 'm2', receiptHandle: '', body }]);
  expect(messages.map(receiveCountOf)).toEqual([1, 1]);
  expect(messages.map(sentMsOf)).toEqual([undefined, undefined]);
});

it.each([
  ['nothing', undefined, 'the event is missing'],
  ['null', null, 'the event must be an object'],
  ['a text', 'hello', 'the event must be an object'],
  ['a number', 7, 'the event must be an object'],
  ['an empty object', {}, 'Records is missing'],
  ['an array', [], 'Records is missing'],
  ['an array of records', [record], 'Records is missing'],
  ['the sample of the Lambda console', sampleEvent('not-an-sqs-event'), 'Records is missing'],
  ['a request of API Gateway', sampleEvent('getUserStats'), 'Records is missing'],
  ['Records null', { Records: null }, 'Records must be an array'],
  ['Records as an object', { Records: record }, 'Records must be an array'],
  ['Records as a text', { Records: '[]' }, 'Records must be an array'],
  ['a record null', { Records: [null] }, 'Records.0 must be an object'],
  ['a record as text', { Records: [record, '{}'] }, 'Records.1 must be an object'],
  ['a record without messageId', { Records: [record, { body: '{}' }] }, 'Records.1.messageId is missing'],
  ['an empty messageId', { Records: [{ ...record, messageId: '' }] }, 'Records.0.messageId must not be empty'],
  ['a messageId of digits', { Records: [{ ...record, messageId: 1 }] }, 'Records.0.messageId must be a string'],
  [
    'a receiptHandle null',
    { Records: [{ ...record, receiptHandle: null }] },
    'Records.0.receiptHandle must be a string',
  ],
])('an event that is not one of SQS is refused by one message that names the field: %s', (_, event, problem) => {
  expect(() => parseSqsEvent(event)).toThrow(new Error(`This is not an event of an SQS queue: ${problem}`));
});

it('whatever an event holds, it is read into messages or refused by one message', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.record({ Records: fc.anything() })), (event) => {
      try {
        expect(parseSqsEvent(event)).toBeInstanceOf(Array);
      } catch (error) {
        expect(String(error)).toMatch(/^Error: This is not an event of an SQS queue: /);
      }
    }),
  );
});
