import { readFileSync } from 'node:fs';

/** The counting script, and the one of the checkpoint. */
const COUNT = 'lib/counting/count.lua';
const CHECKPOINT = 'lib/archive/checkpoint.lua';

/** A deliberate error: text that occurs once in a script, and what it becomes. */
type Mutant = {
  readonly name: string;
  /** The script. */
  readonly file: string;
  readonly search: string;
  readonly replace: string;
  /** Test files that should find it, the likeliest first. */
  readonly tests: readonly string[];
};

/** Each error's name, the text that it replaces, which occurs once in the source, and the new text. */
const LEDGER: Record<string, readonly [search: string, replace: string]> = {
  'corrupt buckets are not noticed': ['return shorts >= 0 and shorts % SHORT == 0 and', 'return'],
  'long records may reach beyond the bucket': ['return shorts >= 0 and', 'return'],
  'parts of a short record may be missing': ['shorts % SHORT == 0 and #bucket', '#bucket'],
  'parts of a record may be missing where an order is new': ['and (#bucket - HEADER_BYTES) % SHORT == 0', ''],
  'bucket without records is sound': ['#bucket > HEADER_BYTES\nend', 'true\nend'],
  'short record is found across a border': ['if (at - shorts) % SHORT == 0 then', 'if true then'],
  'long record is found across a border': ['elseif (at - HEADER_BYTES - 1) % LONG == 0 then', 'else'],
  'search ends at what looks like an id': ['at = find(bucket, id, at + 1, true)', 'at = nil'],
  'nothing is found in buckets of short records': [
    'and not find(bucket, sub(record, 1, ID_END), HEADER_BYTES + 1, true)',
    '',
  ],
  'long record is not counted in the header': ["pack('>I2', longs + 1)", "pack('>I2', longs)"],
  'long record that leaves stays counted': ['if length == LONG then longs = longs - 1 end', ''],
  'long record is inserted after short ones': ['.. record .. stamp .. rest', '.. rest .. record .. stamp'],
  'new short record ignores long ones': ['isNew = low == 0 and high == 0 and', 'isNew ='],
  'split moves what should stay': ['% (2 * half) >= half', '% (2 * half) < half'],
  'split uses another bit': ['size / BASES)', 'size / BASES * 2)'],
  'split loses what moves': ["if goes then changed[pack('>I4', new)] = goes end", ''],
  'split copies instead of moving': ['changed[name] = stays', ''],
  'split counts all long records in one bucket': ['longs[goes] = longs[goes] + 1', 'longs[false] = longs[false] + 1'],
  'split takes the newest for the oldest': ['if since > oldest[goes]', 'if since < oldest[goes]'],
  'new record is not in the number of records': ["changes, records = 'n', true, records + 1", "changes = 'n', true"],
  'new long record is not in the number of records': ['if not at then records = records + 1 end', ''],
  'second pass counts records twice': ['records = recordsBefore\n  if corruption', 'if corruption'],
  'level does not rise within a call': ['if new >= 2 * level then level = 2 * level end', ''],
  'next bucket to split off is used early': ['if bucket >= buckets then', 'if bucket > buckets then'],
  'corrupt bucket is split': [
    'if value and not isSound(value) then break end',
    'if value and not isSound(value) then value = nil end',
  ],
  'buckets are twice as long': ['floor(records / BUCKET_RECORDS)', 'floor(records / BUCKET_RECORDS / 2)'],
  'corrupt state is not noticed': ['if not latest or buckets < BASES then', 'if false then'],
  'order twice in a call counts twice': ['local bucket = changed[name]', 'local bucket'],
  'old order of version 1 is unknown': ['= version(record) > 1 and now', '= now'],
  'nothing is unknown': ['now - placed > REMEMBERED', 'now - placed > REMEMBERED * 9999'],
  'version that an operator accepted is unknown': ['isOld and flags < ACCEPTED', 'isOld'],
  'unknown only a day later': ['now - placed > REMEMBERED', 'now - placed > REMEMBERED + 86400'],
  'order of another user is the same': ["if not isSameUser(known, record) then return 'c' end", ''],
  'order of other content is the same': ['return isSame and', 'return'],
  'same version is superseded': ["if new < old then return 's' end", "if new <= old then return 's' end"],
  'lower version replaces': ["if new < old then return 's' end", "if new < old then return 'r' end"],
};

const CLOCK: typeof LEDGER = {
  'remembers one period less': ['KEPT_HOURS = 4, 3600,', 'KEPT_HOURS = 3, 3600,'],
  'remembers one period more': ['KEPT_HOURS = 4, 3600,', 'KEPT_HOURS = 5, 3600,'],
  'key expires without a margin': ['* PERIOD + REMEMBERED', '* PERIOD'],
  'key expires a period early': ['(newest + KEPT_PERIODS) * PERIOD', '(newest + KEPT_PERIODS - 1) * PERIOD'],
  'expiry is set once': ['if not latest or newest > latest then', 'if not latest then'],
  'expiry is brought forward': ['if not latest or newest > latest then', 'if newest ~= latest then'],
  'future date is ignored': ['if placed >= nextPeriod then', 'if false then'],
  'future date does not extend the expiry': ['if ahead[i] > newest then newest = ahead[i] end', ''],
  'stamp may be further ahead than it can express': ['MOST_AHEAD = 64', 'MOST_AHEAD = 9999'],
  'revision moves its order back in time': [
    'if age(byte(knownStamp)) < age(byte(entered)) then entered = knownStamp end',
    '',
  ],
  'stamp of the future is taken for an old one': ['(period - stamp + 128) % 256 - 128', '(period - stamp) % 256'],
  'header keeps a stamp of the future': ['if age(oldest) < age(byte(stamp)) then oldest = byte(stamp) end', ''],
  'header gets the newest stamp': ['if age(oldest) < age(byte(stamp)) then oldest', 'if true then oldest'],
  'header keeps an old stamp with a new order': ['and (period - oldest) % 256 < KEPT_PERIODS', ''],
  'old records are kept': ['if not isDropped(stamp) then', 'if true then'],
  'forgotten records stay in the number of records': ['records = records - 1', ''],
  'sweep takes thousands of buckets at once': ['SPLITS, SWEEP = 20, 100', 'SPLITS, SWEEP = 20, 7000'],
  'sweep skips every second bucket': ['(sweepNext + 1) % buckets', '(sweepNext + 2) % buckets'],
  'sweep does not start over': ['(sweepNext + 1) % buckets', '(sweepNext + 1)'],
  'sweep forgets the time left over': ['swept = swept + floor(due * pace)', 'swept = now'],
  'sweep catches up on years': ['if now - swept > PERIOD then swept = now - PERIOD end', ''],
  'sweep changes corrupt buckets': ['value and isSound(value) and isDropped', 'value and isDropped'],
  'sweep forgets nothing': ['if value and isSound(value) and isDropped', 'if false and isDropped'],
  'empty bucket stays': ["call('HDEL', ledger, unpack(emptied))", 'local _'],
  'old bucket is used unchanged': ['if bucket and isDropped(byte(bucket)) then', 'if false then'],
};

const TOTALS: typeof LEDGER = {
  'replaced order is not subtracted': ['subtractKnown(user, known)', ''],
  'replaced record stays': [
    '= enter(bucket, record, entered, at, length)\n      subtractKnown',
    '= enter(bucket, record, entered)\n      subtractKnown',
  ],
  'duplicate is not subtracted': ['else subtractKnown(users[i], record) end', 'end'],
  'month is subtracted from the days': ['subtract(groups[DAYS], sub(name, 1, 10),', 'subtract(groups[DAYS], month,'],
  'hour is subtracted from the months': ['subtract(groups[STATS], month,', 'subtract(groups[STATS], name,'],
  'first user of a call loses the amount of another': ['subtract(groups[HOURS + user],', 'subtract(groups[HOURS + 1],'],
  'January is of the year before': [
    'if month > 12 then year, month = year + 1,',
    'if month > 12 then year, month = year,',
  ],
  'years are too short': ['- floor(ofEra / 1460)', ''],
  'month grows beyond the largest total': ['orders <= MAX_TOTAL and cents <= MAX_TOTAL', 'orders <= MAX_TOTAL'],
  'total grows beyond the largest': ['total <= MAX_TOTAL and cents <= MAX_TOTAL', 'total <= MAX_TOTAL'],
  'number of orders grows beyond the largest': ['if total <= MAX_TOTAL and', 'if'],
  'largest total is refused': ['total <= MAX_TOTAL and cents <= MAX_TOTAL', 'total <= MAX_TOTAL and cents < MAX_TOTAL'],
  'month falls below zero': ['if orders > 0 and cents >= 0 and', 'if orders > 0 and'],
  'total falls below zero': ['(total > 0 and cents >= 0 or', '(total > 0 or'],
  'amount without orders in a month': ['elseif orders == 0 and cents == 0 or', 'elseif orders == 0 or'],
  'total amount without orders': ['or total == 0 and cents == 0)', 'or total == 0)'],
  'large amounts go through a double': ['if units < 1e13 then', 'if true then'],
  'cents have one digit': ["'%d.%02d'", "'%d.%d'"],
  'month without orders is written': ['group[at + VALUE] = DELETED', "group[at + VALUE] = '0 0.00'"],
  'month without orders stays': ["call('HDEL', key, unpack(emptied))", 'local _'],
  'user without orders stays': ["call('DEL', key)", 'local _'],
  'corrupt user fails the whole call': [
    'isAgain, userCorruptions[g - HOURS] = true, problem',
    'isAgain, corruption = true, problem',
  ],
  'corrupt user is only noticed': [
    'isAgain, userCorruptions[g - HOURS] = true, problem',
    'userCorruptions[g - HOURS] = problem',
  ],
  'corrupt days are not noticed': ['#groups[DAYS] > 0 and addUp(DAYS)\n', 'nil\n'],
  'month may begin with anything': ["'^%d+() %d+%.%d%d$'", "'%d+() %d+%.%d%d$'"],
  'month may end with anything': ["'^%d+() %d+%.%d%d$'", "'^%d+() %d+%.%d%d'"],
  'number of orders may be anything': ["find(orders, '^%d+$')", "find(orders, '%d+')"],
  'amount may be anything': ["find(amount, '^%d+%.%d%d$')", "find(amount, '%d+%.%d%d')"],
};

const HOURS: typeof LEDGER = {
  'old order enters its hour': ['if hour < firstHour then break end', ''],
  'old order is taken out of its hour': ['if hour >= firstHour then subtract', 'if true then subtract'],
  'replaced order stays in its hour': ['if hour >= firstHour then subtract(groups[HOURS], name, cents) end', ''],
  'hours are kept for less than 72': ['HOUR, KEPT_HOURS = 4, 3600, 96', 'HOUR, KEPT_HOURS = 4, 3600, 71'],
  'hour falls below zero': ['and cents == 0 or g == HOURS then', 'and cents == 0 then'],
  'hours that are over stay': ['if g == HOURS and not text then isNewHour = true end', ''],
  'hour that is not over goes': ['if name < hourName(firstHour)', 'if name <= hourName(firstHour)'],
  'minute begins with each call': ['if passed ~= 0 then thatMinute', 'if true then thatMinute'],
  'minute never ends': ['if passed ~= 0 then thatMinute', 'if false then thatMinute'],
  'minute before is any earlier one': ['passed == 1 and thatMinute or 0', 'thatMinute'],
  'minute lacks later versions': ['thatMinute + new + (others.r or 0)', 'thatMinute + new'],
};

const TOP_USERS: typeof LEDGER = {
  'trim keeps too few': ['local floorCents, floorUser', 'KEPT_TOP = 500 local floorCents, floorUser'],
  'trim never begins': ['local floorCents, floorUser', 'MOST_TOP = 9000 local floorCents, floorUser'],
  'set is never rebuilt': ['if floorCents >= 0 and ranked', 'if false and ranked'],
  'set is rebuilt too late': ['local floorCents, floorUser', 'LEAST_TOP = 90 local floorCents, floorUser'],
  'set is rebuilt from one page': ["until cursor == '0'", 'until true'],
  'set is rebuilt only above a floor': ["local cursor = '0'", "floorCents = 12000 local cursor = '0'"],
  'user below the floor stays': ["if #fallen > 0 then call('ZREM'", "if false then call('ZREM'"],
  'user without orders stays in the set': [
    'if moreCents < 0 or total == 0 then hasFallen',
    'if moreCents < 0 then hasFallen',
  ],
  'floor is not kept': ["call('SET', floorKey,", 'local _ = type(floorKey,'],
  'floor is not removed': ["call('DEL', floorKey)", 'local _'],
  'score is not the total': [
    'scores[#scores + 1], scores[#scores + 2] = groups[g][1 + CENTS],',
    'scores[#scores + 1], scores[#scores + 2] = decimal(cents + 100),',
  ],
  'floor may begin with anything': ["match(floorText, '^", "match(floorText, '"],
};

const PERMISSIONS: typeof LEDGER = {
  'first call does not ask for all permissions': ['isTry or isEmpty or not latest or', 'isTry or'],
  'permission for the expiry is not asked for': ['or newest > latest or', 'or'],
  'permissions for known orders are not asked for': ['or next(others)', ''],
  'permissions for new orders are not asked for': [
    "local commands = { 'HSET', 'HDEL', 'ZADD' }",
    'local commands = {}',
  ],
};

const REPLAY: typeof LEDGER = {
  'replay does not look at the fence': ['if fence ~= ARGV[6] then return', 'if false then return'],
  'replay puts up no fence': ["call('HSET', checkpoint, 'fence', ARGV[7])", ''],
  'replay counts what may be forgotten': ['if not isKnown then return', 'if false then return'],
  'replay does not know when the data were born': ['(born and now - born < REMEMBERED or clock', '(clock'],
  'new totals are not born': ["  call('HSET', checkpoint, 'born', format('%d', now))", ''],
  'totals are born again': [
    "if isEmpty then\n  call('HSET', checkpoint, 'born'",
    "if true then\n  call('HSET', checkpoint, 'born'",
  ],
  'what the ledger drops is not noted': [
    'local lostBefore = (dropping - KEPT_PERIODS + 1) * PERIOD',
    'local lostBefore = 0',
  ],
  'ledger that is gone is not noted': ['then lostBefore = now + 1 end', 'then end'],
  'ledger that is gone is noted after two months': [
    'if now - last < 2 * REMEMBERED then lostBefore',
    'if true then lostBefore',
  ],
  'what is restored does not matter when the ledger is gone': ['tonumber(last[2]) or 0)', '0)'],
  'replay counts into totals without a ledger': ['isEmpty or lostBefore <= now and', 'isEmpty or'],
  'replay counts duplicates as messages': ['if field and not isReplay then', 'if field then'],
  'restored lacks later versions': ['restored = new + (others.r or 0)', 'restored = new'],
  'replay takes no later version of an unknown order': ['flags < ACCEPTED and not isReplay', 'flags < ACCEPTED'],
  'stamp of the future is dropped': ['(dropping - stamp + 128) % 256 - 128', '(dropping - stamp) % 256'],
  'record is dropped before the archive is replayed': [
    'dropping = math.min(period, floor((clock - HOUR) / PERIOD))',
    '',
  ],
  'record that is not dropped is remembered': ['local isForgotten = at and', 'local isForgotten = false and'],
  'replay forgets as early as the worker': ['at and not isReplay and age', 'at and age'],
  'record that is counted again is added to the number of records': [
    'if not at then records = records + 1 end',
    'records = records + 1',
  ],
  'order that comes again is not remembered for longer': [
    "elseif verdict ~= 'c' and age(byte(entered))",
    "elseif verdict == 'x' and age(byte(entered))",
  ],
};

const CORRUPT_CHECKPOINTS: typeof LEDGER = {
  'corrupt checkpoint is found too late': ['if isEmpty and marks.err then corruption', 'if false then corruption'],
  'corrupt checkpoint is written to': ['lost or 0) and not marks.err then', 'lost or 0) then'],
};

const CHECKPOINTS: typeof LEDGER = {
  'checkpoint moves although Redis lost something': ['if standing ~= fence then return { err = FENCED } end', ''],
  'checkpoint may change before a replay begins': ["if (stored or '') ~= ARGV[5] then return { err = FENCED } end", ''],
  'replay begins without a fence': ["call('HSET', checkpoint, 'fence', fence)", ''],
  'checkpoint is younger than its time': ['move(now - lag)', 'move(now)'],
  'checkpoint of a beginning is younger than its time': ['move(now - since)', 'move(now)'],
  'checkpoint moves where the ledger may have forgotten': [
    'if isKnown then move(now - since) end',
    'move(now - since)',
  ],
  'clock of Redis does not matter': ['clock and now - clock - (time - stored) / 1000 or lag', 'lag'],
  'time without orders matters': ['- (time - stored) / 1000', ''],
  'birth of a shard does not matter': ['or born and now - born < REMEMBERED', ''],
  'checkpoint does not matter': ['(since < REMEMBERED or', '(false or'],
  'what the ledger lost does not matter': ['not isLost and', ''],
  'what the ledger lost before the birth of a shard matters': ['tonumber(born or 0)', '0'],
  'nothing is ever forgotten': ['local isKnown = isEmpty', 'local isKnown = true or isEmpty'],
};

const TESTS = {
  ledger: 'tests/integration/ledgerProperties.test.ts',
  ledgerExamples: 'tests/integration/ledger.test.ts',
  totals: 'tests/integration/totalsProperties.test.ts',
  topUsers: 'tests/integration/topUsersProperties.test.ts',
  clock: 'tests/clock/ledgerClock.test.ts',
  hours: 'tests/clock/hours.test.ts',
  refusals: 'tests/functions/redisRefusals.test.ts',
  replay: 'tests/functions/replayArchive.test.ts',
  neverTwice: 'tests/functions/replayArchive.neverTwice.test.ts',
  replayClock: 'tests/clock/replay.test.ts',
};

const listed = (errors: typeof LEDGER, tests: readonly string[], file = COUNT) =>
  Object.entries(errors).map(([name, [search, replace]]) => ({ name, file, search, replace, tests }));

const replayTests = [TESTS.neverTwice, TESTS.replay, TESTS.replayClock];

/** Errors of every kind in the scripts. */
export const mutants: readonly Mutant[] = [
  ...listed(LEDGER, [TESTS.ledger, TESTS.totals, TESTS.clock]),
  ...listed(CLOCK, [TESTS.clock, TESTS.ledger]),
  ...listed(TOTALS, [TESTS.totals, TESTS.ledger]),
  ...listed(HOURS, [TESTS.hours, TESTS.clock]),
  ...listed(TOP_USERS, [TESTS.topUsers, TESTS.totals]),
  ...listed(PERMISSIONS, [TESTS.refusals]),
  ...listed(REPLAY, replayTests),
  ...listed(CORRUPT_CHECKPOINTS, [TESTS.ledgerExamples]),
  ...listed(CHECKPOINTS, replayTests, CHECKPOINT),
];

/**
 * Puts an error into the source of its script.
 *
 * @throws an error where its text does not occur exactly once
 */
export function mutate(source: string, { name, file, search, replace }: Mutant): string {
  const [before, after, more] = source.split(search);
  if (before === undefined || after === undefined || more !== undefined) {
    throw new Error(`${name}: the script ${file} must contain this once: ${search}`);
  }
  return before + replace + after;
}

/** @throws an error that names the errors that cannot be put in */
export function checkAll(): void {
  const misfits = mutants.flatMap((mutant) => {
    try {
      mutate(readFileSync(mutant.file, 'utf8'), mutant);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : error];
    }
  });
  if (misfits.length > 0) throw new Error(`The code has changed: adapt tests/mutants.\n${misfits.join('\n')}`);
}
