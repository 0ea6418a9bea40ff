/**
 * Part of both counting scripts: the totals of one call. Each is read once, before anything is written, and written
 * once at the end. Units and cents of an amount are kept apart, as Lua's numbers are doubles: exact up to 9e15 units.
 */
export const totalsLua = /* lua */ `
local totals = {}

-- The total at key as { count, units, cents }, or nil and the reason when the key holds something else.
local function total(key, countField, amountField)
  local found = totals[key]
  if found then return found end
  local stored = redis.pcall('HMGET', key, countField, amountField)
  if stored.err then return nil, key .. ': ' .. stored.err end
  local count = string.match(stored[1] or '0', '^%d+$')
  local units, cents = string.match(stored[2] or '0.00', '^(%d+)%.?(%d?%d?)$')
  if not count or not units then
    return nil, key .. ': ' .. countField .. ' or ' .. amountField .. ' is damaged'
  end
  found = { tonumber(count), tonumber(units), tonumber(string.sub(cents .. '00', 1, 2)) }
  totals[key] = found
  return found
end

local function add(found, cents)
  found[1] = found[1] + 1
  found[3] = found[3] + cents
  found.changed = true
end

local function writeTotals(countField, amountField)
  for key, found in pairs(totals) do
    if found.changed then
      local count = string.format('%d', found[1])
      local amount = string.format('%d.%02d', found[2] + math.floor(found[3] / 100), found[3] % 100)
      redis.call('HSET', key, countField, count, amountField, amount)
    end
  end
end
`;
