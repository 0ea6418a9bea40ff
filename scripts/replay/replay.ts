import { type ReplayProgress, replay } from '../../lib/archive/replay.ts';
import { hourIn } from '../../lib/orders/calendar.ts';
import type { RedisClient } from '../../lib/redis/client.ts';
import { redisName } from '../../lib/redis/url.ts';
import { redisWarnings } from '../../lib/redis/warnings.ts';
import { awsConfig } from '../shared/aws.ts';
import { CommandError, type Context, FAILED, INTERRUPTED } from '../shared/command.ts';
import { describePlaces } from '../shared/places.ts';
import { stepLines, writeLine } from '../shared/progress.ts';
import { Recount } from '../verify/recount.ts';
import { addObjects } from '../verify/recountArchive.ts';
import { compareWith } from '../verify/verify.ts';
import { ListedArchive } from './listedArchive.ts';
import type { Options } from './options.ts';
import { makePlan, type Plan } from './plan.ts';
import { describeForgotten, describeReplay, progressLine } from './report.ts';
import { refuseForgotten, refuseUsed, withTarget } from './target.ts';

/**
 * Replays the archive, and prints what it did or why it failed.
 *
 * @returns the exit code
 */
export async function runReplay(options: Options, context: Context): Promise<number> {
  const { running, signal } = context;
  try {
    const plan = await makePlan(options, context);
    console.error(describePlaces({ ...plan.place, redisUrl: plan.url }, running));
    const isDone = await withTarget(plan, async (redis) => {
      if (options.into !== undefined) {
        await refuseUsed(redis, plan.url);
        for (const warning of await redisWarnings(redis)) console.error(`Warning: ${warning}`);
      }
      if (options.from !== undefined) await refuseForgotten(redis, plan.url, options.from);
      const archive = new ListedArchive(plan.place.bucket, awsConfig(plan.place));
      const isWhole = await replayAll(redis, archive, plan, options, signal);
      return isWhole && (options.into === undefined || (await compareFilled(redis, archive, plan, signal)));
    });
    if (signal.aborted) return INTERRUPTED;
    return isDone ? 0 : FAILED;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    writeLine(error.message);
    return FAILED;
  }
}

/** @returns whether it has caught up in each shard */
async function replayAll(
  redis: RedisClient,
  archive: ListedArchive,
  { url, timeZone }: Plan,
  { from, into }: Options,
  signal: AbortSignal,
): Promise<boolean> {
  const show = stepLines(process.stderr);
  const options = { hourOf: hourIn(timeZone), run: `npm run replay ${process.pid}` };
  let last: ReplayProgress | undefined;
  try {
    for await (const progress of replay(redis, archive, from === undefined ? options : { ...options, fromMs: from })) {
      const { forgotten } = progress;
      if (into !== undefined && forgotten.length > 0) throw new CommandError(describeForgotten(forgotten, url));
      last = progress;
      show(() => progressLine(progress));
      if (signal.aborted) break;
    }
  } finally {
    if (last) console.log(describeReplay(last, url));
  }
  if (signal.aborted) console.log('Stopped before the end. The same command goes on');
  return !signal.aborted && last?.forgotten.length === 0;
}

/** Compares with the objects that were replayed. A worker may have added others meanwhile. */
async function compareFilled(
  redis: RedisClient,
  archive: ListedArchive,
  { place, url, timeZone }: Plan,
  signal: AbortSignal,
): Promise<boolean> {
  console.error('Counting the archive independently, to compare');
  const show = stepLines(process.stderr);
  const recount = new Recount({ timeZone, currency: 'USD' });
  await addObjects(recount, archive, archive.listed(signal), show);
  if (signal.aborted) return false;
  const emptiness = recount.emptiness(`archive ${place.bucket}`);
  if (emptiness) throw new CommandError(emptiness);
  const isEqual = await compareWith(redis, recount, { json: false, more: 'not in the archive', show });
  if (isEqual)
    console.log(`Point REDIS_URL at ${redisName(url)}. The next scheduled replay brings what was counted meanwhile`);
  return isEqual;
}
