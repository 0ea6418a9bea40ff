import { RedisConnection } from '../../lib/redis/connection.ts';
import { shardsOf } from '../../lib/stats/keys.ts';
import { defineTopUsersScript } from '../../lib/stats/topUsers.ts';
import { describePlaces, redisProblem } from '../shared/places.ts';
import { stepLines } from '../shared/progress.ts';
import { tryReading } from '../shared/redis.ts';
import type { RunningStack } from '../shared/runningStack.ts';
import { compareAll } from './compare.ts';
import type { Options } from './options.ts';
import { recountFiles } from './recount.ts';
import { describeDifferences, describeRecount, toJson } from './report.ts';

/** Generous, in milliseconds: nobody waits for the answer but the person at the terminal. */
const REDIS_LIMITS = { connectMs: 3000, commandMs: 30_000 };

/**
 * Prints how Redis differs from the files.
 *
 * @param running - the running `npm start`
 * @returns whether Redis holds what the files say
 * @throws an error whose message is for people
 */
export async function verify(options: Options, running: RunningStack | undefined): Promise<boolean> {
  const { files, redis: url, timeZone, currency, json } = options;
  const connection = new RedisConnection(url, REDIS_LIMITS, defineTopUsersScript);
  // Before the long count, so that a Redis that does not answer is reported at once.
  let redis = await atRedis(url, async () => {
    const opened = await connection.open();
    await tryReading(opened);
    return opened;
  });
  console.error(describePlaces({ redisUrl: url }, running));
  try {
    const show = stepLines(process.stderr);
    const recount = await recountFiles(files, { timeZone, currency }, show);
    const totals = recount.end(shardsOf(redis));
    if (!json) console.log(describeRecount(recount, totals));
    // Redis may have closed the first connection during the count.
    redis = await atRedis(url, () => connection.open());
    const differences = await atRedis(url, () => compareAll(redis, totals, show));
    console.log(json ? toJson(differences, recount, totals) : describeDifferences(differences, totals));
    return differences.length === 0;
  } finally {
    redis.disconnect();
  }
}

/** Its errors name the server, without the password that the URL may hold. */
async function atRedis<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(redisProblem(url, error), { cause: error });
  }
}
