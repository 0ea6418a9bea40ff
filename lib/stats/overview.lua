-- Reads what the overview shows of a shard, all of it at the same moment. Changes nothing.
--
-- KEYS  1 global:stats · 2 global:hours · 3 global:days · 4 top users · 5 global:messages · 6 checkpoint · 7 dead letters
-- ARGV  1 number of top users · 2 what the keys of users start with
--       3 the version of the statistics that the caller has, or an empty text · 4 the days to read, separated by spaces
-- Returns JSON { time, messages, letters, until, version, statistics }. `time`: seconds and microseconds since 1970.
--       `statistics`: { total, hours, days, top }, or nothing if the caller has this version. Instead of a key of the wrong type
--       there is the text `corrupt`, instead of a missing field false, instead of an empty list an empty object.
--
-- overviewShard.ts writes the prelude: the constants that TypeScript shares, and the function `rank`.
-- luacheck: std lua51, read globals redis cjson KEYS ARGV rank TOTAL_ORDERS TOTAL_REVENUE UNTIL

local CORRUPT = 'corrupt'

local function orCorrupt(reply)
  if type(reply) ~= 'table' or not reply.err then return reply end
  if string.find(reply.err, '^WRONGTYPE') then return CORRUPT end
  error(reply)
end

local function get(...)
  return orCorrupt(redis.pcall(...))
end

local time, messages, letters = redis.call('TIME'), get('HGETALL', KEYS[5]), get('HGETALL', KEYS[7])
local total, replayed = get('HMGET', KEYS[1], TOTAL_ORDERS, TOTAL_REVENUE), get('HGET', KEYS[6], UNTIL)

-- Each call of the counting script that changes statistics changes these.
local version = ''
if messages ~= CORRUPT and total ~= CORRUPT then
  version = tostring(total[1]) .. ' ' .. tostring(total[2]) .. ' ' .. table.concat(messages, ' ')
end

local statistics
if version == '' or version ~= ARGV[3] then
  local isRanked, top = pcall(rank, KEYS[4], tonumber(ARGV[1]), ARGV[2])
  -- Redis raises a text or, since version 7, a table.
  if not isRanked then top = orCorrupt(type(top) == 'table' and top or { err = top }) end
  local days = {}
  for day in string.gmatch(ARGV[4], '%S+') do days[#days + 1] = day end
  statistics = {
    total = total,
    hours = get('HGETALL', KEYS[2]),
    days = get('HMGET', KEYS[3], unpack(days)),
    top = top,
  }
end

return cjson.encode({
  time = time,
  messages = messages,
  letters = letters,
  ['until'] = replayed,
  version = version,
  statistics = statistics,
})
