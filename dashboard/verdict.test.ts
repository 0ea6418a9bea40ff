import { expect, test } from 'vitest';
import { MESSAGE_FIELDS, perName } from '../lib/results.ts';
import type { Pipeline } from './api.ts';
import { cloudWatchUrl } from './cloudWatch.ts';
import { assess, type Evidence, levelOf, type Seen, VERDICTS } from './verdict.ts';

const AS_OF = '2026-11-30T08:30:00.000Z';
const ago = (seconds: number) => new Date(Date.parse(AS_OF) - seconds * 1000).toISOString();
const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];

const later = (seconds: number) => new Date(Date.parse(AS_OF) + seconds * 1000);

const lastCount = (age_seconds: number) => ({ at: ago(age_seconds), age_seconds });
const queue = (waiting: number, in_flight = 0) => ({ waiting, in_flight, delayed: 0 });
const reasons = (some: Readonly<Record<string, number>> = {}) => ({
  invalid: 0,
  conflict: 0,
  unknown: 0,
  late: 0,
  not_known: 0,
  ...some,
});
const letters = (
  waiting: number,
  last_hour: number,
  oldest: number | null,
  some: Readonly<Record<string, number>>,
) => ({
  waiting,
  last_hour,
  oldest_seconds: oldest,
  reasons: reasons(some),
});

const WELL: Pipeline = {
  messages: { ...perName(MESSAGE_FIELDS, () => 0), counted: 5000 },
  rate: 0,
  queue: queue(0),
  dead_letters: letters(0, 0, null, {}),
  last_count: lastCount(2),
  replayed_until: ago(5 * MINUTE),
  restored_at: null,
};

/** 72 hours: `orders` in each until `hoursAgo`, and none since. */
const hoursUntil = (hoursAgo: number, orders: number) =>
  Array.from({ length: 72 }, (_, n) => ({ period: `hour ${n}`, orders: 71 - n >= hoursAgo ? orders : 0 }));
const daysUntil = (daysAgo: number, orders: number) =>
  Array.from({ length: 60 }, (_, n) => ({ period: `day ${n}`, orders: 59 - n >= daysAgo ? orders : 0 }));

/** A shop with 20 orders per hour. */
const BUSY = { hours: hoursUntil(0, 20), days: daysUntil(0, 480) };
/** A shop with an order every two hours. */
const QUIET = { hours: hoursUntil(0, 0.5), days: daysUntil(0, 12) };

type Changes = Partial<Omit<Evidence, 'pipeline'>> & { readonly pipeline?: Partial<Pipeline> };

const evidence = ({ pipeline, ...changes }: Changes = {}): Evidence => ({
  asOf: new Date(AS_OF),
  stage: 'prod',
  figures: QUIET,
  ...changes,
  pipeline: { ...WELL, ...pipeline },
});

/** A history of `seconds`, seen every two seconds, with `before` seen ahead of it. */
const seen = (seconds: number, pipeline: Partial<Pipeline>, before?: Partial<Pipeline>): Seen[] => [
  ...Array.from({ length: Math.floor(seconds / 2) }, (_, n) => ({
    secondsAgo: 2 * (n + 1),
    pipeline: { ...WELL, last_count: lastCount(2 * (n + 1) + 1), ...pipeline },
  })),
  ...(before ? [{ secondsAgo: seconds + 2, pipeline: { ...WELL, ...before } }] : []),
];

const NO_STATISTICS = { figures: undefined };
const REDIS_AWAY = { messages: null, rate: null, last_count: null, replayed_until: null, restored_at: null };
const unknownLetters = (waiting: number) => ({ waiting, last_hour: null, oldest_seconds: null, reasons: null });
const STUCK = { queue: queue(3), last_count: lastCount(3 * HOUR) };
const PAUSED = { queue: queue(0, 3), last_count: lastCount(3 * HOUR) };

test.each<[string, Changes, readonly Seen[], ...string[]]>([
  ['orders come and are counted', { figures: BUSY, pipeline: { rate: 41, queue: queue(3, 80) } }, []],
  [
    'no order ever came',
    {
      figures: { hours: hoursUntil(72, 0), days: daysUntil(60, 0) },
      pipeline: { last_count: null, replayed_until: null },
    },
    [],
  ],
  ['a quiet shop had its last order hours ago', { pipeline: { last_count: lastCount(3 * HOUR) } }, []],
  ['one message has just come to a quiet shop', { pipeline: STUCK }, []],
  [
    'one batch has just come, on the page that is open',
    { pipeline: { ...STUCK, queue: queue(5000, 900) } },
    seen(8, STUCK, {
      queue: queue(0),
      last_count: lastCount(3 * HOUR),
    }),
  ],
  ['a long queue is counted within two minutes', { pipeline: { rate: 900, queue: queue(90_000, 1000) } }, []],
  [
    'many wait, and the last count was an hour ago',
    { pipeline: { queue: queue(12_000), last_count: lastCount(HOUR) } },
    [],
    'failing: 12,000 messages wait, none is counted',
  ],
  [
    'few wait in a busy shop, and the last count was an hour ago',
    { figures: BUSY, pipeline: { queue: queue(7), last_count: lastCount(HOUR) } },
    [],
    'failing: 7 messages wait, none is counted',
  ],
  [
    'few have waited for half a minute',
    { pipeline: STUCK },
    seen(30, STUCK, { queue: queue(0), last_count: lastCount(3 * HOUR) }),
    'attention: 3 messages wait longer than usual',
  ],
  ['few have waited for a minute', { pipeline: STUCK }, seen(60, STUCK), 'failing: 3 messages wait, none is counted'],
  [
    'the first orders of a new stage wait',
    { pipeline: { queue: queue(1), last_count: null } },
    [],
    'attention: 1 message waits longer than usual',
  ],
  [
    'more wait than are counted within an hour',
    { pipeline: { rate: 240, queue: queue(903_000, 1000) } },
    seen(60, { rate: 240, queue: queue(880_000, 1000) }),
    'failing: 903,000 messages wait: 62 minutes of work',
  ],
  [
    'more wait than are counted within an hour, on the first answer',
    { pipeline: { rate: 240, queue: queue(903_000, 1000) } },
    [],
    'attention: 903,000 messages wait: 62 minutes of work',
  ],
  [
    'many have just come where few were counted',
    { pipeline: { rate: 0.02, queue: queue(1234) } },
    seen(8, { rate: 0.02, queue: queue(1234) }, { rate: 0.02, queue: queue(0) }),
  ],
  [
    'a backlog is counted within half an hour',
    { pipeline: { rate: 500, queue: queue(900_000, 1000) } },
    [],
    'attention: 900,000 messages wait: 30 minutes of work',
  ],
  [
    'after an outage, orders pause until they are tried again',
    { pipeline: { queue: queue(0, 573), last_count: lastCount(10 * MINUTE) } },
    [],
    'attention: 573 orders are late',
  ],
  [
    'after an outage, new orders are counted while others pause',
    { pipeline: { rate: 12, queue: queue(0, 573) } },
    seen(60, { rate: 12, queue: queue(0, 580) }),
    'attention: 573 orders are late',
  ],
  ['a worker holds a batch of 500', { pipeline: { rate: 3, queue: queue(0, 500) } }, []],
  [
    'a worker holds the first batch after a pause',
    { pipeline: { queue: queue(0, 500), last_count: lastCount(10 * MINUTE) } },
    [],
  ],
  [
    'after an outage, a quiet shop has orders that pause',
    { pipeline: { queue: queue(0, 501), last_count: lastCount(10 * MINUTE) } },
    [],
    'attention: 501 orders are late',
  ],
  ['workers hold what they count', { pipeline: { rate: 60, queue: queue(0, 573) } }, []],
  ['few have paused for a minute', { pipeline: PAUSED }, seen(60, PAUSED), 'attention: 3 orders are late'],
  [
    'a busy shop had its last order 3 days ago',
    { figures: { hours: hoursUntil(72, 20), days: daysUntil(3, 480) }, pipeline: { last_count: lastCount(3 * DAY) } },
    [],
    'attention: No order for 3 days',
  ],
  [
    'a busy shop has had no order for three hours',
    { figures: { hours: hoursUntil(3, 20), days: daysUntil(0, 480) }, pipeline: { last_count: lastCount(3 * HOUR) } },
    [],
    'attention: No order for 3 hours',
  ],
  [
    'a busy shop has had no order for ten minutes',
    { figures: BUSY, pipeline: { last_count: lastCount(10 * MINUTE) } },
    [],
  ],
  [
    'Redis does not answer',
    { ...NO_STATISTICS, pipeline: { ...REDIS_AWAY, queue: queue(0, 300), dead_letters: unknownLetters(3) } },
    [],
    'failing: Redis does not answer',
    'known: 3 messages are in the dead-letter queue',
  ],
  ['a key of the statistics is corrupt', NO_STATISTICS, [], 'attention: The statistics cannot be read'],
  [
    'the results of messages are corrupt',
    { pipeline: REDIS_AWAY },
    [],
    'attention: The results of messages cannot be read',
  ],
  [
    'SQS does not answer',
    { pipeline: { queue: null, dead_letters: null } },
    [],
    'attention: The queues cannot be seen',
  ],
  [
    'nothing answers',
    { ...NO_STATISTICS, pipeline: { ...REDIS_AWAY, queue: null, dead_letters: null } },
    [],
    'failing: Redis does not answer',
    'attention: The queues cannot be seen',
  ],
  [
    'a message was invalid some minutes ago',
    { pipeline: { dead_letters: letters(1, 1, 9 * MINUTE, { invalid: 1 }) } },
    [],
    'attention: 1 message is in the dead-letter queue, new',
  ],
  [
    'a message was invalid hours ago',
    { pipeline: { dead_letters: letters(1, 0, 3 * HOUR, { invalid: 1 }) } },
    [],
    'known: 1 message is in the dead-letter queue',
  ],
  [
    'some dead letters are new, others known',
    { pipeline: { dead_letters: letters(5, 2, 3 * HOUR, { invalid: 3, late: 2 }) } },
    [],
    'attention: 5 messages are in the dead-letter queue, 2 new ones',
  ],
  [
    'dead letters have come in an outage, in which nobody recorded them',
    { pipeline: { dead_letters: letters(40, 0, null, { not_known: 40 }) } },
    [],
    'attention: 40 messages are in the dead-letter queue',
  ],
  [
    'there are more dead letters than a minute ago',
    { pipeline: { dead_letters: letters(40, 0, null, { not_known: 40 }) } },
    seen(60, { dead_letters: letters(38, 0, null, { not_known: 38 }) }),
    'attention: 40 messages are in the dead-letter queue, 2 new ones',
  ],
  [
    'a replay has restored orders',
    { pipeline: { restored_at: ago(12 * MINUTE) } },
    [],
    'attention: Orders were restored 12 minutes ago',
  ],
  ['a replay restored orders yesterday', { pipeline: { restored_at: ago(DAY) } }, []],
  [
    'the replay has not run',
    { pipeline: { replayed_until: ago(3 * HOUR) } },
    [],
    'attention: The replay is 3 hours behind',
  ],
  ['the stage has no archive', { pipeline: { replayed_until: null } }, []],
])('%s', (_, changes, history, ...expected) => {
  const findings = assess(evidence(changes), history);
  expect(findings.map(({ level, title }) => `${level}: ${title}`)).toEqual(expected);
});

test('the worst finding decides, in one word for the top of the page', () => {
  const worst = (changes: Changes) => levelOf(assess(evidence(changes)));
  const old = letters(1, 0, 3 * HOUR, { invalid: 1 });
  expect(worst({})).toBe('well');
  expect(worst({ pipeline: { dead_letters: old } })).toBe('known');
  expect(worst({ pipeline: { dead_letters: old, queue: null } })).toBe('attention');
  expect(worst({ ...NO_STATISTICS, pipeline: { ...REDIS_AWAY, queue: null } })).toBe('failing');
  expect(VERDICTS).toMatchObject({ well: 'All is well', failing: 'Orders are not counted in time' });
});

test('while nothing is new, time passes all the same', () => {
  const before = evidence({
    figures: BUSY,
    pipeline: { queue: queue(3), last_count: lastCount(10), replayed_until: null },
  });
  expect(assess(before)).toEqual([]);
  expect(assess({ ...before, asOf: later(HOUR) }).map(({ title }) => title)).toEqual([
    '3 messages wait, none is counted',
  ]);
  const restored = evidence({ pipeline: { restored_at: ago(59 * MINUTE) } });
  expect(assess(restored)).toHaveLength(1);
  expect(assess({ ...restored, asOf: later(2 * MINUTE) })).toEqual([]);
});

test('a long queue says how fast it is counted, and whether it grows', () => {
  const meaningOf = (before: number) => {
    const history = before > 0 ? seen(60, { rate: 500, queue: queue(before) }) : [];
    return assess(evidence({ pipeline: { rate: 500, queue: queue(903_000) } }), history)[0]?.meaning;
  };
  const kept = 'Nothing is lost: the queue keeps messages for 14 days.';
  expect(meaningOf(0)).toBe(`500 orders are counted per second. ${kept}`);
  expect(meaningOf(880_000)).toBe(
    `500 orders are counted per second. More orders come than are counted: 23,000 more than 60 seconds ago. ${kept}`,
  );
  expect(meaningOf(950_000)).toBe(
    `500 orders are counted per second. There are 47,000 fewer than 60 seconds ago. ${kept}`,
  );
});

test('dead letters name the reasons that are known, and no other', () => {
  const of = (dead_letters: Pipeline['dead_letters']) => assess(evidence({ pipeline: { dead_letters } }))[0];
  const mixed = of(letters(6, 0, 2 * DAY, { invalid: 2, conflict: 1, unknown: 1, late: 1, not_known: 1 }));
  expect(mixed?.reasons).toEqual([
    'Invalid: not JSON, or against a rule: 2 messages',
    'Conflicts: counted before with other content: 1 message',
    'Unknown: revise an old order that was forgotten: 1 message',
    'Late: valid orders that could not be counted or archived in time: 1 message',
    'Not known: nobody recorded why: 1 message',
  ]);
  expect(mixed?.meaning).toMatch(/^None came in the last hour\. The oldest came at most 2 days ago\. /);
  expect(of(unknownLetters(6))).toMatchObject({ reasons: [], meaning: expect.stringMatching(/^SQS keeps them/) });
});

test('orders that were restored are not called none', () => {
  const waiting = { queue: queue(500), last_count: null };
  const meaning = (restored_at: string | null) =>
    assess(evidence({ pipeline: { ...waiting, restored_at } })).find(({ title }) => title.startsWith('500'))?.meaning;
  expect(meaning(null)).toMatch(/^No order has been counted yet\. /);
  expect(meaning(ago(MINUTE))).toMatch(/^No order has been counted since Redis lost its data\. /);
});

test('commands name the stage, except on stage local', () => {
  const broken = {
    pipeline: { queue: queue(500), last_count: lastCount(HOUR), dead_letters: letters(1, 1, 60, { invalid: 1 }) },
  };
  const commands = (stage: string) => assess(evidence({ ...broken, stage })).map(({ command }) => command);
  expect(commands('prod')).toEqual([
    'npx serverless logs -f processOrders --stage prod',
    'npm run dlq -- list --stage prod',
  ]);
  expect(commands('local')).toEqual([undefined, 'npm run dlq -- list']);
});

test('on AWS there is a dashboard of the stage', () => {
  expect(cloudWatchUrl('a1b2c3.execute-api.eu-central-1.amazonaws.com', 'prod')).toBe(
    'https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#dashboards/dashboard/orders-prod',
  );
  expect(cloudWatchUrl('localhost', 'local')).toBeUndefined();
});
