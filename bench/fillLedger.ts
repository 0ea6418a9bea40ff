import { randomBytes } from 'node:crypto';
import pMap from 'p-map';
import type { RedisClient } from '../lib/redisClient.ts';
import { BASE64URL, RECORD_LENGTH } from '../lib/stats/fingerprint.ts';
import { LEDGER_PERIODS } from '../lib/stats/keys.ts';
import { currentPeriod, expiryOf, ledgerKey } from '../tests/support/passTime.ts';

/** The scope of orders that are in all totals. */
const SCOPE = 'a'.charCodeAt(0);

/** The buckets of a ledger, in portions that begin with the same character. */
const PORTIONS = [...BASE64URL].map((first) =>
  [...BASE64URL].flatMap((second) => [...BASE64URL.slice(0, 32)].map((third) => first + second + third)),
);
const BUCKETS = PORTIONS.flat().length;

/**
 * Writes the ledger of a Redis as it would be after so many orders, spread evenly over its periods and buckets: random
 * ids and fingerprints, in the form and with the expiry that the counting script gives them. Bypasses that script, as
 * counting hundreds of millions of orders takes hours.
 */
export async function fillLedger(redis: RedisClient, orders: number): Promise<void> {
  const current = await currentPeriod(redis);
  const periods = Array.from({ length: LEDGER_PERIODS }, (_, n) => current - n);
  // Few at once: of the largest ledgers a portion is 20 MB.
  await pMap(portionsOf(orders, periods.map(ledgerKey)), ({ key, values }) => redis.hset(key, ...values), {
    concurrency: 2,
  });
  for (const period of periods) await redis.expireat(ledgerKey(period), expiryOf(period));
}

/** Buckets and their values, each made only when it is about to be written. */
function* portionsOf(orders: number, keys: readonly string[]): Generator<{ key: string; values: (string | Buffer)[] }> {
  let bucketsDone = 0;
  let ordersDone = 0;
  for (const key of keys) {
    for (const buckets of PORTIONS) {
      const values: (string | Buffer)[] = [];
      for (const bucket of buckets) {
        const ordersThen = Math.floor((orders * ++bucketsDone) / (BUCKETS * keys.length));
        // In a small ledger some buckets stay empty.
        if (ordersThen > ordersDone) values.push(bucket, randomRecords(ordersThen - ordersDone));
        ordersDone = ordersThen;
      }
      if (values.length > 0) yield { key, values };
    }
  }
}

function randomRecords(count: number): Buffer {
  const text = randomBytes(Math.ceil((count * RECORD_LENGTH * 6) / 8)).toString('base64url');
  const records = Buffer.from(text, 'latin1').subarray(0, count * RECORD_LENGTH);
  for (let end = RECORD_LENGTH; end <= records.length; end += RECORD_LENGTH) records[end - 1] = SCOPE;
  return records;
}
