-- The checkpoint of a shard: how far the archive has been replayed into it. Stored beside the data, so that it goes back with
-- them when a snapshot or a replica takes over.
--
-- KEYS  1 the checkpoint · 2 global:stats · 3 ledger
-- ARGV  1 `begin`: a replay starts · `move`: it has replayed all up to a time
--       2 the fence. `begin` puts it up. `move` fails unless it is the one that the last call of the same replay put up
--       3 with `move`, the time, in milliseconds since 1970
--       4 with `move`, seconds from then to now, by the clock of S3
-- Returns  `begin`: { time or '', `empty`, `known` or `forgotten` }. Known: the ledger still knows each order that was counted
--          here and is in the archive after that time · `move`: the time that the checkpoint has now
--
-- Fields of the checkpoint: `born`, when its first order was counted, and `clock`, when it was `until`, both in seconds by
-- the clock of Redis · `until`, in milliseconds by that of S3 · `fence`, see count.lua
--
-- luacheck: std lua51, read globals redis KEYS ARGV
-- luacheck: read globals REMEMBERED

local checkpoint, stats, ledger = KEYS[1], KEYS[2], KEYS[3]
local action, fence, time, lag = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local call, now = redis.call, tonumber(redis.call('TIME')[1])

if action == 'begin' then
  local stored = call('HMGET', checkpoint, 'until', 'born', 'clock')
  call('HSET', checkpoint, 'fence', fence)
  if call('EXISTS', stats, ledger) == 0 then return { stored[1] or '', 'empty' } end
  for _, since in ipairs({ stored[2] or false, stored[3] or false }) do
    if since and now - since < REMEMBERED then return { stored[1] or '', 'known' } end
  end
  return { stored[1] or '', 'forgotten' }
end

local stored = call('HMGET', checkpoint, 'fence', 'until')
if stored[1] ~= fence then return { err = 'FENCED another replay has begun, or Redis lost what this one wrote' } end
if stored[2] and tonumber(stored[2]) >= time then return stored[2] end
call('HSET', checkpoint, 'until', ARGV[3], 'clock', string.format('%d', now - lag))
return ARGV[3]
