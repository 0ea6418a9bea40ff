import { pipelineConfig } from '../lib/config.ts';
import { ok } from '../lib/http/answer.ts';
import { httpHandler } from '../lib/http/handler.ts';
import { NoParameters } from '../lib/http/parameters.ts';
import { redisReader } from '../lib/redis/reader.ts';
import { pipelineState } from '../lib/stats/pipelineState.ts';

const { redisUrl, ...queues } = pipelineConfig(process.env);
const read = redisReader(redisUrl);

/** GET /pipeline */
export const handler = httpHandler(NoParameters, async () => ok(await pipelineState(read, queues)));
