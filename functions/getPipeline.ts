import { pipelineConfig } from '../lib/config.ts';
import { etagOf, okJson } from '../lib/http/answer.ts';
import { httpHandler } from '../lib/http/handler.ts';
import { NoParameters } from '../lib/http/parameters.ts';
import { redisReader } from '../lib/redis/reader.ts';
import { pipelineState, withoutAges } from '../lib/stats/pipelineState.ts';

const { redisUrl, ...queues } = pipelineConfig(process.env);
const read = redisReader(redisUrl);

/** GET /pipeline */
export const handler = httpHandler(NoParameters, async () => {
  const state = await pipelineState(read, queues);
  return okJson(JSON.stringify(state), etagOf(JSON.stringify(withoutAges(state))));
});
