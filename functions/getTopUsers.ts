import { readerConfig } from '../lib/config.ts';
import { ok } from '../lib/http/answer.ts';
import { httpHandler } from '../lib/http/handler.ts';
import { TopUsersParameters } from '../lib/http/parameters.ts';
import { redisReader } from '../lib/redis/reader.ts';
import { defineTopUsersScript, readTopUsers } from '../lib/stats/topUsers.ts';

const read = redisReader(readerConfig(process.env).redisUrl, defineTopUsersScript);

/** GET /top-users */
export const handler = httpHandler(TopUsersParameters, async ({ limit }) =>
  ok({ users: await read((redis) => readTopUsers(redis, limit)) }),
);
