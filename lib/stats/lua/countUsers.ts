import { ledgerLua } from './ledger.ts';
import { totalsLua } from './totals.ts';

/**
 * Phase 2: adds each order to its user's total and month, unless the user ledger knows it already. Conflicts never get
 * here, so the ledger needs no fingerprints.
 *
 * KEYS  for each order: user ledger bucket, user hash, user's month hash
 * ARGV  for each order: ledger id, cents
 * Returns { verdicts, reasons }: a character for each order, n new, d counted before, f failed (not counted, as a key
 * holds what it should not); and the reason of each f, in order.
 *
 * Everything is read before anything is written, so no error can leave an order claimed but not counted.
 */
export const countUsersLua = /* lua */ `${totalsLua}${ledgerLua}
local verdicts, reasons = {}, {}
local claimed, new, sweeps = {}, {}, {}

for i = 1, #ARGV / 2 do
  local bucket, id = KEYS[3 * i - 2], ARGV[2 * i - 1]
  local known, swept, reason = claimed[id], nil, nil
  if not known then known, swept, reason = recall(bucket, id) end
  if known then
    verdicts[i] = 'd'
  else
    local user, month
    if not reason then user, reason = total(KEYS[3 * i - 1], 'order_count', 'total_spend') end
    if not reason then month, reason = total(KEYS[3 * i], 'order_count', 'total_spend') end
    if reason then
      verdicts[i] = 'f'
      reasons[#reasons + 1] = reason
    else
      local cents = tonumber(ARGV[2 * i])
      verdicts[i] = 'n'
      claimed[id] = ''
      new[#new + 1] = i
      sweeps[i] = swept
      add(user, cents)
      add(month, cents)
    end
  end
end

for _, i in ipairs(new) do
  remember(KEYS[3 * i - 2], ARGV[2 * i - 1], '', sweeps[i])
end
writeTotals('order_count', 'total_spend')

return { table.concat(verdicts), reasons }
`;
