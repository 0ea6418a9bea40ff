-- Counts orders exactly once. Each order enters the ledger and all totals in this one script, or none of them.
--
-- KEYS  1 ledger · 2 top users · 3 their floor · 4 global:messages · 5 checkpoint · 6 global:stats · 7 global:days ·
--       8 global:hours · then the hash of each user
-- ARGV  1 `count`; `replay` counts orders of the archive; `look` changes nothing; `try` changes nothing and fails if `count`
--       would lack a permission
--       2 the orders, as wire.ts writes them
--       3 what the orders add to the keys from the sixth if all of them are new, field by field: number of the key,
--         from 1 (2 bytes), length of the field (1), its name, orders (2), cents (6)
--       4 what the keys of users start with
--       5 the same as 3 for global:hours, the latest hour first: hours since 1970 (4 bytes), orders (2), cents (6)
--       6 with `replay`, the fence that its last call put up
--       7 with `replay`, the fence that this call puts up
-- Returns { verdicts, details }. Verdicts: a letter per order, see lib/results.ts. Details, in the order of the letters: the
--       reason of each f; with `look` and `try`, the counted version, its cents, its day, and 1 if it is of the same user,
--       for each d, s, c and r
--
-- Reads everything before it writes anything, so an error cannot leave an order half counted. Nearly all orders are new, so
-- Node.js adds up what they contribute if all of them are; the script subtracts what the ledger knows.
--
-- Redis re-creates closures on every call, so single-use code is inlined and rare helpers are built on demand.
--
-- countScript.ts writes the prelude: the constants that TypeScript shares.
-- luacheck: std lua51, read globals redis struct KEYS ARGV, no redefined
-- luacheck: read globals ORDER_BYTES MAX_TOTAL PERIOD BUCKET_RECORDS BASES HEADER_BYTES SHORT LONG ID_BYTES USER_BYTES
-- luacheck: read globals CONTENT_BYTES CANCELLED ACCEPTED LEAST_TOP MOST_TOP KEPT_TOP STATS_COUNT STATS_AMOUNT USER_COUNT
-- luacheck: read globals USER_AMOUNT MESSAGE_FIELDS LAST_COUNTED THAT_MINUTE MINUTE_BEFORE RESTORED LAST_RESTORED REMEMBERED
-- luacheck: read globals FENCED

local KEYS, ARGV, call, pcall = KEYS, ARGV, redis.call, redis.pcall
local floor, char, byte, find, sub = math.floor, string.char, string.byte, string.find, string.sub
local format, match, concat = string.format, string.match, table.concat
local pack, read = struct.pack, struct.unpack

local ledger, topUsers, floorKey, messages, checkpoint = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local isReplay, isLook = ARGV[1] == 'replay', ARGV[1] == 'look' or ARGV[1] == 'try'
local orders, sums, userPrefix, hourSums = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local count = #orders / ORDER_BYTES
-- How many keys come before the totals.
local SHARED_KEYS = 5

-- AMOUNTS are decimal strings with two decimals in Redis, and whole cents here.

local function decimal(cents)
  local hundredths = cents % 100
  return format('%d.%02d', (cents - hundredths) / 100, hundredths)
end

-- Cents of an amount that a pattern has matched. Below 1e13 units a double is exact enough, and faster.
local function centsOf(amount)
  local units = tonumber(amount)
  if units < 1e13 then return floor(units * 100 + 0.5) end
  return tonumber(sub(amount, 1, -4)) * 100 + sub(amount, -2)
end

-- LEDGER: linear hashing (Litwin 1980). A field of the hash is a bucket: a header, long records, then short ones. The
-- header holds the stamp of its oldest record and the number of long records (2 bytes). The field 'state' holds: number of
-- records, number of buckets, the bucket to sweep next, the time that the sweep has reached, the latest stamp as a period.
-- One bucket is added per BUCKET_RECORDS records, so buckets stay short at any size.

local KEPT_PERIODS, HOUR, KEPT_HOURS = 4, 3600, 96
-- Stamps are modulo 256. The worker refuses orders dated more than a year ahead; this limit holds if the clock of Redis is
-- years behind, and leaves room for setting it back.
local MOST_AHEAD = 64
-- The most buckets that a call splits, and that it sweeps.
local SPLITS, SWEEP = 20, 100
-- Where the parts of a record end, in bytes.
local ID_END, USER_END = ID_BYTES, ID_BYTES + USER_BYTES
local CONTENT_END = USER_END + CONTENT_BYTES

local now = tonumber(call('TIME')[1])
local period = floor(now / PERIOD)
local stamp = char(period % 256)
local records, buckets, sweepNext, swept, latest
-- Changed buckets by field; false for one without records.
local changed

-- Periods since a stamp. Negative for an order dated ahead, and after the clock was set back.
local function age(stamp)
  return (period - stamp + 128) % 256 - 128
end

-- A record is dropped when it was forgotten as early as at the checkpoint. Until then a replay knows it: the archive may hold a
-- duplicate of it that came while it was remembered. An hour of margin is for clocks that differ.
local marks = pcall('HMGET', checkpoint, 'fence', 'clock', 'born', 'lost')
local fence, clock, born, lost = marks[1], tonumber(marks[2]), tonumber(marks[3]), tonumber(marks[4])
local dropping = period
if clock and now - clock < REMEMBERED then
  dropping = math.min(period, floor((clock - HOUR) / PERIOD))
end

local function isDropped(stamp)
  return (dropping - stamp + 128) % 256 - 128 >= KEPT_PERIODS
end

local function isSound(bucket)
  local _, high, low = byte(bucket, 1, HEADER_BYTES)
  local shorts = low and #bucket - HEADER_BYTES - (high * 256 + low) * LONG or -1
  return shorts >= 0 and shorts % SHORT == 0 and #bucket > HEADER_BYTES
end

-- Drops the records that are forgotten. With `half`, also splits the bucket: the second result holds the records whose bucket
-- number has the bit of the half. Each result is a bucket, or false without records.
local function split(bucket, half)
  local parts = { [true] = {}, [false] = {} }
  local longs = { [true] = 0, [false] = 0 }
  local oldest = { [true] = -128, [false] = -128 }
  local at, longsLeft = HEADER_BYTES + 1, byte(bucket, 2) * 256 + byte(bucket, 3)
  while at <= #bucket do
    local length = longsLeft > 0 and LONG or SHORT
    longsLeft = longsLeft - 1
    local stamp = byte(bucket, at + length - 1)
    local since = age(stamp)
    if not isDropped(stamp) then
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

-- HOURS are numbers since 1970 in the time zone of the stage, as orders had them when they were counted. `global:hours` holds
-- the hours from the first one on. 72 are shown; 12 more are for zones behind UTC, and 12 for a clock that goes back: an hour
-- that was left out must not be taken back.

local firstHour = floor(now / HOUR) - KEPT_HOURS
local hourNames = {}

-- `YYYY-MM-DDTHH`. The year begins with March here, so that February 29 is its last day.
local function hourName(hour)
  local name = hourNames[hour]
  if name then return name end
  local days = floor(hour / 24) + 719468
  local ofEra = days % 146097
  local year = floor((ofEra - floor(ofEra / 1460) + floor(ofEra / 36524) - floor(ofEra / 146096)) / 365)
  local ofYear = ofEra - 365 * year - floor(year / 4) + floor(year / 100)
  local month = floor((5 * ofYear + 2) / 153)
  local day = ofYear - floor((153 * month + 2) / 5) + 1
  year, month = year + 400 * floor(days / 146097), month + 3
  if month > 12 then year, month = year + 1, month - 12 end
  name = format('%04d-%02d-%02dT%02d', year, month, day, hour % 24)
  hourNames[hour] = name
  return name
end

-- TOTALS: a group per key from the sixth. A group is a flat list with ENTRY places per field: its name, orders and cents.
-- First the script subtracts what the ledger knows. Then the place of the orders becomes the VALUE to write, or DELETED.

local ENTRY, ORDERS, CENTS = 3, 1, 2
local VALUE, DELETED = ORDERS, false
local STATS, DAYS, HOURS = 1, 2, 3
local groups, newCounts, newCents, hasFallen
local isNewHour = false

-- Adds the stored totals to a group, which then holds the values to write. Returns the reason if its key is corrupt.
local function addUp(g, countField, amountField)
  local group, key = groups[g], KEYS[SHARED_KEYS + g]
  local stored
  local next = countField and 3 or 1
  if countField and #group == ENTRY then
    stored = pcall('HMGET', key, countField, amountField, group[1])
  else
    local fields = { countField, amountField }
    for at = 1, #group, ENTRY do fields[#fields + 1] = group[at] end
    stored = pcall('HMGET', key, unpack(fields))
  end
  if stored.err then return key .. ': ' .. stored.err end
  local moreOrders, moreCents = 0, 0
  for at = 1, #group, ENTRY do
    local orders, cents, text = group[at + ORDERS], group[at + CENTS], stored[next]
    moreOrders, moreCents, next = moreOrders + orders, moreCents + cents, next + 1
    if g == HOURS and not text then isNewHour = true end
    if text then
      local space = match(text, '^%d+() %d+%.%d%d$')
      if not space then return key .. ': ' .. group[at] .. ' is corrupt' end
      orders, cents = orders + sub(text, 1, space - 1), cents + centsOf(sub(text, space + 1))
    end
    if orders > 0 and cents >= 0 and orders <= MAX_TOTAL and cents <= MAX_TOTAL then
      local hundredths = cents % 100
      group[at + VALUE] = format('%d %d.%02d', orders, (cents - hundredths) / 100, hundredths)
    elseif orders == 0 and cents == 0 or g == HOURS then
      group[at + VALUE] = DELETED
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

-- TOP USERS: a sorted set of the LEAST_TOP to MOST_TOP users that spent most, ties by id; of all users if there are fewer. It
-- is a prefix of the full ranking: the floor is the first user that is not in it. Only when the totals of hundreds of top
-- users fall are too few left; then the script searches all users.

local floorCents, floorUser

local function isTop(cents, user)
  if cents ~= floorCents then return cents > floorCents end
  -- The operator < would follow the locale of the server.
  for at = 1, #user do
    local one, other = byte(user, at), byte(floorUser, at)
    if one ~= other then return other ~= nil and one < other end
  end
  return #user < #floorUser
end

local function trim()
  local surplus = call('ZCARD', topUsers) - KEPT_TOP
  if surplus <= MOST_TOP - KEPT_TOP then return end
  local score = call('ZRANGE', topUsers, surplus - 1, surplus - 1, 'WITHSCORES')[2]
  local equal = call('ZRANGE', topUsers, score, score, 'BYSCORE')
  local kept = KEPT_TOP - call('ZCOUNT', topUsers, '(' .. score, '+inf')
  floorCents, floorUser = math.min(floor(score * 100 + 0.5), MAX_TOTAL), equal[kept + 1]
  call('ZREMRANGEBYSCORE', topUsers, '-inf', '(' .. score)
  call('ZREM', topUsers, unpack(equal, kept + 1))
end

-- READ the state, the leaderboard and the buckets of all orders.

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
for _, reply in ipairs({ state, ranked, floorText, marks.err and marks }) do
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

-- A shard without totals is new, or Redis has lost them.
local isEmpty = not state and call('EXISTS', KEYS[SHARED_KEYS + 1]) == 0
if isEmpty and marks.err then corruption = checkpoint .. ': ' .. marks.err end
-- What last came before this time may be gone from the ledger. Its key is gone beside totals when nothing came for two months, or
-- else because it was evicted, or because the clock of Redis was far ahead.
local lostBefore = (dropping - KEPT_PERIODS + 1) * PERIOD
if not state and not isEmpty then
  local last = pcall('HMGET', messages, LAST_COUNTED, LAST_RESTORED)
  last = math.max(tonumber(last[1]) or now, tonumber(last[2]) or 0)
  if now - last < 2 * REMEMBERED then lostBefore = now + 1 end
end
if isReplay then
  if marks.err then return marks end
  if fence ~= ARGV[6] then return { err = FENCED } end
  local isKnown = isEmpty or lostBefore <= now and (born and now - born < REMEMBERED or clock and now - clock < REMEMBERED)
  if not isKnown then return { err = 'FORGOTTEN the ledger may have forgotten orders that were counted here' } end
end

-- The largest number of buckets that is BASES times a power of two. The ledger is growing to twice as many.
local level = BASES
local users, names, stored = {}, {}, nil
-- An order is remembered for 30 days from the later of its last delivery and its date. Otherwise a later version could find its
-- order forgotten while the date is still recent enough to count as new. These are the stamps of orders dated ahead.
local ahead, newest, nextPeriod = {}, period, (period + 1) * PERIOD
if not corruption then
  while level * 2 <= buckets do level = level * 2 end
  for i = 1, count do
    local user, base, placed, top = read('>I2I2I5xI3', orders, (i - 1) * ORDER_BYTES + 1)
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

-- JUDGE the orders and ADD UP what they change. If a key proves to be corrupt, repeat without its orders.

local verdicts, details, isRefreshed
-- Number of orders per verdict, without n.
local others
-- Reasons, by the number of the user in the call.
local userCorruptions = {}

-- Builds the functions for rare cases: a bucket that is corrupt, holds forgotten records or knows an order; a corrupt user.
local function unusual()
  -- Finds the record of an id: its place in the bucket and its length.
  local function locate(bucket, id)
    local shorts = HEADER_BYTES + 1 + (byte(bucket, 2) * 256 + byte(bucket, 3)) * LONG
    local at = find(bucket, id, HEADER_BYTES + 1, true)
    while at do
      if at >= shorts then
        if (at - shorts) % SHORT == 0 then return at, SHORT end
      elseif (at - HEADER_BYTES - 1) % LONG == 0 then
        return at, LONG
      end
      at = find(bucket, id, at + 1, true)
    end
  end

  -- Adds a record with its stamp to a bucket, if any, and removes the record at `at`, if given.
  local function enter(bucket, record, stamp, at, length)
    local oldest, high, low = byte(bucket or stamp .. '\0\0', 1, HEADER_BYTES)
    local longs, rest = high * 256 + low, bucket and sub(bucket, HEADER_BYTES + 1) or ''
    if at then
      rest = sub(bucket, HEADER_BYTES + 1, at - 1) .. sub(bucket, at + length)
      if length == LONG then longs = longs - 1 end
    end
    if age(oldest) < age(byte(stamp)) then oldest = byte(stamp) end
    if #record == SHORT - 1 then return char(oldest) .. pack('>I2', longs) .. rest .. record .. stamp end
    return char(oldest) .. pack('>I2', longs + 1) .. record .. stamp .. rest
  end

  local function version(record)
    return #record < LONG - 1 and 1 or (read('>I3', record, CONTENT_END + 1))
  end

  -- What an order adds to the totals: cents and hour; nil if it is cancelled.
  local function contribution(record)
    local cents, hour
    if #record < LONG - 1 then
      cents, hour = read('>I3I3', record, CONTENT_END + 1)
    else
      cents, hour = read('>I5I4', record, CONTENT_END + 4)
    end
    if cents ~= CANCELLED then return cents, hour end
  end

  local function subtract(group, name, cents)
    for at = 1, #group, ENTRY do
      if group[at] == name then
        group[at + ORDERS], group[at + CENTS] = group[at + ORDERS] - 1, group[at + CENTS] - cents
        return
      end
    end
    group[#group + 1], group[#group + 2], group[#group + 3] = name, -1, -cents
  end

  local function subtractKnown(user, record)
    local cents, hour = contribution(record)
    if not cents then return end
    local name = hourName(hour)
    local month = sub(name, 1, 7)
    subtract(groups[STATS], month, cents)
    subtract(groups[DAYS], sub(name, 1, 10), cents)
    if hour >= firstHour then subtract(groups[HOURS], name, cents) end
    subtract(groups[HOURS + user], month, cents)
  end

  local function isSameUser(one, other)
    return sub(one, ID_END + 1, USER_END) == sub(other, ID_END + 1, USER_END)
  end

  local function compare(known, record)
    if not isSameUser(known, record) then return 'c' end
    local old, new = version(known), version(record)
    if new < old then return 's' end
    if new > old then return 'r' end
    local isSame = sub(known, USER_END + 1, CONTENT_END) == sub(record, USER_END + 1, CONTENT_END)
    return isSame and contribution(known) == contribution(record) and 'd' or 'c'
  end

  local function judge(i, bucket, record)
    local name, user = names[i], users[i]
    if bucket and not isSound(bucket) then
      return 'f', ledger .. ': bucket ' .. read('>I4', name) .. ' is corrupt'
    end
    if bucket and isDropped(byte(bucket)) then
      bucket = split(bucket)
      changed[name] = bucket
    end
    local at, length
    if bucket then at, length = locate(bucket, sub(record, 1, ID_END)) end
    local entered = ahead[i] and char(ahead[i] % 256) or stamp
    local isForgotten = at and not isReplay and age(byte(bucket, at + length - 1)) >= KEPT_PERIODS
    if not at or isForgotten then
      if userCorruptions[user] then return 'f', userCorruptions[user] end
      local placed, flags = read('>I5B', orders, (i - 1) * ORDER_BYTES + 5)
      local isOld = version(record) > 1 and now - placed > REMEMBERED
      if isOld and flags < ACCEPTED and not isReplay then return 'u' end
      changed[name] = enter(bucket, record, entered, at, length)
      if not at then records = records + 1 end
      return 'n'
    end
    local known, knownStamp = sub(bucket, at, at + length - 2), sub(bucket, at + length - 1, at + length - 1)
    local verdict = compare(known, record)
    if verdict == 'r' then
      if userCorruptions[user] then return 'f', userCorruptions[user] end
      if age(byte(knownStamp)) < age(byte(entered)) then entered = knownStamp end
      changed[name] = enter(bucket, record, entered, at, length)
      subtractKnown(user, known)
    elseif verdict ~= 'c' and age(byte(entered)) < age(byte(knownStamp)) then
      -- Also remembered for 30 days from each time that it came, because each time it is archived, and replayed later.
      changed[name] = enter(bucket, known, entered, at, length)
      isRefreshed = true
    end
    if not isLook then return verdict end
    local cents, hour = contribution(known)
    local isSame = isSameUser(known, record) and 1 or 0
    return verdict, format('%d %s %s %d', version(known), cents or '-', hour and sub(hourName(hour), 1, 10) or '-', isSame)
  end

  return judge, subtractKnown
end

local judge, subtractKnown, changes, isAgain
local recordsBefore = records

repeat
  isAgain, changes, isRefreshed, verdicts, details, others, changed = false, false, false, {}, {}, {}, {}
  records = recordsBefore
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
  for g = 1, #KEYS - SHARED_KEYS do groups[g] = groups[g] or {} end
  for at = 1, #hourSums, 12 do
    local hour, orders, cents = read('>I4I2I6', hourSums, at)
    if hour < firstHour then break end
    local group = groups[HOURS]
    group[#group + 1], group[#group + 2], group[#group + 3] = hourName(hour), orders, cents
  end

  local hasSubtracted = false
  for i = 1, count do
    local name, at = names[i], (i - 1) * ORDER_BYTES + 11
    local isShort = byte(orders, at - 1) % 2 == 0
    local record = sub(orders, at, at + (isShort and SHORT or LONG) - 2)
    local bucket = changed[name]
    if bucket == nil then bucket = stored[i] end
    local isNew = isShort and not ahead[i] and not userCorruptions[users[i]]
    if isNew and bucket then
      local oldest, high, low = byte(bucket, 1, HEADER_BYTES)
      isNew = low == 0 and high == 0 and (period - oldest) % 256 < KEPT_PERIODS and #bucket > HEADER_BYTES
        and (#bucket - HEADER_BYTES) % SHORT == 0 and not find(bucket, sub(record, 1, ID_END), HEADER_BYTES + 1, true)
    end
    if isNew then
      verdicts[i], changes, records = 'n', true, records + 1
      changed[name] = (bucket or stamp .. '\0\0') .. record .. stamp
    else
      if not judge then judge, subtractKnown = unusual() end
      local verdict, detail = judge(i, bucket, record)
      verdicts[i], details[#details + 1] = verdict, detail
      if verdict == 'n' or verdict == 'r' then changes = true else subtractKnown(users[i], record) end
      if verdict ~= 'n' then hasSubtracted, others[verdict] = true, (others[verdict] or 0) + 1 end
    end
    if isLook then changed = {} end
  end

  if hasSubtracted then
    for g, group in ipairs(groups) do
      local left = {}
      for at = 1, #group, ENTRY do
        if group[at + ORDERS] ~= 0 or group[at + CENTS] ~= 0 then
          left[#left + 1], left[#left + 2], left[#left + 3] = group[at], group[at + ORDERS], group[at + CENTS]
        end
      end
      groups[g] = left
    end
  end

  if changes and not isLook then
    newCounts, newCents, hasFallen = {}, {}, {}
    corruption = #groups[STATS] > 0 and addUp(STATS, STATS_COUNT, STATS_AMOUNT) or #groups[DAYS] > 0 and addUp(DAYS)
      or #groups[HOURS] > 0 and addUp(HOURS) or nil
    isAgain = corruption ~= nil
    for g = HOURS + 1, #groups do
      local problem = #groups[g] > 0 and addUp(g, USER_COUNT, USER_AMOUNT)
      if problem then isAgain, userCorruptions[g - HOURS] = true, problem end
    end
  end
until not isAgain

-- Fields of hours before the first one. The names sort like their hours in any locale.
local oldHours = {}
if isNewHour then
  for _, name in ipairs(call('HKEYS', KEYS[SHARED_KEYS + HOURS])) do
    if name < hourName(firstHour) then oldHours[#oldHours + 1] = name end
  end
end

if corruption then
  for i = 1, count do verdicts[i], details[i] = 'f', corruption end
end
-- Redis checks permissions command by command. A refusal between two writes would leave orders half counted, so before the first
-- write the script checks all commands that may follow. For new orders among less than MOST_TOP users these are few.
local isTry = ARGV[1] == 'try'
if isTry or (changes or isRefreshed) and not isLook then
  local commands = { 'HSET', 'HDEL', 'ZADD' }
  if isTry or isEmpty or not latest or newest > latest or next(others)
    or ranked + #groups - HOURS > MOST_TOP or floorCents >= 0 and ranked < LEAST_TOP
  then
    commands = {
      'HSET', 'HDEL', 'EXPIREAT', 'DEL', 'SET', 'ZADD', 'ZREM', 'ZREMRANGEBYSCORE', 'ZRANGE', 'ZCOUNT', 'SCAN', 'HINCRBY',
      'HKEYS',
    }
  end
  for _, command in ipairs(commands) do
    if not redis.acl_check_cmd(command, ledger) then
      return { err = "NOPERM this user has no permissions to run the '" .. command .. "' command" }
    end
  end
  -- Of the commands that write, only DEL takes many keys.
  if not redis.acl_check_cmd('DEL', unpack(KEYS)) then
    return { err = 'NOPERM this user has no permissions to write one of the keys' }
  end
end

if corruption or isLook then return { concat(verdicts), details } end

-- COUNT the deliveries per verdict. This is not money, so an error here fails nothing else.

local new = count
for letter, times in pairs(others) do
  new = new - times
  local field = MESSAGE_FIELDS[letter]
  if field and not isReplay then pcall('HINCRBY', messages, field, times) end
end
if isReplay then
  local restored = new + (others.r or 0)
  if restored > 0 then
    pcall('HINCRBY', messages, RESTORED, restored)
    pcall('HSET', messages, LAST_RESTORED, format('%d', now))
  end
  call('HSET', checkpoint, 'fence', ARGV[7])
elseif changes then
  local stored = pcall('HMGET', messages, LAST_COUNTED, THAT_MINUTE, MINUTE_BEFORE, MESSAGE_FIELDS.n)
  local passed = floor(now / 60) - floor((tonumber(stored[1]) or 0) / 60)
  local thatMinute, before = tonumber(stored[2]) or 0, tonumber(stored[3]) or 0
  if passed ~= 0 then thatMinute, before = 0, passed == 1 and thatMinute or 0 end
  thatMinute = thatMinute + new + (others.r or 0)
  local set = { LAST_COUNTED, format('%d', now), THAT_MINUTE, format('%d', thatMinute) }
  local counted = tonumber(stored[4] or 0)
  if new > 0 and counted then set[5], set[6] = MESSAGE_FIELDS.n, format('%d', counted + new) end
  if passed ~= 0 then set[#set + 1], set[#set + 2] = MINUTE_BEFORE, format('%d', before) end
  pcall('HSET', messages, unpack(set))
end
if not changes and not isRefreshed then return { concat(verdicts), details } end
if isEmpty then
  call('HSET', checkpoint, 'born', format('%d', now))
elseif lostBefore > math.max(clock or 0, born or 0, lost or 0) and not marks.err then
  call('HSET', checkpoint, 'lost', format('%d', lostBefore))
end

-- WRITE the ledger. Each call does its share of the upkeep: it splits buckets as the ledger grows, and sweeps a few of them.
-- The sweep visits every bucket once per period, so records are forgotten in buckets that get no orders, too.

if swept > now then swept = now end
if now - swept > PERIOD then swept = now - PERIOD end
local pace = PERIOD / buckets
local due = math.min(SWEEP, floor((now - swept) / pace))
-- Rounded down, so a bucket is swept early rather than late.
swept = swept + floor(due * pace)
local fields, splits = {}, {}
for n = 1, due do
  fields[n] = pack('>I4', sweepNext)
  sweepNext = (sweepNext + 1) % buckets
end
while floor(records / BUCKET_RECORDS) > buckets + #splits and #splits < SPLITS do
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
      if value and isSound(value) and isDropped(byte(value)) then changed[name] = split(value) end
    else
      -- A corrupt bucket cannot be split. Until its repair the ledger works with longer buckets.
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
  -- A margin for what a replay still knows. Also, a key must never be about to expire when it is written.
  call('EXPIREAT', ledger, format('%d', (newest + KEPT_PERIODS) * PERIOD + REMEMBERED))
end
if not changes then return { concat(verdicts), details } end

-- WRITE the totals.

for g, group in ipairs(groups) do
  local key, total = KEYS[SHARED_KEYS + g], newCounts[g]
  local countField, amountField = USER_COUNT, USER_AMOUNT
  if g == STATS then countField, amountField = STATS_COUNT, STATS_AMOUNT end
  -- Formatting takes long: the leaderboard needs the same text.
  if total and #group > 0 then group[1 + CENTS] = decimal(newCents[g]) end
  if total == 0 then
    call('DEL', key)
  elseif total and #group == ENTRY and group[1 + VALUE] then
    call('HSET', key, countField, format('%d', total), amountField, group[1 + CENTS], group[1], group[1 + VALUE])
  elseif #group > 0 then
    local set, emptied = {}, {}
    if total then set = { countField, format('%d', total), amountField, group[1 + CENTS] } end
    for at = 1, #group, ENTRY do
      if group[at + VALUE] then
        set[#set + 1], set[#set + 2] = group[at], group[at + VALUE]
      else
        emptied[#emptied + 1] = group[at]
      end
    end
    if #set > 0 then call('HSET', key, unpack(set)) end
    if #emptied > 0 then call('HDEL', key, unpack(emptied)) end
  end
end

for _, name in ipairs(oldHours) do call('HDEL', KEYS[SHARED_KEYS + HOURS], name) end

-- WRITE the top users.

local scores, fallen = {}, {}
for g = HOURS + 1, #groups do
  local cents, user = newCents[g], sub(KEYS[SHARED_KEYS + g], #userPrefix + 1)
  if cents and cents >= floorCents and newCounts[g] > 0 and isTop(cents, user) then
    scores[#scores + 1], scores[#scores + 2] = groups[g][1 + CENTS], user
  elseif hasFallen[g] then
    fallen[#fallen + 1] = user
  end
end
if #scores > 0 then
  call('ZADD', topUsers, unpack(scores))
  if ranked + #scores / 2 > MOST_TOP then trim() end
end
if #fallen > 0 then call('ZREM', topUsers, unpack(fallen)) end
if floorCents >= 0 and ranked - #fallen < LEAST_TOP and call('ZCARD', topUsers) < LEAST_TOP then
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
