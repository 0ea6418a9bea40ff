import { GLOBAL_FIELDS, USER_FIELDS } from '../keys.ts';

/**
 * Part of the counting script: the totals of one call. Each is read once, before anything is written, and written once
 * at the end. Units and cents of an amount are kept apart, as Lua's numbers are doubles: exact up to 9e15 units.
 */
export const totalsLua = /* lua */ `
local KEYS, ARGV, call, pcall = KEYS, ARGV, redis.call, redis.pcall
local floor, format = math.floor, string.format
local match, sub, byte, find = string.match, string.sub, string.byte, string.find

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

local function readTotal(key, countField, amountField)
  local stored = pcall('HMGET', key, countField, amountField)
  if stored.err then return { damage = key .. ': ' .. stored.err } end
  local count = tonumber(stored[1] or 0)
  local units, cents = split(stored[2] or '0.00')
  if not count or count < 0 or count % 1 ~= 0 or not units then
    return { damage = key .. ': ' .. countField .. ' or ' .. amountField .. ' is damaged' }
  end
  return { key = key, countField = countField, amountField = amountField, count = count, units = units, cents = cents }
end

-- The totals at the keys after KEYS[before], of a kind each: g with global fields, u with those of a user. One that
-- holds what it should not has a damage, the reason.
local function readTotals(before, kinds)
  local totals = {}
  for i = 1, #kinds do
    if sub(kinds, i, i) == 'g' then
      totals[i] = readTotal(KEYS[before + i], ${GLOBAL_FIELDS.map((field) => `'${field}'`).join(', ')})
    else
      totals[i] = readTotal(KEYS[before + i], ${USER_FIELDS.map((field) => `'${field}'`).join(', ')})
    end
  end
  return totals
end

local function add(total, cents)
  total.count = total.count + 1
  total.cents = total.cents + cents
  total.isChanged = true
end

local function writeTotals(totals)
  for _, total in ipairs(totals) do
    if total.isChanged then
      local count = format('%d', total.count)
      local amount = format('%d.%02d', total.units + floor(total.cents / 100), total.cents % 100)
      call('HSET', total.key, total.countField, count, total.amountField, amount)
    end
  end
end
`;
