import { redisUrlProblem } from '../../lib/redis/url.ts';
import { type FoundArchive, findArchive } from '../shared/archive.ts';
import { CommandError, type Context } from '../shared/command.ts';
import { chooseArchive, chooseRedis, chooseUnits } from '../shared/places.ts';
import type { Options } from './options.ts';

/** Which archive is replayed into which Redis. `url`: of Redis. `timeZone`: of its days and months. */
export type Plan = { readonly place: FoundArchive; readonly url: string; readonly timeZone: string };

/** @throws a {@link CommandError} where a setting is missing or invalid, or the archive cannot be read */
export async function makePlan(options: Options, { env, running }: Context): Promise<Plan> {
  const { stage, into } = options;
  const place = chooseArchive(options, env, running);
  const url = into ?? chooseRedis({ ...options, endpoint: place.endpoint, standard: env.REDIS_URL, running });
  if (!url) throw new CommandError(`No Redis is named for stage ${stage}: set --redis or REDIS_URL`);
  const problem = redisUrlProblem(url);
  if (problem) throw new CommandError(`REDIS_URL ${problem}`);
  // In another time zone, orders would count on other days than those that the stage has counted.
  if (stage !== 'local' && !options.timeZone && !env.TIME_ZONE)
    throw new CommandError(`No time zone is named for stage ${stage}: set --time-zone or TIME_ZONE`);
  // A Redis that is filled from the archive of npm start gets its time zone.
  const isOfNpmStart = running !== undefined && place.endpoint === running.sqsEndpoint;
  const { timeZone } = chooseUnits(options, isOfNpmStart ? running.redisUrl : url, env, running);
  return { place: await findArchive(place), url, timeZone };
}
