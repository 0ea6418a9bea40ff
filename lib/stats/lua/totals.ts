import { GLOBAL_FIELDS, USER_FIELDS } from '../keys.ts';
import { MAX_TOTAL_CENTS } from '../maxTotal.ts';

const names = (fields: readonly string[]): string => fields.map((field) => `'${field}'`).join(', ');

/**
 * Part of the counting script: the totals of one call. Each is read once, before anything is written, and written once
 * at the end. Lua's numbers are doubles: exact for the cents of every total up to the largest.
 */
export const totalsLua = /* lua */ `
local KEYS, ARGV, call, pcall = KEYS, ARGV, redis.call, redis.pcall
local floor, format = math.floor, string.format
local sub, byte, find = string.sub, string.byte, string.find
local GLOBAL = byte('g')

-- Cents of the largest total.
local MAX = ${MAX_TOTAL_CENTS}
-- Units below which a double tells the cents of an amount, which takes less time than a text.
local LARGE = 1e12

-- Cents of an amount; nothing when it is none, or above the largest. All that is written here has two decimals; a person
-- may have written fewer.
local function centsOf(amount)
  if not find(amount, '^%d+%.%d%d$') then
    if find(amount, '^%d+$') then
      amount = amount .. '.00'
    elseif find(amount, '^%d+%.%d$') then
      amount = amount .. '0'
    else
      return
    end
  end
  local value = tonumber(amount)
  local cents = value < LARGE and floor(value * 100 + 0.5) or tonumber(sub(amount, 1, -4) .. sub(amount, -2))
  return cents <= MAX and cents or nil
end

-- Cents of a score, the nearest ones; nothing when no total has it.
local function centsOfScore(score)
  local cents = (tonumber(score) or -1) * 100
  if not (cents >= 0 and cents <= MAX) then return end
  local whole = floor(cents)
  return cents - whole < 0.5 and whole or whole + 1
end

-- Each total by its number. A table for each would be more to collect as garbage.
local keys, countFields, amountFields, counts, cents = {}, {}, {}, {}, {}
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
  local count = stored[1] or '0'
  counts[i], cents[i] = find(count, '^%d+$') and tonumber(count), centsOf(stored[2] or '0.00')
  if not counts[i] or counts[i] > MAX or not cents[i] then
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
      local amount = format('%d.%02d', floor(cents[i] / 100), cents[i] % 100)
      call('HSET', keys[i], countFields[i], format('%d', counts[i]), amountFields[i], amount)
    end
  end
end
`;
