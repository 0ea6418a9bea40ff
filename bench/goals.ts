import { type Figures, short, tableOf } from './figures.ts';

/** What a run should come to; `actual` is missing where it was not measured. */
type Goal = {
  readonly goal: string;
  readonly target: string;
  readonly actual: number | undefined;
  readonly result: 'pass' | 'miss' | 'not measured';
};

const FOUR = 'batch 100, 4 in flight';
const RANGE = '/stats/global, 120 months';
const ARCHIVE = 'one Redis';
const BUSY = '100 in flight';
const START = 'npm start';

/** Ratios wherever possible, as no two machines are alike. These seven are measured with `--quick` too. */
export function ratioGoals(figures: Figures): Goal[] {
  const race = (row: string, other: string) => figures.ratio('race', [row, 'handler'], [row, other]);
  return [
    atLeast('batch 100, to Powertools', 6, race('batch 100', 'Powertools')),
    atLeast(`${FOUR}, to Powertools`, 10, race(FOUR, 'Powertools')),
    atLeast('batch 100, to one pipeline without dedupe', 3.5, race('batch 100', 'pipeline')),
    atLeast(`${FOUR}, to one pipeline without dedupe`, 4.5, race(FOUR, 'pipeline')),
    atLeast('1 million remembered, to none', 0.95, remembered(figures, 'ledger of 1,000,000')),
    atLeast('cluster of 3 on the same cores, batch 100, to one Redis', 0.8, cluster(figures, 'batch 100')),
    atMost('CPU of the busiest node per order, 3 primaries, to 1', 0.38, nodeTime(figures, 'cluster of 3')),
  ];
}

/** All other goals of a run. */
export function otherGoals(figures: Figures): Goal[] {
  const bytes = (table: 'memory' | 'replicated', row: string) => figures.median(table, [row, 'bytes']);
  return [
    atMost(
      'time in Redis, batch 100, to one pipeline without dedupe',
      1,
      figures.ratio('redisTime', ['batch 100', 'handler'], ['batch 100', 'pipeline']),
    ),
    atLeast('10 million remembered, to none', 0.85, remembered(figures, 'ledger of 10,000,000')),
    atLeast('100 million remembered, to none', 0.8, remembered(figures, 'ledger of 100,000,000')),
    atLeast(
      '1 million counted of 100,000 users, to an empty Redis',
      0.9,
      remembered(figures, '1,000,000 orders counted'),
    ),
    atMost('bytes per order of 1 million remembered', 36, bytes('memory', 'order of 1,000,000')),
    atMost('bytes per order of 100 million remembered', 32, bytes('memory', 'order of 100,000,000')),
    atMost('bytes of a user with 3 months', 220, bytes('memory', 'user with 3 months')),
    atLeast('120 months, 100 in flight, requests/s', 6000, figures.median('reads', [RANGE, BUSY])),
    atLeast(
      '120 months, 100 in flight, to one month',
      0.3,
      figures.ratio('reads', [RANGE, BUSY], ['/stats/global, 1 month', BUSY]),
    ),
    atLeast(
      '/overview, 100 in flight, to /stats/global of one month',
      0.25,
      figures.ratio('reads', ['/overview', BUSY], ['/stats/global, 1 month', BUSY]),
    ),
    atLeast('/top-users of 100, 100 in flight, requests/s', 3000, figures.median('reads', ['/top-users, 100', BUSY])),
    atLeast('cluster of 3 on the same cores, batch 1000, to one Redis', 1, cluster(figures, 'batch 1000')),
    atMost('CPU of the busiest node per order, 6 primaries, to 1', 0.21, nodeTime(figures, 'cluster of 6')),
    atLeast(
      'rebuild from the archive, batch 100, to counting only',
      1,
      figures.ratio('archive', [ARCHIVE, 'rebuild'], [ARCHIVE, 'counting only']),
    ),
    atMost(
      'CPU of the handler with the archive, batch 100, to without',
      2,
      figures.ratio('archiveTime', [ARCHIVE, 'handler and archive'], [ARCHIVE, 'handler']),
    ),
    atMost('bytes per order in the archive', 30, figures.median('archiveBytes', [ARCHIVE, 'bytes'])),
    atMost('replicated bytes per order, none remembered', 400, bytes('replicated', 'ledger of 0')),
    atMost('replicated bytes per order, 1 million remembered', 400, bytes('replicated', 'ledger of 1,000,000')),
    atMost('`npm start`, seconds to the first answer', 1.5, figures.median('start', [START, 'seconds'])),
    atMost('sent to counted, ms, median', 50, figures.median('visible', [START, 'median'])),
    atMost('sent to counted, ms, 99 %', 150, figures.median('visible', [START, '99 %'])),
  ];
}

const remembered = (figures: Figures, row: string) =>
  figures.ratio('remembered', [row, 'remembered'], [row, 'not remembered']);

const cluster = (figures: Figures, batch: string) =>
  figures.ratio('cluster', ['cluster of 3', batch], ['one Redis', batch]);

const nodeTime = (figures: Figures, name: string) =>
  figures.ratio('nodeTime', [name, 'batch 100'], ['cluster of 1', 'batch 100']);

/** The goals, what was measured, and whether that is enough. */
export function describeGoals(goals: readonly Goal[]): string {
  const lines = goals.map(({ goal, target, actual, result }) => [
    goal,
    target,
    actual === undefined ? '' : short(actual),
    result,
  ]);
  return `Goals: ratios round by round, of which the median counts\n${tableOf(['', 'goal', 'is', ''], lines)}`;
}

const atLeast = (goal: string, least: number, actual: number | undefined): Goal =>
  goalOf(goal, `at least ${least}`, actual, (value) => value >= least);

const atMost = (goal: string, most: number, actual: number | undefined): Goal =>
  goalOf(goal, `at most ${most}`, actual, (value) => value <= most);

function goalOf(goal: string, target: string, actual: number | undefined, isMet: (actual: number) => boolean): Goal {
  if (actual === undefined) return { goal, target, actual, result: 'not measured' };
  return { goal, target, actual, result: isMet(actual) ? 'pass' : 'miss' };
}
