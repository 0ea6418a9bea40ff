import Table from 'cli-table3';
import type { Difference } from './differences.ts';
import type { Recount, RecountedTotals, Uncounted } from './recount.ts';
import { formatUnits } from './recountedOrder.ts';

/** Differences that the table shows. */
const MOST_ROWS = 50;
/** Characters of a value that the table shows; a corrupt one may be of any length. */
const LONGEST_VALUE = 40;

const CONFLICT_NOTE =
  'for each of these orders the first line of the file is assumed to be the one that was counted, though SQS may have delivered another one first';

/** What was counted, in lines of text. */
export function describeRecount(recount: Recount, totals: RecountedTotals): string {
  const { lines, duplicates, superseded, conflicts, invalid } = recount;
  const { users, months, all, cancelled } = totals;
  return [
    `lines: ${lines}`,
    `orders: ${all.orders}, revenue ${formatUnits(all.cents)}`,
    `users: ${users.size}, months: ${months.size}`,
    `cancelled: ${cancelled}`,
    `superseded: ${superseded}`,
    `duplicates: ${duplicates}`,
    `conflicts: ${conflicts.count}${conflicts.count > 0 ? ` (${CONFLICT_NOTE})` : ''}`,
    ...named(conflicts),
    `invalid: ${invalid.count}`,
    ...named(invalid),
  ].join('\n');
}

function named({ count, first }: Uncounted): string[] {
  const lines = first.map((sentence) => `  ${printable(sentence)}`);
  if (count > first.length) lines.push(`  and ${count - first.length} more`);
  return lines;
}

/** What the comparison found, in lines of text. */
export function describeDifferences(differences: readonly Difference[], totals: RecountedTotals): string {
  if (differences.length === 0) {
    return `No difference: all ${totals.size} totals and the leaderboard are as expected`;
  }
  const table = new Table({
    head: ['key', 'field', 'expected', 'in Redis'],
    style: { head: [], border: [], compact: true },
  });
  for (const { key, field, expected, actual, corrupt } of differences.slice(0, MOST_ROWS)) {
    const value = actual === null ? 'none' : shorten(printable(actual)) + (corrupt ? ' (corrupt)' : '');
    table.push([printable(key), printable(field), expected ?? 'none', value]);
  }
  const more = differences.length > MOST_ROWS ? `\nand ${differences.length - MOST_ROWS} more` : '';
  return `Differences: ${differences.length}\n${table}${more}`;
}

/** Summary and differences as one JSON object. Amounts are decimal strings, as a JSON number may not hold them exactly. */
export function toJson(differences: readonly Difference[], recount: Recount, totals: RecountedTotals): string {
  const { lines, duplicates, superseded, conflicts, invalid } = recount;
  const { users, months, all, cancelled } = totals;
  const summary = {
    lines,
    orders: all.orders,
    revenue: formatUnits(all.cents),
    users: users.size,
    months: months.size,
    cancelled,
    superseded,
    duplicates,
    conflicts: { ...conflicts, ...(conflicts.count > 0 && { note: CONFLICT_NOTE }) },
    invalid,
  };
  return JSON.stringify({ summary, differences }, undefined, 2);
}

/** Without what would move the cursor: Redis may hold anything. */
const printable = (text: string): string => text.replace(/\p{C}/gu, '\ufffd');

const shorten = (text: string): string => (text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text);
