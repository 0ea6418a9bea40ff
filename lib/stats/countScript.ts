import { GLOBAL_FIELDS, LAST_COUNTED, USER_FIELDS } from './keys.ts';
import {
  BASES,
  BUCKET_RECORDS,
  CANCELLED_CENTS,
  CONTENT_BYTES,
  HEADER_BYTES,
  ID_BYTES,
  RECORD_BYTES,
  USER_BYTES,
} from './ledgerRecord.ts';
import { MAX_TOTAL_CENTS } from './maxTotal.ts';
import { ACCEPTED_FLAG, MESSAGES_BY_VERDICT, ORDER_BYTES } from './wire.ts';

/** Length of a period of the ledger in seconds: 10 days. */
export const PERIOD_SECONDS = 10 * 24 * 60 * 60;

const luaTable = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name} = '${value}'`)
    .join(', ');

const quoted = (fields: readonly string[]): string => fields.map((field) => `'${field}'`).join(', ');

/**
 * Counts orders exactly once. Each order enters the ledger and all totals in this one script, or none of them.
 *
 * KEYS  1 ledger · 2 top users · 3 their floor · 4 global:messages · 5 global:stats · 6 global:days · then the hash of
 *       each user
 * ARGV  1 `count`, or to change nothing `look`, or `try`, which also fails where `count` would lack a permission
 *       2 the orders, as wire.ts writes them
 *       3 what the orders add to the keys from the fifth if all of them are new, field by field: number of the key,
 *         from 1 (2 bytes), length of the field (1), its name, orders (2), cents (6)
 *       4 what the keys of users start with
 * Returns { verdicts, details }: a letter for each order, see VERDICTS in wire.ts; for each f the reason; with `look` for each
 *       d, s, c, r what is counted: version, cents, day, and 1 where it is of the same user; in the order of the letters
 *
 * The first line has Redis refuse the script where it refuses writes. Otherwise a replica could answer `d` for an order
 * that the primary has lost, and its message would be deleted.
 *
 * Everything is read before anything is written, so an error cannot leave an order half counted. Node.js adds up what
 * the orders contribute if all of them are new, as nearly all are; what the ledger knows is taken off again.
 */
export const countLua = /* lua */ `#!lua
local KEYS, ARGV, call, pcall = KEYS, ARGV, redis.call, redis.pcall
local floor, char, byte, find, sub = math.floor, string.char, string.byte, string.find, string.sub
local format, match, concat = string.format, string.match, table.concat
local pack, read = struct.pack, struct.unpack

-- Few functions, as each is made anew in every call: what is used once stands where it is used, and what is needed only
-- for orders that the ledger knows is made only then.

local ledger, topUsers, floorKey, messages = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local isLook, orders, sums, userPrefix = ARGV[1] ~= 'count', ARGV[2], ARGV[3], ARGV[4]
local ORDER = ${ORDER_BYTES}
local count = #orders / ORDER

-- AMOUNTS are decimals with two digits in Redis, and whole cents here.

local MAX_TOTAL = ${MAX_TOTAL_CENTS}

local function decimal(cents)
  local hundredths = cents % 100
  return format('%d.%02d', (cents - hundredths) / 100, hundredths)
end

-- Cents of an amount that a pattern has matched. Below 1e13 a double of units gives the cents, which is faster.
local function centsOf(amount)
  local units = tonumber(amount)
  if units < 1e13 then return floor(units * 100 + 0.5) end
  return tonumber(sub(amount, 1, -4)) * 100 + sub(amount, -2)
end

-- LEDGER: linear hashing (Litwin 1980). A field of the hash is a bucket: a header, long records, then short ones. The
-- header holds the stamp of its oldest record, and how many are long (2 bytes). The field 'state' holds: records,
-- buckets, the bucket to sweep next, the time that the sweep has reached, the latest period that a record is stamped with.
-- The buckets grow by one for every LOAD records, so a bucket stays short however many records there are.

local PERIOD, KEPT_PERIODS, DAY = ${PERIOD_SECONDS}, 4, 86400
-- The worker refuses orders dated more than a year ahead. This limit keeps a stamp unambiguous modulo 256 where the clock
-- of Redis is years behind, and leaves room for a clock that goes back.
local MOST_AHEAD = 64
local MEMORY = 30 * DAY
-- SPLITS and SWEEP are the most buckets that a call splits and sweeps over.
local LOAD, SPLITS, SWEEP = ${BUCKET_RECORDS}, 20, 100
local BASES, HEADER, SHORT, LONG = ${BASES}, ${HEADER_BYTES}, ${RECORD_BYTES.short}, ${RECORD_BYTES.long}
-- Bytes before the parts of a record.
local USER, CONTENT, NUMBERS = ${ID_BYTES}, ${ID_BYTES + USER_BYTES}, ${ID_BYTES + USER_BYTES + CONTENT_BYTES}

local now = tonumber(call('TIME')[1])
local period = floor(now / PERIOD)
local stamp = char(period % 256)
local records, buckets, sweepNext, swept, latest
-- The buckets that have changed, by their fields.
local changed

-- Periods since a stamp; below 0 for a stamp of the future: of an order dated ahead, or after a clock went back.
local function age(stamp)
  return (period - stamp + 128) % 256 - 128
end

local function isSound(bucket)
  local _, high, low = byte(bucket, 1, HEADER)
  local shorts = low and #bucket - HEADER - (high * 256 + low) * LONG or -1
  return shorts >= 0 and shorts % SHORT == 0 and #bucket > HEADER
end

-- The records of a bucket that are still remembered, as one bucket or, with a half, as two: those of the bucket itself,
-- and those of the bucket that splits off it, whose number has the bit of the half. False for one without records.
local function split(bucket, half)
  local parts = { [true] = {}, [false] = {} }
  local longs = { [true] = 0, [false] = 0 }
  local oldest = { [true] = -128, [false] = -128 }
  local at, longsLeft = HEADER + 1, byte(bucket, 2) * 256 + byte(bucket, 3)
  while at <= #bucket do
    local length = longsLeft > 0 and LONG or SHORT
    longsLeft = longsLeft - 1
    local since = age(byte(bucket, at + length - 1))
    if since < KEPT_PERIODS then
      local goes = half ~= nil and read('>I3', bucket, at) % (2 * half) >= half
      local part = parts[goes]
      part[#part + 1] = sub(bucket, at, at + length - 1)
      if length == LONG then longs[goes] = longs[goes] + 1 end
      if since > oldest[goes] then oldest[goes] = since end
    else
      records = records - 1
    end
    at = at + length
  end
  local function join(goes)
    local part = parts[goes]
    return #part > 0 and char((period - oldest[goes]) % 256) .. pack('>I2', longs[goes]) .. concat(part)
  end
  return join(false), join(true)
end

-- TOTALS: a group for each key from the fifth, a flat list of field, orders, cents. What the ledger knows is taken off,
-- then orders become what is to be written: false where a field is to be deleted.

local STATS, DAYS = 1, 2
local groups, newCounts, newCents, hasFallen

-- Makes a group what is to be written; returns the reason where its key is corrupt.
local function addUp(g, countField, amountField)
  local group, key = groups[g], KEYS[4 + g]
  local stored
  local next = countField and 3 or 1
  if countField and #group == 3 then
    stored = pcall('HMGET', key, countField, amountField, group[1])
  else
    local fields = { countField, amountField }
    for at = 1, #group, 3 do fields[#fields + 1] = group[at] end
    stored = pcall('HMGET', key, unpack(fields))
  end
  if stored.err then return key .. ': ' .. stored.err end
  local moreOrders, moreCents = 0, 0
  for at = 1, #group, 3 do
    local orders, cents, text = group[at + 1], group[at + 2], stored[next]
    moreOrders, moreCents, next = moreOrders + orders, moreCents + cents, next + 1
    if text then
      local space = match(text, '^%d+() %d+%.%d%d$')
      if not space then return key .. ': ' .. group[at] .. ' is corrupt' end
      orders, cents = orders + sub(text, 1, space - 1), cents + centsOf(sub(text, space + 1))
    end
    if orders > 0 and cents >= 0 and orders <= MAX_TOTAL and cents <= MAX_TOTAL then
      local hundredths = cents % 100
      group[at + 1] = format('%d %d.%02d', orders, (cents - hundredths) / 100, hundredths)
    elseif orders == 0 and cents == 0 then
      group[at + 1] = false
    else
      return key .. ': ' .. group[at] .. ' is corrupt'
    end
  end
  if not countField then return end
  local orders, amount = stored[1], stored[2]
  if (not orders or find(orders, '^%d+$')) and (not amount or find(amount, '^%d+%.%d%d$')) then
    local total, cents = moreOrders + (orders or 0), moreCents + (amount and centsOf(amount) or 0)
    if total <= MAX_TOTAL and cents <= MAX_TOTAL and (total > 0 and cents >= 0 or total == 0 and cents == 0) then
      newCounts[g], newCents[g] = total, cents
      if moreCents < 0 or total == 0 then hasFallen[g] = true end
      return
    end
  end
  return key .. ': ' .. countField .. ' or ' .. amountField .. ' is corrupt'
end

-- TOP USERS: a sorted set of the LEAST to MOST users that spent most, of equal ones the first by id; or of all where there
-- are fewer. The floor is the first user that is not in it: all of the set come before. Too few are left only where the
-- totals of hundreds of them fell: then they are found anew among all users.

local LEAST, MOST, KEPT = 1000, 2000, 1500
local floorCents, floorUser

local function isTop(cents, user)
  if cents ~= floorCents then return cents > floorCents end
  -- Not with <, which follows the locale of the server.
  for at = 1, #user do
    local one, other = byte(user, at), byte(floorUser, at)
    if one ~= other then return other ~= nil and one < other end
  end
  return #user < #floorUser
end

local function trim()
  local surplus = call('ZCARD', topUsers) - KEPT
  if surplus <= MOST - KEPT then return end
  local score = call('ZRANGE', topUsers, surplus - 1, surplus - 1, 'WITHSCORES')[2]
  local equal = call('ZRANGE', topUsers, score, score, 'BYSCORE')
  local kept = KEPT - call('ZCOUNT', topUsers, '(' .. score, '+inf')
  floorCents, floorUser = math.min(floor(score * 100 + 0.5), MAX_TOTAL), equal[kept + 1]
  call('ZREMRANGEBYSCORE', topUsers, '-inf', '(' .. score)
  call('ZREM', topUsers, unpack(equal, kept + 1))
end

-- READ what all orders share, and their buckets.

local corruption
local state = pcall('HGET', ledger, 'state')
if not state then
  records, buckets, sweepNext, swept = 0, BASES, 0, now
elseif state.err then
  corruption = ledger .. ': ' .. state.err
else
  records, buckets, sweepNext, swept, latest = match(state, '^(%d+) (%d+) (%d+) (%d+) (%d+)$')
  records, buckets, sweepNext = tonumber(records), tonumber(buckets), tonumber(sweepNext)
  swept, latest = tonumber(swept), tonumber(latest)
  if not latest or buckets < BASES then corruption = ledger .. ': state is corrupt' end
end

local ranked, floorText = pcall('ZCARD', topUsers), pcall('GET', floorKey)
for _, reply in ipairs({ state, ranked, floorText }) do
  if type(reply) == 'table' and find(reply.err, '^WRONGTYPE') ~= 1 then return reply end
end
if type(ranked) == 'table' then
  corruption = topUsers .. ': ' .. ranked.err
elseif type(floorText) == 'table' then
  corruption = floorKey .. ': ' .. floorText.err
elseif floorText then
  floorCents, floorUser = match(floorText, '^(%d+) (.+)$')
  floorCents = tonumber(floorCents)
  if not floorCents then corruption = floorKey .. ' is corrupt' end
else
  floorCents = -1
end

-- The largest number of buckets that is BASES times a power of two: the ledger is on the way to its double.
local level = BASES
local users, names, stored = {}, {}, nil
-- An order is remembered from the later of its counting and its date. Here are the periods of those dated ahead of this one:
-- without them, a later version could find its order forgotten while the date is still young enough to count as new.
local ahead, newest, nextPeriod = {}, period, (period + 1) * PERIOD
if not corruption then
  while level * 2 <= buckets do level = level * 2 end
  for i = 1, count do
    local user, base, placed, top = read('>I2I2I5xI3', orders, (i - 1) * ORDER + 1)
    if placed >= nextPeriod then
      ahead[i] = math.min(floor(placed / PERIOD), period + MOST_AHEAD)
      if ahead[i] > newest then newest = ahead[i] end
    end
    local bucket = (base + BASES * top) % (2 * level)
    if bucket >= buckets then bucket = bucket - level end
    users[i], names[i] = user, pack('>I4', bucket)
  end
  stored = call('HMGET', ledger, unpack(names))
end

-- JUDGE the orders, and ADD UP what they change. Where a key proves to be corrupt, once more without its orders.

local verdicts, details
-- How many orders have each of the verdicts but n.
local others
-- Reasons by the number of the user.
local userCorruptions = {}

-- Makes what is needed where a bucket is corrupt, holds records to forget, or knows an order; or where a user is corrupt.
local function unusual()
  local CANCELLED, ACCEPTED = ${CANCELLED_CENTS}, ${ACCEPTED_FLAG}

  -- Where the record of an id is in a bucket, and its length.
  local function locate(bucket, id)
    local shorts = HEADER + 1 + (byte(bucket, 2) * 256 + byte(bucket, 3)) * LONG
    local at = find(bucket, id, HEADER + 1, true)
    while at do
      if at >= shorts then
        if (at - shorts) % SHORT == 0 then return at, SHORT end
      elseif (at - HEADER - 1) % LONG == 0 then
        return at, LONG
      end
      at = find(bucket, id, at + 1, true)
    end
  end

  -- A bucket, or none, with one more record under a stamp, and without the one at a place.
  local function enter(bucket, record, stamp, at, length)
    local oldest, high, low = byte(bucket or stamp .. '\\0\\0', 1, HEADER)
    local longs, rest = high * 256 + low, bucket and sub(bucket, HEADER + 1) or ''
    if at then
      rest = sub(bucket, HEADER + 1, at - 1) .. sub(bucket, at + length)
      if length == LONG then longs = longs - 1 end
    end
    if age(oldest) < age(byte(stamp)) then oldest = byte(stamp) end
    if #record == SHORT - 1 then return char(oldest) .. pack('>I2', longs) .. rest .. record .. stamp end
    return char(oldest) .. pack('>I2', longs + 1) .. record .. stamp .. rest
  end

  local function version(record)
    return #record < LONG - 1 and 1 or (read('>I3', record, NUMBERS + 1))
  end

  -- What an order adds to the totals: cents and day; nothing where it is cancelled.
  local function contribution(record)
    local cents, day
    if #record < LONG - 1 then
      cents, day = read('>I3I2', record, NUMBERS + 1)
    else
      cents, day = read('>I5I3', record, NUMBERS + 4)
    end
    if cents ~= CANCELLED then
      return cents, format('%04d-%02d-%02d', 1970 + floor(day / 512), floor(day / 32) % 16, day % 32)
    end
  end

  local function subtract(group, name, cents)
    for at = 1, #group, 3 do
      if group[at] == name then
        group[at + 1], group[at + 2] = group[at + 1] - 1, group[at + 2] - cents
        return
      end
    end
    group[#group + 1], group[#group + 2], group[#group + 3] = name, -1, -cents
  end

  local function takeOff(user, record)
    local cents, day = contribution(record)
    if not cents then return end
    local month = sub(day, 1, 7)
    subtract(groups[STATS], month, cents)
    subtract(groups[DAYS], day, cents)
    subtract(groups[DAYS + user], month, cents)
  end

  local function isSameUser(one, other)
    return sub(one, USER + 1, CONTENT) == sub(other, USER + 1, CONTENT)
  end

  local function compare(known, record)
    if not isSameUser(known, record) then return 'c' end
    local old, new = version(known), version(record)
    if new < old then return 's' end
    if new > old then return 'r' end
    local isSame = sub(known, CONTENT + 1, NUMBERS) == sub(record, CONTENT + 1, NUMBERS)
    return isSame and contribution(known) == contribution(record) and 'd' or 'c'
  end

  local function judge(i, bucket, record)
    local name, user = names[i], users[i]
    if bucket and not isSound(bucket) then
      return 'f', ledger .. ': bucket ' .. read('>I4', name) .. ' is corrupt'
    end
    if bucket and age(byte(bucket)) >= KEPT_PERIODS then
      bucket = split(bucket)
      changed[name] = bucket
    end
    local at, length
    if bucket then at, length = locate(bucket, sub(record, 1, USER)) end
    local entered = ahead[i] and char(ahead[i] % 256) or stamp
    if not at then
      if userCorruptions[user] then return 'f', userCorruptions[user] end
      local placed, flags = read('>I5B', orders, (i - 1) * ORDER + 5)
      if version(record) > 1 and now - placed > MEMORY and flags < ACCEPTED then return 'u' end
      changed[name] = enter(bucket, record, entered)
      records = records + 1
      return 'n'
    end
    local known, knownStamp = sub(bucket, at, at + length - 2), sub(bucket, at + length - 1, at + length - 1)
    local verdict = compare(known, record)
    if verdict == 'r' then
      if userCorruptions[user] then return 'f', userCorruptions[user] end
      if age(byte(knownStamp)) < age(byte(entered)) then entered = knownStamp end
      changed[name] = enter(bucket, record, entered, at, length)
      takeOff(user, known)
    end
    if not isLook then return verdict end
    local cents, day = contribution(known)
    local isSame = isSameUser(known, record) and 1 or 0
    return verdict, format('%d %s %s %d', version(known), cents or '-', day or '-', isSame)
  end

  return judge, takeOff
end

local judge, takeOff, changes, isAgain
local recent = {}
for since = 0, KEPT_PERIODS - 1 do recent[(period - since) % 256] = true end
local recordsBefore = records

repeat
  isAgain, changes, verdicts, details, others, changed, records = false, false, {}, {}, {}, {}, recordsBefore
  if corruption then break end

  groups = {}
  local at = 1
  while at <= #sums do
    local g, name, orders, cents
    g, name, orders, cents, at = read('>I2Bc0I2I6', sums, at)
    local group = groups[g]
    if group then
      group[#group + 1], group[#group + 2], group[#group + 3] = name, orders, cents
    else
      groups[g] = { name, orders, cents }
    end
  end
  for g = 1, #KEYS - 4 do groups[g] = groups[g] or {} end

  local hasTakenOff = false
  for i = 1, count do
    local name, at = names[i], (i - 1) * ORDER + 11
    local isShort = byte(orders, at - 1) % 2 == 0
    local record = sub(orders, at, at + (isShort and SHORT or LONG) - 2)
    local bucket = changed[name]
    if bucket == nil then bucket = stored[i] end
    local isNew = isShort and not ahead[i] and not userCorruptions[users[i]]
    if isNew and bucket then
      local oldest, high, low = byte(bucket, 1, HEADER)
      isNew = low == 0 and high == 0 and recent[oldest] and #bucket > HEADER
        and (#bucket - HEADER) % SHORT == 0 and not find(bucket, sub(record, 1, USER), HEADER + 1, true)
    end
    if isNew then
      verdicts[i], changes, records = 'n', true, records + 1
      changed[name] = (bucket or stamp .. '\\0\\0') .. record .. stamp
    else
      if not judge then judge, takeOff = unusual() end
      local verdict, detail = judge(i, bucket, record)
      verdicts[i], details[#details + 1] = verdict, detail
      if verdict == 'n' or verdict == 'r' then changes = true else takeOff(users[i], record) end
      if verdict ~= 'n' then hasTakenOff, others[verdict] = true, (others[verdict] or 0) + 1 end
    end
    if isLook then changed = {} end
  end

  if hasTakenOff then
    for g, group in ipairs(groups) do
      local left = {}
      for at = 1, #group, 3 do
        if group[at + 1] ~= 0 or group[at + 2] ~= 0 then
          left[#left + 1], left[#left + 2], left[#left + 3] = group[at], group[at + 1], group[at + 2]
        end
      end
      groups[g] = left
    end
  end

  if changes and not isLook then
    newCounts, newCents, hasFallen = {}, {}, {}
    corruption = #groups[STATS] > 0 and addUp(STATS, ${quoted(GLOBAL_FIELDS)}) or #groups[DAYS] > 0 and addUp(DAYS) or nil
    isAgain = corruption ~= nil
    for g = DAYS + 1, #groups do
      local problem = #groups[g] > 0 and addUp(g, ${quoted(USER_FIELDS)})
      if problem then isAgain, userCorruptions[g - DAYS] = true, problem end
    end
  end
until not isAgain

if corruption then
  for i = 1, count do verdicts[i], details[i] = 'f', corruption end
end
-- Redis refuses a command of a script only where it comes to it. Between two writes that would leave orders half counted, so
-- it is asked for all of them before the first.
if ARGV[1] == 'try' or changes and not isLook then
  for _, command in ipairs({
    'HSET', 'HDEL', 'EXPIREAT', 'DEL', 'SET', 'ZADD', 'ZREM', 'ZREMRANGEBYSCORE', 'ZRANGE', 'ZCOUNT', 'SCAN', 'HINCRBY',
  }) do
    if not redis.acl_check_cmd(command, ledger) then
      return { err = "NOPERM this user has no permissions to run the '" .. command .. "' command" }
    end
  end
end

if corruption or isLook then return { concat(verdicts), details } end

-- COUNT the messages by their verdicts. They are no money, so an error here fails nothing else.

local new = count
for letter, times in pairs(others) do
  new = new - times
  local field = ({ ${luaTable(MESSAGES_BY_VERDICT)} })[letter]
  if field then pcall('HINCRBY', messages, field, times) end
end
if new > 0 then pcall('HINCRBY', messages, '${MESSAGES_BY_VERDICT.n}', new) end
if not changes then return { concat(verdicts), details } end
pcall('HSET', messages, '${LAST_COUNTED}', format('%d', now))

-- WRITE the ledger. Each call does its share of the upkeep: it splits buckets as the ledger grows, and sweeps over all
-- buckets once a period, so that records are forgotten also where no order comes by.

if swept > now then swept = now end
if now - swept > PERIOD then swept = now - PERIOD end
local pace = PERIOD / buckets
local due = math.min(SWEEP, floor((now - swept) / pace))
-- Rounded down: rather a bucket too early than one too late.
swept = swept + floor(due * pace)
local fields, splits = {}, {}
for n = 1, due do
  fields[n] = pack('>I4', sweepNext)
  sweepNext = (sweepNext + 1) % buckets
end
while floor(records / LOAD) > buckets + #splits and #splits < SPLITS do
  local new = buckets + #splits
  if new >= 2 * level then level = 2 * level end
  splits[#splits + 1] = { new, level }
  fields[#fields + 1] = pack('>I4', new - level)
end
if #fields > 0 then
  local values = call('HMGET', ledger, unpack(fields))
  for n, name in ipairs(fields) do
    local value = changed[name]
    if value == nil then value = values[n] end
    if n <= due then
      if value and isSound(value) and age(byte(value)) >= KEPT_PERIODS then changed[name] = split(value) end
    else
      -- A corrupt bucket cannot be split: the ledger waits for its repair, and works on with longer buckets.
      if value and not isSound(value) then break end
      local new, size = unpack(splits[n - due])
      if value then
        local stays, goes = split(value, size / BASES)
        changed[name] = stays
        if goes then changed[pack('>I4', new)] = goes end
      end
      buckets = new + 1
    end
  end
end
local set, emptied = { 'state', format('%d %d %d %d %d', records, buckets, sweepNext, swept, math.max(newest, latest or 0)) }, {}
for name, value in pairs(changed) do
  if value then
    set[#set + 1], set[#set + 2] = name, value
  else
    emptied[#emptied + 1] = name
  end
end
call('HSET', ledger, unpack(set))
if #emptied > 0 then call('HDEL', ledger, unpack(emptied)) end
if not latest or newest > latest then
  -- A day later than its last record may be forgotten: a key must never be about to expire when it is written.
  call('EXPIREAT', ledger, format('%d', (newest + KEPT_PERIODS) * PERIOD + DAY))
end

-- WRITE the totals.

for g, group in ipairs(groups) do
  local key, total = KEYS[4 + g], newCounts[g]
  local countField, amountField = ${quoted(USER_FIELDS)}
  if g == STATS then countField, amountField = ${quoted(GLOBAL_FIELDS)} end
  if total == 0 then
    call('DEL', key)
  elseif total and #group == 3 and group[2] then
    call('HSET', key, countField, format('%d', total), amountField, decimal(newCents[g]), group[1], group[2])
  elseif #group > 0 then
    local set, emptied = {}, {}
    if total then set = { countField, format('%d', total), amountField, decimal(newCents[g]) } end
    for at = 1, #group, 3 do
      if group[at + 1] then
        set[#set + 1], set[#set + 2] = group[at], group[at + 1]
      else
        emptied[#emptied + 1] = group[at]
      end
    end
    if #set > 0 then call('HSET', key, unpack(set)) end
    if #emptied > 0 then call('HDEL', key, unpack(emptied)) end
  end
end

-- WRITE the top users.

local scores, fallen = {}, {}
for g = DAYS + 1, #groups do
  local cents = newCents[g]
  if cents and cents >= floorCents and newCounts[g] > 0 and isTop(cents, sub(KEYS[4 + g], #userPrefix + 1)) then
    scores[#scores + 1], scores[#scores + 2] = decimal(cents), sub(KEYS[4 + g], #userPrefix + 1)
  elseif hasFallen[g] then
    fallen[#fallen + 1] = sub(KEYS[4 + g], #userPrefix + 1)
  end
end
if #scores > 0 then
  call('ZADD', topUsers, unpack(scores))
  if ranked + #scores / 2 > MOST then trim() end
end
if #fallen > 0 then call('ZREM', topUsers, unpack(fallen)) end
if floorCents >= 0 and ranked - #fallen < LEAST and call('ZCARD', topUsers) < LEAST then
  floorCents = -1
  local cursor = '0'
  repeat
    local page = call('SCAN', cursor, 'MATCH', userPrefix .. '*', 'COUNT', 1000)
    cursor = page[1]
    local scores = {}
    for _, key in ipairs(page[2]) do
      local spend, user = pcall('HGET', key, 'total_spend'), sub(key, #userPrefix + 1)
      if type(spend) == 'string' and find(spend, '^%d+%.%d%d$') and isTop(centsOf(spend), user) then
        scores[#scores + 1], scores[#scores + 2] = spend, user
      end
    end
    if #scores > 0 then call('ZADD', topUsers, unpack(scores)) end
    trim()
  until cursor == '0'
end
local newFloor = floorCents >= 0 and format('%d ', floorCents) .. floorUser
if newFloor ~= floorText then
  if newFloor then call('SET', floorKey, newFloor) else call('DEL', floorKey) end
end
return { concat(verdicts), details }
`;
