const PERIOD_SECONDS = 5 * 24 * 60 * 60;
const PERIODS_KEPT = 7;

/**
 * Part of both counting scripts: the ledger of orders that are counted already. A bucket is a hash of
 * order id → mark and fingerprint. The mark, one character, is the period of 5 days in which the order was counted; its
 * field `.` holds the period in which the bucket was last swept. Sweeping drops entries of 7 periods ago, so an order
 * is remembered for 30 to 35 days; a bucket without new orders expires as a whole.
 *
 * The clock is that of Redis, so workers whose clocks differ agree on the period. A clock that jumps back, as in a
 * failover to another machine, drops nothing: marks of the future count as new.
 */
export const ledgerLua = /* lua */ `
local PERIOD, KEPT = ${PERIOD_SECONDS}, ${PERIODS_KEPT}
local period = floor(call('TIME')[1] / PERIOD)
local mark = string.char(48 + period % 64)
local expiry = format('%d', (period + KEPT) * PERIOD)

-- Periods since a mark was made: below 0 for a mark of the future.
local function age(value)
  return (period - string.byte(value) + 48 + 32) % 64 - 32
end

-- The fingerprint that id was counted with (nil: it was not), and the mark of the bucket's last sweep (false: a new
-- bucket); or nil, nil and the reason when the key holds something else.
local function recall(bucket, id)
  local stored = pcall('HMGET', bucket, id, '.')
  if stored.err then return nil, nil, bucket .. ': ' .. stored.err end
  return stored[1] and sub(stored[1], 2), stored[2]
end

local function sweep(bucket)
  local stored = call('HGETALL', bucket)
  for i = 1, #stored, 2 do
    if stored[i] ~= '.' and age(stored[i + 1]) >= KEPT then call('HDEL', bucket, stored[i]) end
  end
end

local function remember(bucket, id, fingerprint, swept)
  if swept and age(swept) <= 0 then
    call('HSET', bucket, id, mark .. fingerprint)
  else
    call('HSET', bucket, id, mark .. fingerprint, '.', mark)
    call('EXPIREAT', bucket, expiry)
    if swept then sweep(bucket) end
  end
end
`;
