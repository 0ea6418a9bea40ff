import { expect, test } from 'vitest';
import { orderBody } from '../../tests/support/orderMessage.ts';
import type { Difference } from './differences.ts';
import { Recount } from './recount.ts';
import { describeDifferences, describeRecount, toJson } from './report.ts';
import { RecountedTotals } from './totals.ts';

const difference = (changes: Partial<Difference> = {}): Difference => ({
  key: 'user:U1',
  field: 'total_spend',
  expected: '1.00',
  actual: '2.00',
  corrupt: false,
  ...changes,
});

test('the summary says whose order is assumed to be counted only where there are conflicts', () => {
  const recount = new Recount();
  recount.add(orderBody(), { file: 'x.jsonl', line: 1 });
  const totals = new RecountedTotals(['']);
  totals.add('ORD1234', { userId: 'U5678', version: 1, hour: '2024-12-13T10', placed: 0, cents: 9999n });
  expect(describeRecount(recount, totals)).toBe(
    'lines: 1\norders: 1, revenue 99.99\nusers: 1, months: 1\ncancelled: 0\nsuperseded: 0\nduplicates: 0\nconflicts: 0\ninvalid: 0',
  );
  recount.add(orderBody({ user_id: 'U1' }), { file: 'x.jsonl', line: 2 });
  expect(describeRecount(recount, totals)).toContain(
    'conflicts: 1 (for each of these orders the first line is assumed',
  );
});

test('at most 50 differences are shown, and how many more there are', () => {
  const report = describeDifferences(Array(60).fill(difference()), new RecountedTotals(['']), '');
  expect(report.match(/user:U1/g)).toHaveLength(50);
  expect(report).toMatch(/^Differences: 60\n[\s\S]*\nand 10 more$/);
});

test('values that are missing, corrupt, long or not printable can be told apart in one line each', () => {
  const report = describeDifferences(
    [
      difference({ actual: null }),
      difference({ expected: null, key: 'user:\u001b[2J' }),
      difference({ actual: `7\n${'0'.repeat(10_000)}`, corrupt: true }),
    ],
    new RecountedTotals(['']),
    '',
  );
  expect(report).toMatch(/ user:U1 +│ total_spend │ 1\.00 +│ none +│/);
  expect(report).toMatch(/ user:\ufffd\[2J +│ total_spend │ none +│ 2\.00 +│/);
  expect(report).toMatch(/│ 7\ufffd0{38}… \(corrupt\) │/);
});

test('as JSON, all differences are there with their values as they are', () => {
  const differences = Array(60).fill(difference({ actual: '7.005', corrupt: true }));
  expect(JSON.parse(toJson(differences, new Recount(), new RecountedTotals([''])))).toMatchObject({
    summary: { lines: 0, orders: 0, revenue: '0.00' },
    differences,
  });
});
