/**
 * Part of both counting scripts: the totals of one call. Each is read once, before anything is written, and written
 * once at the end. Units and cents of an amount are kept apart, as Lua's numbers are doubles: exact up to 9e15 units.
 */
export const totalsLua = /* lua */ `
local call, pcall = redis.call, redis.pcall
local floor, format, match, sub = math.floor, string.format, string.match, string.sub
local totals = {}

-- The total at key as { count, units, cents }, or nil and the reason when the key holds something else.
local function total(key, countField, amountField)
  local found = totals[key]
  if found then return found end
  local stored = pcall('HMGET', key, countField, amountField)
  if stored.err then return nil, key .. ': ' .. stored.err end
  local count = match(stored[1] or '0', '^%d+$')
  local units, cents = match(stored[2] or '0.00', '^(%d+)%.?(%d?%d?)$')
  if not count or not units then
    return nil, key .. ': ' .. countField .. ' or ' .. amountField .. ' is damaged'
  end
  if #cents < 2 then cents = sub(cents .. '00', 1, 2) end
  found = { tonumber(count), tonumber(units), tonumber(cents), false }
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
