import { healthConfig, unitsConfig } from '../lib/config.ts';
import { ok } from '../lib/http/answer.ts';
import { failure } from '../lib/http/failure.ts';
import { httpHandler } from '../lib/http/handler.ts';
import { NoParameters } from '../lib/http/parameters.ts';
import { logger } from '../lib/observability.ts';
import { isAnswer, troubleOf } from '../lib/redis/errors.ts';
import { redisReader } from '../lib/redis/reader.ts';
import { isLoopback, redisWarnings } from '../lib/redis/warnings.ts';
import { globalStatsKey, shardsOf } from '../lib/stats/keys.ts';
import { defineTopUsersScript, readTopUsers } from '../lib/stats/topUsers.ts';

const { redisUrl, stage, version } = healthConfig(process.env);
const { timeZone, currency } = unitsConfig(process.env);
const deployed = { version, stage, time_zone: timeZone, currency };
const read = redisReader(redisUrl, defineTopUsersScript);

/** Warnings are logged once per container, because monitors ask every few seconds. */
let hasWarned = false;

async function check(): Promise<void> {
  // PING would succeed on any node of a cluster, even on one that can serve no keys, and for a user who may run no scripts.
  const warnings = await read(async (redis) => {
    const serving = shardsOf(redis).map((shard) => redis.exists(globalStatsKey(shard)));
    const ranking = readTopUsers(redis, 1).catch((error: unknown) => {
      // Affects only what reads this key.
      if (troubleOf(error) !== 'corrupt') throw error;
    });
    const [found] = await Promise.all([hasWarned ? [] : redisWarnings(redis), ranking, ...serving]);
    return found;
  });
  hasWarned = true;
  for (const warning of warnings) logger.warn(warning);
}

/** GET /health */
export const handler = httpHandler(NoParameters, async () => {
  try {
    await check();
    return ok({ status: 'ok', ...deployed });
  } catch (error) {
    if (isLoopback(redisUrl) && troubleOf(error) === 'temporary' && !isAnswer(error)) {
      logger.warn(
        'REDIS_URL names this machine, which in a container is the container itself. Name a host that it can reach.',
      );
    }
    return { ...failure(error), members: deployed };
  }
});
