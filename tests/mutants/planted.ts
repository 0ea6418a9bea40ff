import type { Mutant } from './mutants.ts';

/** A bug that is planted, and the part of the pipeline that it is in. */
export type PlantedBug = Mutant & { readonly part: string };

/** Bugs by their names: text that stands once in a file, what it becomes, and files of tests. */
type Bugs = Record<string, readonly [search: string, replace: string, ...tests: string[]]>;

const T = {
  ledger: 'tests/integration/ledgerProperties.test.ts',
  totals: 'tests/integration/totalsProperties.test.ts',
  topUsers: 'tests/integration/topUsersProperties.test.ts',
  ties: 'tests/integration/topUsersTies.test.ts',
  clock: 'tests/clock/ledgerClock.test.ts',
  revisions: 'tests/integration/revisions.test.ts',
  once: 'tests/integration/exactlyOnce.test.ts',
  worker: 'tests/functions/processOrders.test.ts',
  outage: 'tests/functions/processOrders.outage.test.ts',
  redelivery: 'tests/functions/processOrders.redelivery.test.ts',
  failure: 'lib/batch/failure.test.ts',
  backoff: 'lib/batch/backoff.test.ts',
  record: 'lib/counting/ledgerRecord.test.ts',
  value: 'lib/orders/order.value.test.ts',
  order: 'lib/orders/order.test.ts',
  timestamp: 'lib/orders/timestamp.test.ts',
  money: 'lib/orders/money.test.ts',
  periods: 'lib/stats/periods.test.ts',
  global: 'tests/functions/getGlobalStats.test.ts',
  user: 'tests/functions/getUserStats.test.ts',
  top: 'tests/functions/getTopUsers.test.ts',
  pipeline: 'tests/functions/getPipeline.test.ts',
  readOutage: 'tests/functions/readOutage.test.ts',
  stale: 'tests/integration/staleConnection.test.ts',
  dlq: 'tests/integration/dlq.test.ts',
  verify: 'tests/integration/verify.test.ts',
  cluster: 'tests/cluster/counting.test.ts',
  clusterApi: 'tests/cluster/api.test.ts',
} as const;

const BUGS: Record<string, Bugs> = {
  'lib/counting/countScript.ts': {
    'ledger is gone where a period ends': ['(newest + KEPT_PERIODS) * PERIOD + DAY', '(period + 1) * PERIOD', T.clock],
    'ledger expires four periods after its first order': [
      'if not latest or newest > latest then',
      'if not latest then',
      T.clock,
    ],
    'order is remembered for a period less': ['PERIOD_SECONDS}, 4,', 'PERIOD_SECONDS}, 3,', T.clock],
    'stamp of the future is taken for an old one': [
      '(period - stamp + 128) % 256 - 128',
      '(period - stamp) % 256',
      T.clock,
    ],
    'replica confirms duplicates': ['#!lua\n', '\n', T.outage],
    'order twice in a call counts twice': ['local bucket = changed[name]', 'local bucket', T.ledger, T.once],
    'lower version replaces a higher one': [
      "if new < old then return 's' end",
      "if new < old then return 'r' end",
      T.revisions,
      T.ledger,
    ],
    'replaced order is not taken off': ['takeOff(user, known)', '', T.revisions, T.totals],
    'duplicate is not taken off': ['else takeOff(users[i], record) end', 'end', T.once, T.totals],
    'order of another user is the same': [
      "if not isSameUser(known, record) then return 'c' end",
      '',
      T.ledger,
      T.revisions,
    ],
    'old revision counts though its order is forgotten': [
      "> MEMORY then return 'u' end",
      "> MEMORY * 9999 then return 'u' end",
      T.clock,
    ],
    'month without orders stays': ["call('HDEL', key, unpack(emptied))", 'local _', T.totals, T.revisions],
    'user without orders stays': ["call('DEL', key)", 'local _', T.totals, T.revisions],
    'who fell stays on the leaderboard': ["call('ZREM', topUsers, unpack(fallen))", 'local _', T.topUsers, T.totals],
    'leaderboard keeps too few': ['= 1000, 2000, 1500', '= 1000, 2000, 500', T.topUsers],
    'bucket that splits loses what moves': ["if goes then changed[pack('>I4', new)] = goes end", '', T.ledger, T.clock],
  },
  'lib/counting/count.ts': {
    'verdicts get mixed up': [
      'verdicts[place] = answers[index] ?? PASSED_OVER',
      'verdicts[index] = answers[index] ?? PASSED_OVER',
      T.worker,
      T.once,
      T.ledger,
    ],
    'last order of a batch is passed over': [
      'if (group.orders.length > 0) calls.push',
      'if (group.orders.length > 1) calls.push',
      T.worker,
    ],
  },
  'lib/counting/wire.ts': {
    'month goes to another user': [
      'add(sums[user + 1] ?? [], month, order.cents)',
      'add(sums[sums.length - 1] ?? [], month, order.cents)',
      T.totals,
      T.worker,
    ],
    'decision of an operator is ignored': ['order.isAccepted ? LATEST', 'false ? LATEST', T.clock, T.revisions, T.dlq],
  },
  'lib/counting/ledgerRecord.ts': {
    'items are no part of what an order says': ['of items) numbers', 'of items.slice(9)) numbers', T.record, T.ledger],
    'amount of a short record is cut off': ['cents >= 2 ** 24', 'cents >= 2 ** 25', T.record, T.totals],
  },
  'lib/orders/order.ts': {
    'items need not add up': ['if (sum === cents) return', 'if (true) return', T.value],
    'cancellation needs items': ['isCancelled ? NO_CONTENT : ', '', T.revisions, T.order],
  },
  'lib/orders/money.ts': {
    'fractions of cents are cut off': [' + MICROS_PER_CENT / 2', '', T.money, T.value],
  },
  'lib/orders/timestamp.ts': {
    'offset is added': ['minute - offset, second', 'minute + offset, second', T.timestamp],
    'day is that of the offset': ['offset === 0 && dayOf === dayInUtc ? text', 'true ? text', T.timestamp],
  },
  'lib/batch/processBatch.ts': {
    'order without an answer is done': ['return failureOfRedis(verdict.cause)', "return 'counted'", T.outage],
    'conflict is done': [
      "return new MessageFailure('conflict', 'order_id was counted already with other content')",
      "return 'duplicate'",
      T.worker,
      T.once,
    ],
    'connection is kept after a failure': ['if (processed.some(isFaultOfConnection)) count.giveUp();', '', T.outage],
  },
  'lib/batch/failure.ts': {
    'unknown revision waits and is tried again': [" || this.kind === 'unknown'", '', T.failure, T.revisions],
  },
  'lib/batch/backoff.ts': {
    'pause does not grow': ['2 ** (receiveCount - 1)', '2 ** 0', T.backoff],
    'pause has no limit': [
      'Math.min(BASE_SECONDS * 2 ** (receiveCount - 1), CAP_SECONDS)',
      'BASE_SECONDS * 2 ** (receiveCount - 1)',
      T.backoff,
    ],
  },
  'lib/batch/event.ts': {
    'every receive is the first': ['Number(attributes.ApproximateReceiveCount) : 1', '1 : 1', T.redelivery, T.outage],
  },
  'lib/batch/visibility.ts': {
    'hopeless message waits as well': ['failure.isPermanent ? 0', 'failure.isPermanent ? 30', T.worker, T.redelivery],
    'only ten failures of a batch are scheduled': [
      'await Promise.all(chunksOf(failures).map(',
      'await Promise.all(chunksOf(failures).slice(0, 1).map(',
      T.redelivery,
      T.outage,
      T.worker,
    ],
  },
  'lib/redis/connection.ts': {
    'idle connection is trusted': ['> TRUSTED_MS', '> 1e15', T.stale],
  },
  'lib/stats/read.ts': {
    'one shard stands for all': [
      'toGlobal(sumOf(read.map(({ total }) => total)))',
      'toGlobal(sumOf(read.slice(0, 1).map(({ total }) => total)))',
      T.clusterApi,
    ],
  },
  'lib/stats/periods.ts': {
    'last month of a range is left out': [
      'numberOf(unit, to) - numberOf(unit, from) + 1',
      'numberOf(unit, to) - numberOf(unit, from)',
      T.periods,
      T.global,
    ],
  },
  'lib/stats/totals.ts': {
    'cents are cut off': ['cents / 100;', 'Math.floor(cents / 100);', T.global, T.user],
    'long range misses months': ['at < all.length; at += 2', 'at < all.length; at += 4', T.global, T.user],
  },
  'lib/stats/topUsers.ts': {
    'equal users are in the wrong order': [
      '(a.userId < b.userId ? -1 : 1)',
      '(a.userId < b.userId ? 1 : -1)',
      T.ties,
      T.top,
    ],
    'leaderboards of shards are not cut': ['.slice(0, limit)', '', T.clusterApi],
  },
  'lib/stats/messages.ts': {
    'deliveries are read from one shard': [
      'shardsOf(redis).map(async',
      'shardsOf(redis).slice(0, 1).map(async',
      T.cluster,
      T.clusterApi,
    ],
  },
  'lib/redis/reader.ts': {
    'reader does not try again': [
      'giveUp(error);\n      return read();',
      'giveUp(error);\n      throw error;',
      T.readOutage,
    ],
    'reader takes as long as it likes': ['const TOTAL_MS = 900', 'const TOTAL_MS = 9000', T.readOutage],
  },
  'lib/http/handler.ts': {
    'outage is an internal error': ['if (error instanceof RedisUnavailableError) {', 'if (false) {', T.readOutage],
  },
  'scripts/dlq/ledger.ts': {
    'look at the ledger counts': ["countOrders(redis, orders, 'look')", 'countOrders(redis, orders)', T.dlq],
  },
  'scripts/dlq/purge.ts': {
    'purge of the hopeless takes all': ['only ? explanations.filter(isHopeless) : explanations', 'explanations', T.dlq],
    'purge deletes what is in no archive': ['await archive.append(chosen);', '', T.dlq],
  },
  'scripts/dlq/redrive.ts': {
    'what SQS refused is deleted': ['if (isConfirmed(', 'if (true || isConfirmed(', T.dlq],
    'decision of an operator is not sent': ["StringValue: 'true'", "StringValue: 'yes'", T.dlq],
  },
  'scripts/verify/recount.ts': {
    'verify takes a day for a month': ['day.slice(0, 7)', 'day.slice(0, 10)', T.verify],
  },
};

/** Bugs of the kinds that people make, in every part of the pipeline. */
export const plantedBugs: readonly PlantedBug[] = Object.entries(BUGS).flatMap(([file, bugs]) =>
  Object.entries(bugs).map(([name, [search, replace, ...tests]]) => ({
    name,
    part: partOf(file),
    file,
    search,
    replace,
    tests,
  })),
);

function partOf(file: string): string {
  if (file.endsWith('countScript.ts')) return 'Lua';
  if (file.startsWith('scripts/')) return 'scripts';
  if (/http|read|periods|totals|topUsers|messages/.test(file)) return 'readers';
  return file.startsWith('lib/batch/') || file.startsWith('lib/redis/') ? 'failure policy' : 'counting';
}
