import { healthConfig } from '../lib/config.ts';
import { httpHandler } from '../lib/http/handler.ts';
import { ok } from '../lib/http/ok.ts';
import { NoParameters } from '../lib/http/parameters.ts';
import { redisReader } from '../lib/http/redisReader.ts';

const { redisUrl, stage, version } = healthConfig(process.env);
const read = redisReader(redisUrl);

/** GET /health */
export const handler = httpHandler(NoParameters, async () => {
  await read((redis) => redis.ping());
  return ok({ status: 'ok', version, stage });
});
