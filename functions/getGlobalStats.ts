import { readHandler } from '../lib/http/readHandler.ts';
import { ok } from '../lib/http/respond.ts';
import { readGlobalStats } from '../lib/stats/read.ts';

/** GET /stats/global */
export const handler = readHandler(async (read) => ok(await read(readGlobalStats)));
