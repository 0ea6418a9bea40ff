import { pickNumber, type Random, seededRandom } from '../../scripts/shared/random.ts';
import type { Route } from './api.ts';
import { generateMessages, type SentMessage } from './messages.ts';
import type { Command } from './operatorCode.ts';
import { type Fault, randomFault } from './randomFault.ts';
import type { TargetKind } from './target.ts';

/** Something that happens at a time, in milliseconds since the beginning. */
type Timed<T> = T & { readonly at: number };

/** All that happens from outside: what is left of it follows from the code and the seed. */
export type Schedule = {
  readonly seed: number;
  /** Milliseconds since 1970. */
  readonly start: number;
  /** Milliseconds until nothing more comes from outside. */
  readonly length: number;
  readonly target: TargetKind;
  readonly batchSize: number;
  readonly concurrency: number;
  /** How often SQS delivers twice. */
  readonly duplicates: number;
  /** Keys in an answer of S3. */
  readonly pageSize: number;
  /** Whether Redis is filled from nothing in the end. */
  readonly isRebuilt: boolean;
  readonly messages: readonly SentMessage[];
  readonly faults: readonly Timed<Fault>[];
  readonly requests: readonly Timed<{ readonly route: Route }>[];
  readonly commands: readonly Timed<{ readonly command: Command }>[];
};

const SECOND = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LEDGER_PERIOD = 10 * DAY;
const BEGIN = Date.UTC(2026, 0, 1);

/**
 * The schedule of a seed.
 *
 * @param days how long it is; undefined for a short one, of minutes to weeks
 */
export function scheduleOf(seed: number, days: number | undefined): Schedule {
  const random = seededRandom(seed, days ?? 0);
  const target = pickTarget(random);
  const frame = days === undefined ? shortFrame(random) : longFrame(days, random);
  const { start, users } = frame;
  const messages = generateMessages(frame, random);
  const length = Math.max(frame.length, messages.at(-1)?.at ?? 0);
  const times = <T>(count: number, make: () => T): Timed<T>[] =>
    Array.from({ length: count }, () => ({
      at: frame.timeOf(random) + pickNumber(random, 2 * SECOND),
      ...make(),
    })).sort((a, b) => a.at - b.at);
  const settings = { target, mayJump: random() < 0.5, isLong: days !== undefined };
  return {
    seed,
    start,
    length,
    target,
    batchSize: pick(frame.batchSizes, random),
    concurrency: 1 + pickNumber(random, 5),
    duplicates: [0, 0.02, 0.1][pickNumber(random, 3)] ?? 0,
    pageSize: pick(frame.pageSizes, random),
    isRebuilt: random() < 0.25,
    messages,
    faults: withSnapshots(
      times(frame.faults, () => randomFault(settings, random)),
      random,
    ),
    requests: times(frame.requests, () => ({ route: randomRoute(users, start, random) })),
    commands: times(frame.commands, () => ({ command: pick(COMMANDS, random) })),
  };
}

/** Lets snapshots be taken of which some are restored. */
function withSnapshots(faults: readonly Timed<Fault>[], random: Random): Timed<Fault>[] {
  const snapshots = faults.flatMap((fault): Timed<Fault>[] => {
    const restored = fault.kind === 'replay' ? fault.meanwhile : fault;
    if (restored.kind !== 'old snapshot') return [];
    const age = random() * pick([60 * SECOND, HOUR, DAY, 10 * DAY, 35 * DAY], random);
    return [{ kind: 'snapshot', at: Math.max(fault.at - Math.floor(age), 0) }];
  });
  return [...faults, ...snapshots].sort((a, b) => a.at - b.at);
}

const COMMANDS: readonly [Command, ...Command[]] = [
  'redrive',
  'redrive',
  'redrive --only retryable',
  'redrive --accept-unknown',
  'purge --only invalid',
  'purge',
];

const pick = <T>(list: readonly [T, ...T[]], random: Random): T => list[pickNumber(random, list.length)] ?? list[0];

function pickTarget(random: Random): TargetKind {
  const chance = random();
  if (chance < 0.1) return 'disk';
  if (chance < 0.18) return 'pair';
  return chance < 0.28 ? 'cluster' : 'memory';
}

/** When and how much. */
type Frame = {
  readonly start: number;
  readonly length: number;
  readonly orders: number;
  readonly users: number;
  readonly spread: number;
  readonly timeOf: (random: Random) => number;
  readonly batchSizes: readonly [number, ...number[]];
  readonly pageSizes: readonly [number, ...number[]];
  readonly faults: number;
  readonly requests: number;
  readonly commands: number;
};

function shortFrame(random: Random): Frame {
  // Some cross a border of ledger periods, and some take weeks, with nothing but a few bursts.
  const isWeeks = random() < 0.25;
  const length = isWeeks
    ? (10 + pickNumber(random, 50)) * DAY
    : pick([60 * SECOND, 600 * SECOND, 3 * HOUR, DAY], random);
  const border = Math.ceil((BEGIN + pickNumber(random, 300) * DAY) / LEDGER_PERIOD) * LEDGER_PERIOD;
  const start = random() < 0.3 ? border - Math.floor(length * random()) : border - pickNumber(random, LEDGER_PERIOD);
  const bursts = isWeeks ? Array.from({ length: 2 + pickNumber(random, 4) }, () => pickNumber(random, length)) : [];
  return {
    start,
    length,
    orders: 2 + Math.floor(random() ** 3 * 60),
    users: 1 + pickNumber(random, 25),
    spread: length,
    timeOf: atOneOf(bursts, length),
    batchSizes: [1, 3, 10, 30, 100, 100],
    pageSizes: [1, 3, 1000],
    faults: pickNumber(random, 7),
    requests: pickNumber(random, 8),
    commands: random() < 0.3 ? 1 + pickNumber(random, 2) : 0,
  };
}

function longFrame(days: number, random: Random): Frame {
  const length = days * DAY;
  // Some get thousands of orders in a few rushes, so that the ledger and the leaderboard have much to do.
  const isBusy = random() < 0.2;
  const rushes = Array.from({ length: isBusy ? Math.ceil(days / 2) : 0 }, () => pickNumber(random, length));
  return {
    start: BEGIN + pickNumber(random, 300 * DAY),
    length,
    orders: days * (isBusy ? 35 : 8),
    users: isBusy ? 6000 : pick([50, 500], random),
    spread: isBusy ? HOUR : 35 * DAY,
    timeOf: atOneOf(rushes, length),
    batchSizes: isBusy ? [100] : [3, 10, 100],
    pageSizes: [30, 1000],
    faults: days,
    requests: days,
    commands: Math.ceil(days / 5),
  };
}

/** Times around some moments, or where there are none, at any time. */
const atOneOf =
  (moments: readonly number[], length: number) =>
  (random: Random): number =>
    moments.length > 0
      ? (moments[pickNumber(random, moments.length)] ?? 0) + pickNumber(random, 60 * SECOND)
      : pickNumber(random, length);

function randomRoute(users: number, start: number, random: Random): Route {
  const month = (ms: number) => new Date(ms).toISOString().slice(0, 7);
  const from = start - pickNumber(random, 400) * DAY;
  const range =
    random() < 0.5 ? {} : { range: { from: month(from), to: month(from + pickNumber(random, 1500) * DAY) } };
  switch (pickNumber(random, 9)) {
    case 0:
      return { kind: 'health' };
    case 3:
      return { kind: 'pipeline' };
    case 4:
      return { kind: 'overview' };
    case 1:
      return { kind: 'top', limit: 1 + pickNumber(random, 100) };
    case 2:
      return { kind: 'user', userId: `U${pickNumber(random, users + 1)}`, ...range };
    default:
      return { kind: 'global', ...range };
  }
}
