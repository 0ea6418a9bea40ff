-- The checkpoint of a shard: how far the archive has been replayed into it. Stored beside the data, so that it goes back with
-- them when a snapshot or a replica takes over.
--
-- KEYS  1 the checkpoint · 2 global:stats · 3 ledger
-- ARGV  1 `begin`: a replay starts · `move`: it has replayed all up to a time
--       2 the fence. `begin` puts it up. `move` fails unless it is the one that the last call of the same replay put up
--       3 a time, in milliseconds since 1970: with `begin`, the first one to replay. Between the checkpoint and this time the
--         archive holds nothing
--       4 seconds from that time to now, by the clock of S3
--       5 with `begin`, the checkpoint that was read before, or ''
-- Returns  `begin`: { the checkpoint in milliseconds, or '', `empty`, `known` or `forgotten` }. Known: the ledger still knows
--          each order that was counted here and is in the archive from that time on · `move`: nothing
--
-- Fields of the checkpoint, in seconds by the clock of Redis: `born`, when its first order was counted · `clock`, when it was
-- `until` · `lost`: the ledger may have lost what last came before · and `until`, in milliseconds by the clock of S3 · `fence`,
-- see count.lua
--
-- luacheck: std lua51, read globals redis KEYS ARGV
-- luacheck: read globals REMEMBERED FENCED

local checkpoint, stats, ledger = KEYS[1], KEYS[2], KEYS[3]
local action, fence, time, lag = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local call, now = redis.call, tonumber(redis.call('TIME')[1])
local standing, stored, born, clock, lost = unpack(call('HMGET', checkpoint, 'fence', 'until', 'born', 'clock', 'lost'))

local function move(clock)
  if not stored or tonumber(stored) < time then
    call('HSET', checkpoint, 'until', ARGV[3], 'clock', string.format('%d', clock))
    stored = ARGV[3]
  end
end

if action == 'move' then
  if standing ~= fence then return { err = FENCED } end
  move(now - lag)
  return
end

if (stored or '') ~= ARGV[5] then return { err = FENCED } end
-- By the clock of Redis, which decides when the ledger forgets. It may have been set since the checkpoint.
local since = clock and now - clock - (time - stored) / 1000 or lag
local isEmpty = call('EXISTS', stats, ledger) == 0
-- The clock may have been far ahead for a while.
local isLost = math.max(now - since, tonumber(born or 0)) < tonumber(lost or 0)
local isKnown = isEmpty or not isLost and (since < REMEMBERED or born and now - born < REMEMBERED)
call('HSET', checkpoint, 'fence', fence)
if isKnown then move(now - since) end
return { stored or '', isEmpty and 'empty' or isKnown and 'known' or 'forgotten' }
