import Table from 'cli-table3';
import { GLOBAL_FIELDS, globalDaysKey, USER_FIELDS } from '../../lib/stats/keys.ts';
import type { Difference } from './differences.ts';
import type { Recount, Uncounted } from './recount.ts';
import { formatUnits } from './recountedOrder.ts';
import type { RecountedTotals } from './totals.ts';

/** Most differences that the table shows. */
const MOST_ROWS = 50;
/** Most characters of a value that the table shows: a corrupt one may be of any length. */
const LONGEST_VALUE = 40;

const CONFLICT_NOTE =
  'for each of these orders the first line is assumed to be the one that was counted, though SQS may have delivered another one first';

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

/** @param more what it means if Redis merely holds more orders, e.g. `in none of the files` */
export function describeDifferences(differences: readonly Difference[], totals: RecountedTotals, more: string): string {
  if (differences.length === 0) {
    return `No difference: all ${totals.size} totals, the leaderboard and the ledger are as expected`;
  }
  const table = new Table({
    head: ['key', 'field', 'expected', 'in Redis'],
    style: { head: [], border: [], compact: true },
  });
  for (const { key, field, expected, actual, corrupt } of differences.slice(0, MOST_ROWS)) {
    const value = actual === null ? 'none' : shorten(printable(actual)) + (corrupt ? ' (corrupt)' : '');
    table.push([printable(key), printable(field), expected ?? 'none', value]);
  }
  const extra = countExtra(differences, totals);
  const first =
    extra > 0 ? `Redis also holds ${extra} ${extra === 1 ? 'order that is' : 'orders that are'} ${more}\n` : '';
  const rest = differences.length > MOST_ROWS ? `\nand ${differences.length - MOST_ROWS} more` : '';
  return `${first}Differences: ${differences.length}\n${table}${rest}`;
}

/**
 * How many extra orders Redis holds. It is 0 unless every difference is a number that is too large, and grand totals, days
 * and users agree on how many orders these are.
 */
function countExtra(differences: readonly Difference[], { ofShards }: RecountedTotals): number {
  if (!differences.every(isTooMuch)) return 0;
  const sum = (isOf: (difference: Difference) => boolean) =>
    differences.filter(isOf).reduce((sum, { expected, actual }) => sum + ordersOf(actual) - ordersOf(expected), 0);
  const extra = sum(({ field }) => field === GLOBAL_FIELDS[0]);
  const daysKeys = new Set(Array.from(ofShards.keys(), globalDaysKey));
  const inDays = sum(({ key }) => daysKeys.has(key));
  return extra === inDays && extra === sum(({ field }) => field === USER_FIELDS[0]) ? extra : 0;
}

const ordersOf = (value: string | null): number => Number(value?.split(' ')[0] ?? 0);

function isTooMuch({ expected, actual, corrupt }: Difference): boolean {
  const should = expected?.split(' ') ?? [];
  const is = actual?.split(' ') ?? [];
  return !corrupt && is.length > 0 && is.every((number, index) => Number(number) >= Number(should[index] ?? 0));
}

/** Summary and differences as one JSON object. Amounts are decimal strings: a JSON number may not hold them exactly. */
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

/** Replaces what would move the cursor: Redis may hold anything. */
const printable = (text: string): string => text.replace(/\p{C}/gu, '\ufffd');

const shorten = (text: string): string => (text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text);
