import { RedisConnection } from '../lib/redis/connection.ts';
import { shardsOf } from '../lib/stats/keys.ts';
import { defineTopUsersScript } from '../lib/stats/topUsers.ts';
import { describePlaces } from './shared/places.ts';
import { stepLines } from './shared/progress.ts';
import { redisProblem, tryReading } from './shared/redis.ts';
import { readRunningStack } from './shared/runningStack.ts';
import { compareAll } from './verify/compare.ts';
import { type Options, readOptions } from './verify/options.ts';
import { recountFiles } from './verify/recount.ts';
import { describeDifferences, describeRecount, toJson } from './verify/report.ts';

/** Longest wait for Redis, in milliseconds: nobody else waits for the answer. */
const REDIS_LIMITS = { connectMs: 3000, commandMs: 30_000 };

// Where nobody reads on, as with `| head`, the exit code still says whether there is a difference.
process.stdout.on('error', () => {});

const running = readRunningStack();
try {
  process.exitCode = (await verify(readOptions(process.argv.slice(2), process.env, running))) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** @returns whether Redis holds what the files say */
async function verify({ files, redis: url, timeZone, currency, json }: Options): Promise<boolean> {
  const connection = new RedisConnection(url, REDIS_LIMITS, defineTopUsersScript);
  // Before the long count, so that a Redis that is not there, or refuses, is known at once.
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
    // Another connection if the first one was cut off for being idle.
    redis = await atRedis(url, () => connection.open());
    const differences = await atRedis(url, () => compareAll(redis, totals, show));
    console.log(json ? toJson(differences, recount, totals) : describeDifferences(differences, totals));
    return differences.length === 0;
  } finally {
    redis.disconnect();
  }
}

/** Runs what needs Redis; its errors name the server, without the password that the URL may hold. */
async function atRedis<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(redisProblem(url, error), { cause: error });
  }
}
