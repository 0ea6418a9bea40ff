import { overviewConfig } from '../lib/config.ts';
import { etagOf, okJson } from '../lib/http/answer.ts';
import { httpHandler } from '../lib/http/handler.ts';
import { NoParameters } from '../lib/http/parameters.ts';
import { redisReader } from '../lib/redis/reader.ts';
import { overviewSource } from '../lib/stats/overview.ts';
import { defineOverviewScript } from '../lib/stats/overviewShard.ts';

const { redisUrl, queues, deployed } = overviewConfig(process.env);
const overview = overviewSource(redisReader(redisUrl, defineOverviewScript), queues, deployed);

/** GET /overview */
export const handler = httpHandler(NoParameters, async () => {
  const { json, news } = await overview();
  return okJson(json, etagOf(news));
});
