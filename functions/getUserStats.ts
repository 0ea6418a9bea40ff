import { readerConfig } from '../lib/config.ts';
import { httpHandler, ok } from '../lib/http/handler.ts';
import { UserStatsParameters } from '../lib/http/parameters.ts';
import { problem } from '../lib/http/problem.ts';
import { redisReader } from '../lib/redis/reader.ts';
import { readUserStats } from '../lib/stats/read.ts';

const read = redisReader(readerConfig(process.env).redisUrl);

/** GET /users/{user_id}/stats */
export const handler = httpHandler(UserStatsParameters, async ({ user_id, range }) => {
  const stats = await read((redis) => readUserStats(redis, user_id, range));
  return stats ? ok({ user_id, ...stats }) : problem('unknown-user', `No order of user ${user_id} was counted.`);
});
