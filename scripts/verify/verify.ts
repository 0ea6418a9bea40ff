import { Archive } from '../../lib/archive/archive.ts';
import type { RedisClient } from '../../lib/redis/client.ts';
import { RedisConnection } from '../../lib/redis/connection.ts';
import { shardsOf } from '../../lib/stats/keys.ts';
import { defineTopUsersScript } from '../../lib/stats/topUsers.ts';
import { archiveProblem, findArchive, isOfArchive } from '../shared/archive.ts';
import { awsConfig } from '../shared/aws.ts';
import { describePlaces, redisProblem } from '../shared/places.ts';
import { type Show, stepLines } from '../shared/progress.ts';
import { tryReading } from '../shared/redis.ts';
import type { RunningStack } from '../shared/runningStack.ts';
import { compareAll } from './compare.ts';
import type { Options } from './options.ts';
import { type Recount, recountFiles } from './recount.ts';
import { recountArchive } from './recountArchive.ts';
import { describeDifferences, describeRecount, toJson } from './report.ts';

/** Generous, in milliseconds: nobody waits for the answer but the person at the terminal. */
const REDIS_LIMITS = { connectMs: 3000, commandMs: 30_000 };

/**
 * Prints how Redis differs from the files or from the archive.
 *
 * @param running - the running `npm start`
 * @returns whether Redis holds what they say
 * @throws an error whose message is for people
 */
export async function verify(options: Options, running: RunningStack | undefined): Promise<boolean> {
  const { redis: url } = options;
  const connection = new RedisConnection(url, REDIS_LIMITS, defineTopUsersScript);
  let redis: RedisClient | undefined;
  const open = async () => {
    redis = await connection.open();
    return redis;
  };
  try {
    // Before the long count, so that a Redis that does not answer is reported at once.
    await atRedis(url, async () => tryReading(await open()));
    const source = await openSource(options);
    console.error(describePlaces({ ...source.place, redisUrl: url }, running));
    const show = stepLines(process.stderr);
    const recount = await source.recount(show);
    const emptiness = recount.emptiness(source.name);
    if (emptiness) throw new Error(emptiness);
    // Redis may have closed the first connection during the count.
    return await atRedis(url, async () => compareWith(await open(), recount, { ...options, more: source.more, show }));
  } finally {
    if (redis) connection.drop(redis);
  }
}

/** Where the orders come from. `more`: what it means that Redis holds other orders too, after a relative pronoun. */
type Source = {
  readonly name: string;
  readonly place: { readonly bucket?: string; readonly endpoint?: string | undefined };
  readonly more: string;
  recount(show: Show): Promise<Recount>;
};

async function openSource({ source, ...units }: Options): Promise<Source> {
  if ('files' in source) {
    return {
      name: source.files.join(', '),
      place: {},
      more: 'in none of the files. Name all files of its orders, or compare another Redis',
      recount: (show) => recountFiles(source.files, units, show),
    };
  }
  const place = await findArchive(source.archive);
  const archive = new Archive(place.bucket, awsConfig(place));
  return {
    name: `archive ${place.bucket}`,
    place,
    more: 'not in the archive. Compare again while no order is on its way',
    recount: (show) =>
      recountArchive(archive, units, show).catch((error: unknown) => {
        throw isOfArchive(error) ? new Error(archiveProblem(place, error), { cause: error }) : error;
      }),
  };
}

/** `more`: see {@link Source}. */
export type Comparison = { readonly json: boolean; readonly more: string; readonly show: Show };

/**
 * Compares a Redis with recounted orders, and prints both.
 *
 * @returns whether they are equal
 * @throws the error of Redis or of the connection
 */
export async function compareWith(
  redis: RedisClient,
  recount: Recount,
  { json, more, show }: Comparison,
): Promise<boolean> {
  const totals = recount.end(shardsOf(redis));
  if (!json) console.log(describeRecount(recount, totals));
  const differences = await compareAll(redis, totals, show);
  console.log(json ? toJson(differences, recount, totals) : describeDifferences(differences, totals, more));
  return differences.length === 0;
}

/** Its errors name the server, without the password that the URL may hold. */
async function atRedis<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(redisProblem(url, error), { cause: error });
  }
}
