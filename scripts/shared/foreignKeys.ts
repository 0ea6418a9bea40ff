import { primariesOf, type RedisClient } from '../../lib/redis/client.ts';
import { troubleOf } from '../../lib/redis/errors.ts';
import {
  deadLettersKey,
  ledgerKey,
  PERMANENT_KEYS,
  type Shard,
  shardsOf,
  topUsersFloorKey,
  topUsersKey,
  USER_FIELDS,
  userKeyPrefix,
} from '../../lib/stats/keys.ts';

const KEYS_LOOKED_AT = 1000;

/** Our keys, without their shards, except for those of users and the ledger. */
const NAMES = [...PERMANENT_KEYS, deadLettersKey].map((keyOf) => keyOf(''));
const NAMES_OF_OTHER_TYPES = [topUsersKey(''), topUsersFloorKey('')];

/** Whether a database without a ledger holds keys of another application. Looks only at the first keys of SCAN. */
export async function belongsToOthers(redis: RedisClient): Promise<boolean> {
  const shards = shardsOf(redis);
  const ledgers = await Promise.all(shards.map((shard) => redis.exists(ledgerKey(shard))));
  if (ledgers.some(Boolean)) return false;
  const pages = await Promise.all(primariesOf(redis).map((node) => node.scan('0', 'COUNT', KEYS_LOOKED_AT)));
  const ours = await Promise.all(pages.flatMap(([, keys]) => keys.map((key) => isOurs(redis, shards, key))));
  return !ours.every(Boolean);
}

/** Keys of other applications may begin with `user:` or `global:` too. */
async function isOurs(redis: RedisClient, shards: readonly Shard[], key: string): Promise<boolean> {
  const shard = shards.find((shard) => key.startsWith(shard));
  if (shard === undefined) return false;
  const name = key.slice(shard.length);
  if (NAMES_OF_OTHER_TYPES.includes(name)) return true;
  const isUser = name.startsWith(userKeyPrefix(''));
  if (!isUser && !NAMES.includes(name)) return false;
  try {
    const orders = await redis.hget(key, USER_FIELDS[0]);
    return !isUser || orders !== null;
  } catch (error) {
    if (troubleOf(error) === 'corrupt') return false;
    throw error;
  }
}
