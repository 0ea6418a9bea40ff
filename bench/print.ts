import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import Table from 'cli-table3';
import { findRedisServer } from '../scripts/shared/findProgram.ts';
import { type Figure, type Figures, median, TABLES } from './figures.ts';
import type { Goal } from './goals.ts';

/** What the figures hold for. */
export async function describeMachine(): Promise<string> {
  const redis = execFileSync(await findRedisServer(), ['--version'], { encoding: 'utf8' });
  const version = /v=([\d.]+)/.exec(redis)?.[1] ?? 'unknown';
  const date = new Date().toISOString().slice(0, 10);
  return `${cpus()[0]?.model}, ${cpus().length} cores, Node.js ${process.version}, Redis ${version}, ${date}`;
}

/** All figures as tables: medians of the rounds, and half the way from the lowest to the highest. */
export function describeFigures(figures: Figures): string {
  return Object.entries(TABLES)
    .map(([table, title]) => {
      const ofTable = figures.all.filter((figure) => figure.table === table);
      const columns = [...new Set(ofTable.map(({ column }) => column))];
      const rows = [...new Set(ofTable.map(({ row }) => row))].map((row) => [
        row,
        ...columns.map((column) => spread(ofTable.find((figure) => figure.row === row && figure.column === column))),
      ]);
      return `${title}\n${tableOf(['', ...columns], rows)}`;
    })
    .join('\n');
}

/** The goals, what was measured, and whether that is enough. */
export function describeGoals(goals: readonly Goal[]): string {
  const rows = goals.map(({ goal, target, actual, result }) => [
    goal,
    target,
    actual === undefined ? '' : short(actual),
    result,
  ]);
  return `Goals: ratios round by round, of which the median counts\n${tableOf(['', 'goal', 'is', ''], rows)}`;
}

function tableOf(head: string[], rows: string[][]): string {
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  table.push(...rows);
  return table.toString();
}

function spread(figure: Figure | undefined): string {
  if (!figure) return '';
  const { rounds } = figure;
  const middle = median(rounds);
  if (rounds.length === 1) return short(middle);
  return `${short(middle)} ± ${(((Math.max(...rounds) - Math.min(...rounds)) / 2 / middle) * 100).toFixed(0)} %`;
}

const short = (value: number): string => (value < 100 ? value.toFixed(2) : Math.round(value).toLocaleString('en'));
