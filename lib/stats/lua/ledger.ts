import { ID_LENGTH, RECORD_LENGTH } from '../fingerprint.ts';
import { LEDGER_PERIOD_SECONDS, LEDGER_PERIODS } from '../keys.ts';

/**
 * Part of the counting script: the ledger of orders that are counted already, one hash for each of 4 periods of 10
 * days, KEYS 1 to 4. A field is a bucket, and its value the records of the orders in it, one after the other, each of
 * order id, fingerprint and scope. A period's hash expires as a whole when its place is needed by the period 4 later,
 * so an order is remembered for 30 to 40 days.
 *
 * The clock is that of Redis, so workers whose clocks differ agree on the period. All four hashes are searched, whatever
 * the time: one that jumps back, as in a failover to another machine, forgets no order.
 */
export const ledgerLua = /* lua */ `
local PERIOD, PERIODS = ${LEDGER_PERIOD_SECONDS}, ${LEDGER_PERIODS}
local FINGERPRINT, RECORD = ${ID_LENGTH}, ${RECORD_LENGTH}
local SCOPE = RECORD - 1
local period = floor(call('TIME')[1] / PERIOD)
local current = period % PERIODS + 1

-- For each period the values of the buckets; or nil and the reason when its key holds something else.
local function readLedger(buckets)
  local ledger = {}
  for n = 1, PERIODS do
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

-- Writes new values of buckets: a flat list of buckets and values.
local function writeLedger(values)
  call('HSET', KEYS[current], unpack(values))
  if call('TTL', KEYS[current]) < 0 then
    call('EXPIREAT', KEYS[current], format('%d', (period + PERIODS) * PERIOD))
  end
end
`;
