import { readerConfig, unitsConfig } from '../lib/config.ts';
import { ok } from '../lib/http/answer.ts';
import { httpHandler } from '../lib/http/handler.ts';
import { userStatsParameters } from '../lib/http/parameters.ts';
import { hourIn } from '../lib/orders/calendar.ts';
import { redisReader } from '../lib/redis/reader.ts';
import { readUserSeries, readUserStats } from '../lib/stats/read.ts';

const { timeZone, currency } = unitsConfig(process.env);
const read = redisReader(readerConfig(process.env).redisUrl);

/** GET /users/{user_id}/stats */
export const handler = httpHandler(userStatsParameters(hourIn(timeZone)), async ({ user_id, range }) => {
  const stats = await read((redis) => (range ? readUserSeries(redis, user_id, range) : readUserStats(redis, user_id)));
  if (!stats) return { problem: 'unknown-user', detail: `No order of user ${user_id} was counted.` };
  return ok({ user_id, ...(range && { currency }), ...stats });
});
