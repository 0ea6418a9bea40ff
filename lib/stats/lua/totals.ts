/**
 * Part of both counting scripts: the totals of one call. Each is read once, before anything is written, and written
 * once at the end. Units and cents of an amount are kept apart, as Lua's numbers are doubles: exact up to 9e15 units.
 */
export const totalsLua = /* lua */ `
local KEYS, ARGV, call, pcall = KEYS, ARGV, redis.call, redis.pcall
local floor, format, match, sub, byte = math.floor, string.format, string.match, string.sub, string.byte
local totals = {}

-- Units and cents of an amount; nothing when it is none. Patterns are slow, and all that is written here has two
-- decimals; a person may have written fewer.
local function split(amount)
  if byte(amount, -3) ~= 46 then
    local whole, decimal = match(amount, '^(%d+)%.?(%d?)$')
    if not whole then return end
    amount = whole .. '.' .. sub(decimal .. '00', 1, 2)
  end
  local first, units, cents = byte(amount), tonumber(sub(amount, 1, -4)), tonumber(sub(amount, -2))
  if first >= 48 and first <= 57 and units and units % 1 == 0 and cents and cents >= 0 then return units, cents end
end

-- The total at key as { count, units, cents }, or nil and the reason when the key holds something else.
local function total(key, countField, amountField)
  local found = totals[key]
  if found then return found end
  local stored = pcall('HMGET', key, countField, amountField)
  if stored.err then return nil, key .. ': ' .. stored.err end
  local count = tonumber(stored[1] or 0)
  local units, cents = split(stored[2] or '0.00')
  if not count or count < 0 or count % 1 ~= 0 or not units then
    return nil, key .. ': ' .. countField .. ' or ' .. amountField .. ' is damaged'
  end
  found = { count, units, cents, false }
  totals[key] = found
  return found
end

local function add(found, cents)
  found[1] = found[1] + 1
  found[3] = found[3] + cents
  found[4] = true
end

local function writeTotals(countField, amountField)
  for key, found in pairs(totals) do
    if found[4] then
      local count = format('%d', found[1])
      local amount = format('%d.%02d', found[2] + floor(found[3] / 100), found[3] % 100)
      call('HSET', key, countField, count, amountField, amount)
    end
  end
end
`;
