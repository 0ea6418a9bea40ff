import { FIELD_BY_LETTER } from '../results.ts';
import {
  COUNTED_MINUTE_BEFORE,
  COUNTED_THAT_MINUTE,
  GLOBAL_FIELDS,
  LAST_COUNTED,
  LAST_RESTORED,
  MAX_TOTAL_CENTS,
  RESTORED,
  USER_FIELDS,
} from '../stats/keys.ts';
import countSource from './count.lua';
import {
  BASES,
  BUCKET_RECORDS,
  CANCELLED_CENTS,
  CONTENT_BYTES,
  HEADER_BYTES,
  ID_BYTES,
  RECORD_BYTES,
  USER_BYTES,
} from './ledgerRecord.ts';
import { luaScript } from './luaScript.ts';
import { ACCEPTED_FLAG, ORDER_BYTES } from './wire.ts';

/** Length of a period of the ledger in seconds: 10 days. */
export const PERIOD_SECONDS = 10 * 24 * 60 * 60;

/**
 * How long an order is surely remembered, in seconds: 29 days. The ledger remembers for 30; the day of margin is for a clock that
 * is set back, or a replica whose clock is behind, after the order was forgotten.
 */
export const REMEMBERED_SECONDS = 29 * 24 * 60 * 60;

/** Error of a script that a replay calls, see `Fence` in count.ts. */
export const FENCED = 'FENCED another replay has begun, or Redis lost what this one wrote';

/**
 * Users in the leaderboard: at least `least` where there are as many; above `most` it is cut down to `kept`.
 */
export const TOP_USERS = { least: 1000, most: 2000, kept: 1500 } as const;

/** The constants that count.lua shares with TypeScript, by their names in Lua. */
const CONSTANTS = {
  ORDER_BYTES,
  ACCEPTED: ACCEPTED_FLAG,
  MAX_TOTAL: MAX_TOTAL_CENTS,
  PERIOD: PERIOD_SECONDS,
  BASES,
  BUCKET_RECORDS,
  HEADER_BYTES,
  SHORT: RECORD_BYTES.short,
  LONG: RECORD_BYTES.long,
  ID_BYTES,
  USER_BYTES,
  CONTENT_BYTES,
  CANCELLED: CANCELLED_CENTS,
  LEAST_TOP: TOP_USERS.least,
  MOST_TOP: TOP_USERS.most,
  KEPT_TOP: TOP_USERS.kept,
  STATS_COUNT: GLOBAL_FIELDS[0],
  STATS_AMOUNT: GLOBAL_FIELDS[1],
  USER_COUNT: USER_FIELDS[0],
  USER_AMOUNT: USER_FIELDS[1],
  LAST_COUNTED,
  THAT_MINUTE: COUNTED_THAT_MINUTE,
  MINUTE_BEFORE: COUNTED_MINUTE_BEFORE,
  RESTORED,
  LAST_RESTORED,
  REMEMBERED: REMEMBERED_SECONDS,
  FENCED,
  MESSAGE_FIELDS: FIELD_BY_LETTER,
};

/** The counting script as Redis gets it; count.lua says what it takes and returns. */
export const countLua = luaScript(CONSTANTS, countSource);
