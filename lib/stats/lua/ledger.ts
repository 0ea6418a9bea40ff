import { ID_LENGTH, RECORD_LENGTH } from '../fingerprint.ts';
import { LEDGER_KEYS, LEDGER_PERIOD_SECONDS, LEDGER_PERIODS } from '../keys.ts';

/**
 * Part of the counting script: the ledger of orders that are counted already, one hash for each period of 10 days. A
 * field is a bucket, and its value the records of the orders in it, one after the other, each of order id, fingerprint
 * and scope. A period's hash expires as a whole when the fourth period after it begins, so an order is remembered for
 * 30 to 40 days; the fifth takes its place. They use KEYS 1 to 5 in turn.
 *
 * The clock is that of Redis, so workers whose clocks differ agree on the period. All hashes are searched, whatever the
 * time: one that jumps back, as in a failover to another machine, forgets no order.
 */
export const ledgerLua = /* lua */ `
local PERIOD, PERIODS, LEDGERS = ${LEDGER_PERIOD_SECONDS}, ${LEDGER_PERIODS}, ${LEDGER_KEYS}
local FINGERPRINT, RECORD = ${ID_LENGTH}, ${RECORD_LENGTH}
local SCOPE = RECORD - 1
local period = floor(call('TIME')[1] / PERIOD)
local current = period % LEDGERS + 1

-- For each hash the values of the buckets; or nil and the reason when its key holds something else.
local function readLedger(buckets)
  local ledger = {}
  for n = 1, LEDGERS do
    ledger[n] = pcall('HMGET', KEYS[n], unpack(buckets))
    if ledger[n].err then return nil, KEYS[n] .. ': ' .. ledger[n].err end
  end
  return ledger
end

-- Fingerprint and scope of an order id in the value of a bucket; nothing when it is not there.
local function recall(value, id)
  local at = find(value, id, 1, true)
  while at and at % RECORD ~= 1 do at = find(value, id, at + 1, true) end
  if at then return sub(value, at + FINGERPRINT, at + SCOPE - 1), sub(value, at + SCOPE, at + SCOPE) end
end

-- Writes new values of buckets: a flat list of buckets and values. An expiry that is there already is only ever put off.
local function writeLedger(values)
  call('HSET', KEYS[current], unpack(values))
  local expiry = (period + PERIODS) * PERIOD
  if call('EXPIRETIME', KEYS[current]) < expiry then
    call('EXPIREAT', KEYS[current], format('%d', expiry))
  end
end
`;
