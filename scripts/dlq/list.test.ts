import { expect, test } from 'vitest';
import { listing } from './list.ts';

const LETTER = {
  messageId: '0b57a2c4-9c5b-4b52-8e6b-1f0a3c2d4e5f',
  body: '{"order_id":"S00001-17","user_id":"U1","order_timestamp":"2024-12-13T10:00:00Z","order_value":-1}',
  sentAt: new Date(0),
  attributes: {},
  messageAttributes: {},
};
const NO_LEDGER = { units: {}, find: async () => [] };

async function linesOf(width: number | undefined, orderId = 'S00001-17'): Promise<string[]> {
  const job = listing({ name: 'dlq', limit: 10, width }, NO_LEDGER, 5000);
  await job.take([{ ...LETTER, body: LETTER.body.replace('S00001-17', orderId) }]);
  return job.summary('all-seen').split('\n');
}

test.each([80, 100, 120])(
  'no line is longer than a terminal of %i columns, and no word of a reason is cut',
  async (width) => {
    for (const orderId of ['S00001-17', 'x'.repeat(128)]) {
      const lines = await linesOf(width, orderId);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      expect(lines.join('\n')).toContain(LETTER.messageId);
    }
    const words = (await linesOf(width)).join(' ').split(/[\s│]+/);
    expect(words).toEqual(expect.arrayContaining(['S00001-17:', 'order_value', 'number', '1,000,000,000']));
  },
);

test('away from a terminal a message is one line', async () => {
  const lines = await linesOf(undefined, 'x'.repeat(128));
  expect(lines.filter((line) => line.includes('x') && line.includes(LETTER.messageId))).toHaveLength(1);
});
