import { readHandler } from '../lib/http/readHandler.ts';
import { ok, problem } from '../lib/http/respond.ts';
import { parseUserId } from '../lib/orders/order.ts';
import { readUserStats } from '../lib/stats/read.ts';

/** GET /users/{user_id}/stats */
export const handler = readHandler(async (read, { user_id }) => {
  const parsed = parseUserId(user_id);
  if (!parsed.ok) return problem(400, 'Bad Request', `user_id ${parsed.rule}`);
  const stats = await read((redis) => readUserStats(redis, parsed.userId));
  return stats ? ok(stats) : problem(404, 'Not Found', `No order of user ${parsed.userId} was counted.`);
});
