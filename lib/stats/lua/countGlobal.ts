import { ledgerLua } from './ledger.ts';
import { totalsLua } from './totals.ts';

/**
 * Phase 1: claims each order in the global ledger and adds the new ones to the grand total, their month and the
 * leaderboard. All keys are in the slot of global:stats.
 *
 * KEYS  1 global:stats · 2 leaderboard · then for each order: ledger bucket, month hash
 * ARGV  for each order: ledger id, fingerprint, cents, user id
 * Returns { verdicts, reasons }: a character for each order, n new, d duplicate, c conflict, f failed (not counted,
 * as a key holds what it should not); and the reason of each f, in order.
 *
 * Everything is read before anything is written, so no error can leave an order claimed but not counted.
 */
export const countGlobalLua = /* lua */ `${totalsLua}${ledgerLua}
local verdicts, reasons = {}, {}
local claimed, new, sweeps = {}, {}, {}
local users, spend = {}, {}

local grand, damage = total(KEYS[1], 'total_orders', 'total_revenue')

for i = 1, #ARGV / 4 do
  local bucket, monthKey = KEYS[2 * i + 1], KEYS[2 * i + 2]
  local id, fingerprint, user = ARGV[4 * i - 3], ARGV[4 * i - 2], ARGV[4 * i]
  local known, swept, reason = claimed[id], nil, damage
  if not known and not reason then known, swept, reason = recall(bucket, id) end
  if known then
    verdicts[i] = known == fingerprint and 'd' or 'c'
  else
    local month
    if not reason then month, reason = total(monthKey, 'total_orders', 'total_revenue') end
    if reason then
      verdicts[i] = 'f'
      reasons[#reasons + 1] = reason
    else
      local cents = tonumber(ARGV[4 * i - 1])
      verdicts[i] = 'n'
      claimed[id] = fingerprint
      new[#new + 1] = i
      sweeps[i] = swept
      add(grand, cents)
      add(month, cents)
      if not spend[user] then users[#users + 1] = user end
      spend[user] = (spend[user] or 0) + cents
    end
  end
end

if #new > 0 then
  local scores = call('ZMSCORE', KEYS[2], unpack(users))
  local ranking = {}
  for i, user in ipairs(users) do
    local cents = floor((scores[i] or 0) * 100 + 0.5) + spend[user]
    ranking[2 * i - 1] = format('%d.%02d', floor(cents / 100), cents % 100)
    ranking[2 * i] = user
  end
  for _, i in ipairs(new) do
    remember(KEYS[2 * i + 1], ARGV[4 * i - 3], ARGV[4 * i - 2], sweeps[i])
  end
  call('ZADD', KEYS[2], unpack(ranking))
  writeTotals('total_orders', 'total_revenue')
end

return { table.concat(verdicts), reasons }
`;
