import { type Figure, type Figures, median, ratioOf } from './figures.ts';

/** What a run should come to; `actual` is missing where it was not measured. */
export type Goal = {
  readonly goal: string;
  readonly target: string;
  readonly actual: number | undefined;
  readonly result: 'pass' | 'miss' | 'not measured';
};

const FOUR = 'batch 100, 4 in flight';
const RANGE = '/stats/global, 120 months';

/** Compares the figures of a run with the goals: ratios wherever possible, as no two machines are alike. */
export function judge(figures: Figures): Goal[] {
  const find = figures.find.bind(figures);
  const race = (batch: string, other: string) => ratioOf(find('race', batch, 'handler'), find('race', batch, other));
  const remembered = (row: string) =>
    ratioOf(find('remembered', row, 'remembered'), find('remembered', row, 'not remembered'));
  const cluster = (batch: string) =>
    ratioOf(find('cluster', 'cluster of 3', batch), find('cluster', 'one Redis', batch));
  const nodeTime = (name: string) =>
    ratioOf(find('nodeTime', name, 'batch 100'), find('nodeTime', 'cluster of 1', 'batch 100'));
  const reads = (route: string) => find('reads', route, '100 in flight');
  return [
    atLeast('batch 100, to Powertools', 6, race('batch 100', 'Powertools')),
    atLeast(`${FOUR}, to Powertools`, 9, race(FOUR, 'Powertools')),
    atLeast('batch 100, to one pipeline without dedupe', 3, race('batch 100', 'pipeline')),
    atLeast(`${FOUR}, to one pipeline without dedupe`, 4, race(FOUR, 'pipeline')),
    atMost(
      'time in Redis, batch 100, to one pipeline without dedupe',
      1,
      ratioOf(find('redisTime', 'batch 100', 'handler'), find('redisTime', 'batch 100', 'pipeline')),
    ),
    atLeast('1 million remembered, to none', 0.95, remembered('ledger of 1,000,000')),
    atLeast('10 million remembered, to none', 0.85, remembered('ledger of 10,000,000')),
    atLeast('100 million remembered, to none', 0.8, remembered('ledger of 100,000,000')),
    atLeast('1 million counted of 100,000 users, to an empty Redis', 0.9, remembered('1,000,000 orders counted')),
    atMost('bytes an order of 1 million remembered', 36, medianOf(find('memory', 'order of 1,000,000', 'bytes'))),
    atMost('bytes an order of 100 million remembered', 32, medianOf(find('memory', 'order of 100,000,000', 'bytes'))),
    atMost('bytes of a user with 3 months', 220, medianOf(find('memory', 'user with 3 months', 'bytes'))),
    atLeast('120 months, 100 in flight, requests/s', 6000, medianOf(reads(RANGE))),
    atLeast('120 months, 100 in flight, to one month', 0.3, ratioOf(reads(RANGE), reads('/stats/global, 1 month'))),
    atLeast('/top-users of 100, 100 in flight, requests/s', 3000, medianOf(reads('/top-users, 100'))),
    atLeast('cluster of 3 on the same cores, batch 100, to one Redis', 0.9, cluster('batch 100')),
    atLeast('cluster of 3 on the same cores, batch 1000, to one Redis', 1.2, cluster('batch 1000')),
    atMost('CPU of the busiest node an order, 3 primaries, to 1', 0.4, nodeTime('cluster of 3')),
    atMost('CPU of the busiest node an order, 6 primaries, to 1', 0.22, nodeTime('cluster of 6')),
    atMost('replicated bytes an order, none remembered', 400, medianOf(find('replicated', 'ledger of 0', 'bytes'))),
    atMost(
      'replicated bytes an order, 1 million remembered',
      400,
      medianOf(find('replicated', 'ledger of 1,000,000', 'bytes')),
    ),
  ];
}

const medianOf = (figure: Figure | undefined): number | undefined => figure && median(figure.rounds);

function atLeast(goal: string, target: number, actual: number | undefined): Goal {
  return { goal, target: `at least ${target}`, actual, result: resultOf(actual, (value) => value >= target) };
}

function atMost(goal: string, target: number, actual: number | undefined): Goal {
  return { goal, target: `at most ${target}`, actual, result: resultOf(actual, (value) => value <= target) };
}

function resultOf(actual: number | undefined, isMet: (actual: number) => boolean): Goal['result'] {
  if (actual === undefined) return 'not measured';
  return isMet(actual) ? 'pass' : 'miss';
}
