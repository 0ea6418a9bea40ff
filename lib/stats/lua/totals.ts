import { GLOBAL_FIELDS, USER_FIELDS } from '../keys.ts';

const names = (fields: readonly string[]): string => fields.map((field) => `'${field}'`).join(', ');

/**
 * Part of the counting script: the totals of one call. Each is read once, before anything is written, and written once
 * at the end. Units and cents of an amount are kept apart, as Lua's numbers are doubles: exact up to 9e15 units.
 */
export const totalsLua = /* lua */ `
local KEYS, ARGV, call, pcall = KEYS, ARGV, redis.call, redis.pcall
local floor, format = math.floor, string.format
local match, sub, byte, find = string.match, string.sub, string.byte, string.find
local POINT, ZERO, NINE, GLOBAL = byte('.09g', 1, 4)

-- Below this a double tells the units of an amount, which takes less time than a text.
local LARGE = 1e12

-- Units and cents of an amount; nothing when it is none. Patterns are slow, and all that is written here has two
-- decimals; a person may have written fewer.
local function split(amount)
  if byte(amount, -3) ~= POINT then
    local whole, decimal = match(amount, '^(%d+)%.?(%d?)$')
    if not whole then return end
    amount = whole .. '.' .. sub(decimal .. '00', 1, 2)
  end
  local value, first, tens, ones = tonumber(amount), byte(amount), byte(amount, -2, -1)
  if not value or first < ZERO or first > NINE or tens < ZERO or tens > NINE or ones < ZERO or ones > NINE then return end
  local units = value < LARGE and value - value % 1 or tonumber(sub(amount, 1, -4))
  return units, (tens - ZERO) * 10 + ones - ZERO
end

-- Each total by its number. A table for each would be more to collect as garbage.
local keys, countFields, amountFields, counts, units, cents = {}, {}, {}, {}, {}, {}
-- The reason where a key holds what it should not.
local damages = {}
local isChanged = {}

local function readTotal(i, key, countField, amountField)
  keys[i], countFields[i], amountFields[i] = key, countField, amountField
  local stored = pcall('HMGET', key, countField, amountField)
  if stored.err then
    damages[i] = key .. ': ' .. stored.err
    return
  end
  local count, amount = tonumber(stored[1] or 0), stored[2]
  counts[i], units[i], cents[i] = count, 0, 0
  if amount then units[i], cents[i] = split(amount) end
  if not count or count < 0 or count % 1 ~= 0 or not units[i] then
    damages[i] = key .. ': ' .. countField .. ' or ' .. amountField .. ' is damaged'
  end
end

-- Reads the totals at the keys after KEYS[before], of a kind each: g with global fields, u with those of a user.
local function readTotals(before, kinds)
  for i = 1, #kinds do
    if byte(kinds, i) == GLOBAL then
      readTotal(i, KEYS[before + i], ${names(GLOBAL_FIELDS)})
    else
      readTotal(i, KEYS[before + i], ${names(USER_FIELDS)})
    end
  end
end

local function add(i, amount)
  counts[i] = counts[i] + 1
  cents[i] = cents[i] + amount
  isChanged[i] = true
end

local function writeTotals()
  for i = 1, #keys do
    if isChanged[i] then
      local amount = format('%d.%02d', units[i] + floor(cents[i] / 100), cents[i] % 100)
      call('HSET', keys[i], countFields[i], format('%d', counts[i]), amountFields[i], amount)
    end
  end
end
`;
