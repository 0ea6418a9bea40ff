import { healthConfig, unitsConfig } from '../lib/config.ts';
import { httpHandler } from '../lib/http/handler.ts';
import { ok } from '../lib/http/ok.ts';
import { NoParameters } from '../lib/http/parameters.ts';
import { redisReader } from '../lib/http/redisReader.ts';
import { globalStats, shardsOf } from '../lib/stats/keys.ts';

const { redisUrl, stage, version } = healthConfig(process.env);
const { timeZone, currency } = unitsConfig(process.env);
const read = redisReader(redisUrl);

/** GET /health */
export const handler = httpHandler(NoParameters, async () => {
  // Not PING, which any node of a cluster answers, even one that may serve nothing.
  await read((redis) => Promise.all(shardsOf(redis).map((shard) => redis.exists(globalStats(shard)))));
  return ok({ status: 'ok', version, stage, time_zone: timeZone, currency });
});
