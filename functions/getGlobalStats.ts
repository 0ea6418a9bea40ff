import { readerConfig } from '../lib/config.ts';
import { httpHandler, ok } from '../lib/http/handler.ts';
import { GlobalStatsParameters } from '../lib/http/parameters.ts';
import { redisReader } from '../lib/redis/reader.ts';
import { readGlobalStats } from '../lib/stats/read.ts';

const read = redisReader(readerConfig(process.env).redisUrl);

/** GET /stats/global */
export const handler = httpHandler(GlobalStatsParameters, async ({ range }) =>
  ok(await read((redis) => readGlobalStats(redis, range))),
);
