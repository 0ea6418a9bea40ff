import { readerConfig, unitsConfig } from '../lib/config.ts';
import { ok } from '../lib/http/answer.ts';
import { httpHandler } from '../lib/http/handler.ts';
import { globalStatsParameters } from '../lib/http/parameters.ts';
import { hourIn } from '../lib/orders/calendar.ts';
import { redisReader } from '../lib/redis/reader.ts';
import { readGlobalSeries, readGlobalStats } from '../lib/stats/read.ts';

const { timeZone, currency } = unitsConfig(process.env);
const read = redisReader(readerConfig(process.env).redisUrl);

/** GET /stats/global */
export const handler = httpHandler(globalStatsParameters(hourIn(timeZone)), async ({ range }) => {
  if (!range) return ok(await read(readGlobalStats));
  return ok({ currency, ...(await read((redis) => readGlobalSeries(redis, range))) });
});
