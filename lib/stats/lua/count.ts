import { ledgerLua } from './ledger.ts';
import { totalsLua } from './totals.ts';

/**
 * Counts each order that the ledger does not know, and enters it there: into all of its totals at once, or into the
 * global ones alone (scope g), or those of users alone (scope u). All keys of a call with scope g, or u, share a slot.
 *
 * KEYS  1-5 ledger · 6 leaderboard, but not with scope u · then the hash of each total
 * ARGV  1 scope: a all, g global, u users · 2 a character for each hash: g with global fields, u with those of a user
 *       3 JSON, a flat list: for each order its bucket, id, fingerprint, cents, user id, and then its totals (4 with
 *       scope a, else 2), each as a number that counts from the first hash
 * Returns { verdicts, reasons }: a character for each order, and the reason of each f, in order
 *       n counted now · d counted before · the same as N and D where that was with scope g, so that its user's totals
 *       may be missing · c counted before with other content · f not counted, as a key holds what it should not
 *
 * Everything is read before anything is written, so no error can leave an order in the ledger but not in the totals.
 */
export const countLua = /* lua */ `${totalsLua}${ledgerLua}
local scope, orders = ARGV[1], cjson.decode(ARGV[3])
local leaderboard = scope ~= 'u' and KEYS[LEDGERS + 1]
local length = scope == 'a' and 9 or 7

local buckets = {}
for at = 1, #orders, length do buckets[#buckets + 1] = orders[at] end
local ledger, ledgerDamage = readLedger(buckets)
readTotals(leaderboard and LEDGERS + 1 or LEDGERS, ARGV[2])

local verdicts, reasons = {}, {}
local changed = {}

-- The leaderboard: cents of each user, nothing where the score is damaged; and users whose score changes.
local scores, users, isRanked, leaderboardDamage = {}, {}, {}, nil
if leaderboard then
  local members = {}
  for at = 5, #orders, length do members[#members + 1] = orders[at] end
  local stored = pcall('ZMSCORE', leaderboard, unpack(members))
  if stored.err then leaderboardDamage = leaderboard .. ': ' .. stored.err end
  for i = 1, #members do scores[members[i]] = centsOfScore(stored[i] or 0) end
end

-- Fingerprint and scope that an order was counted with, in this call or before; or the reason, third, why its bucket
-- does not tell.
local function known(i, id)
  local bucket = buckets[i]
  for n = 1, LEDGERS do
    local value = n == current and changed[bucket] or ledger[n][i]
    if value then
      if #value % RECORD ~= 0 then return nil, nil, KEYS[n] .. ': bucket ' .. bucket .. ' is damaged' end
      local fingerprint, countedAs = recall(value, id)
      if fingerprint then return fingerprint, countedAs end
    end
  end
end

-- Why an order cannot be added to the totals that it belongs to, and to the score of its user.
local function damageOf(first, last, amount, user)
  for at = first, last do
    local part = orders[at]
    local damage = damages[part]
    if damage then return damage end
    if cents[part] + amount > MAX then return keys[part] .. ': ' .. amountFields[part] .. ' is too large' end
  end
  if leaderboard then
    if leaderboardDamage then return leaderboardDamage end
    if not scores[user] then return leaderboard .. ': the score of ' .. user .. ' is damaged' end
    if scores[user] + amount > MAX then return leaderboard .. ': the score of ' .. user .. ' is too large' end
  end
end

for i = 1, #buckets do
  local at = (i - 1) * length
  local bucket, id, fingerprint, amount, user = unpack(orders, at + 1, at + 5)
  local before, beforeScope, damage = nil, nil, ledgerDamage
  if ledger then before, beforeScope, damage = known(i, id) end
  if before then
    verdicts[i] = before ~= fingerprint and 'c' or beforeScope == 'g' and 'D' or 'd'
  else
    damage = damage or damageOf(at + 6, at + length, amount, user)
    if damage then
      verdicts[i] = 'f'
      reasons[#reasons + 1] = damage
    else
      verdicts[i] = scope == 'g' and 'N' or 'n'
      changed[bucket] = (changed[bucket] or ledger[current][i] or '') .. id .. fingerprint .. scope
      for part = at + 6, at + length do add(orders[part], amount) end
      if not isRanked[user] then
        isRanked[user] = true
        users[#users + 1] = user
      end
      if leaderboard then scores[user] = scores[user] + amount end
    end
  end
end

if #users > 0 then
  local ranking = {}
  if leaderboard then
    for i = 1, #users do
      local user = users[i]
      local score = scores[user]
      ranking[2 * i - 1] = format('%d.%02d', floor(score / 100), score % 100)
      ranking[2 * i] = user
    end
  end
  local values = {}
  for bucket, value in pairs(changed) do
    values[#values + 1] = bucket
    values[#values + 1] = value
  end
  writeLedger(values)
  writeTotals()
  if leaderboard then call('ZADD', leaderboard, unpack(ranking)) end
end

return { table.concat(verdicts), reasons }
`;
