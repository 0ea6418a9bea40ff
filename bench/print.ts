import Table from 'cli-table3';
import { ONE_REDIS } from './cluster.ts';
import type { Goal } from './goals.ts';
import { SHAPES } from './race.ts';
import type { Report } from './report.ts';
import { ratioOf, type Spread } from './statistics.ts';

/** The report as tables. */
export function describe(report: Report, goals: readonly Goal[]): string {
  return [
    report.machine,
    'Orders a second: median of the rounds, and half the way from the slowest to the fastest',
    describeRace(report),
    report.limit ? `redis-benchmark, a pipeline of 100: ${spread(report.limit)}` : 'No redis-benchmark on PATH.',
    `${whole(report.growth.remembered)} orders remembered: ${spread(report.growth.full)}; beside it, into a Redis that was empty: ${spread(report.growth.empty)}`,
    'Batches of 100, 4 in flight, by what the ledger remembers; beside it, into a Redis with no ledger',
    tableOf(
      ['orders remembered', 'MB', 'orders/s', 'with no ledger', 'ratio'],
      report.ledger.map(({ remembered, megabytes, full, empty }) => [
        whole(remembered),
        whole(megabytes),
        spread(full),
        spread(empty),
        ratioOf(full, empty).toFixed(2),
      ]),
    ),
    'Batches of 100 into one Redis, and into Redis Clusters without replicas on the same machine',
    describeCluster(report),
    'Reads: milliseconds from the event to the answer',
    tableOf(
      ['route', 'in flight', 'p50', 'p99', 'requests/s'],
      report.reads.map((r) => [
        r.route,
        r.inFlight,
        r.p50Ms.toFixed(2),
        r.p99Ms.toFixed(2),
        whole(r.requestsPerSecond),
      ]),
    ),
    'Cold start: the bundle, and the time to load it in a new process',
    tableOf(
      ['function', 'kB', 'loaded in ms'],
      report.bundles.map(({ name, kilobytes, loadMs }) => [name, kilobytes.toFixed(0), loadMs.toFixed(0)]),
    ),
    'Memory in Redis',
    tableOf(
      ['what', 'how many', 'bytes each'],
      report.memory.map(({ what, number, bytesEach }) => [what, whole(number), bytesEach.toFixed(1)]),
    ),
    'Goals: ratios round by round, of which the median counts',
    tableOf(
      ['', 'goal', 'is', ''],
      goals.map(({ goal, target, actual, isMet }) => [goal, target, actual.toFixed(2), isMet ? 'pass' : 'miss']),
    ),
  ].join('\n');
}

function describeRace({ race }: Report): string {
  const contenders = [...new Set(race.map(({ contender }) => contender))];
  const rows = SHAPES.map(({ batch, inFlight }) => [
    batch,
    inFlight,
    ...contenders.map((name) => {
      const result = race.find((r) => r.contender === name && r.batch === batch && r.inFlight === inFlight);
      return result ? spread(result.ordersPerSecond) : '';
    }),
  ]);
  return tableOf(['batch', 'in flight', ...contenders], rows);
}

function describeCluster({ cluster }: Report): string {
  const rows = cluster.map(({ into, inFlight, ordersPerSecond }) => {
    const one = cluster.find((r) => r.into === ONE_REDIS && r.inFlight === inFlight);
    return [into, inFlight, spread(ordersPerSecond), ratioOf(ordersPerSecond, one?.ordersPerSecond).toFixed(2)];
  });
  return tableOf(['into', 'in flight', 'orders/s', 'ratio to one Redis'], rows);
}

function tableOf(head: string[], rows: (string | number)[][]): string {
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  table.push(...rows);
  return table.toString();
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');

const spread = ({ median, min, max }: Spread): string =>
  `${whole(median)} ± ${(((max - min) / 2 / median) * 100).toFixed(0)} %`;
