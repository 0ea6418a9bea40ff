import type { Context } from 'aws-lambda';
import { Archive } from '../lib/archive/archive.ts';
import { defineCheckpointScript } from '../lib/archive/checkpoint.ts';
import { type ReplayProgress, replay } from '../lib/archive/replay.ts';
import { failedReplay, reportReplay } from '../lib/archive/report.ts';
import { replayConfig } from '../lib/config.ts';
import { defineCountingScript } from '../lib/counting/count.ts';
import { logger } from '../lib/observability.ts';
import { hourIn } from '../lib/orders/calendar.ts';
import type { RedisClient } from '../lib/redis/client.ts';
import { RedisConnection } from '../lib/redis/connection.ts';
import { firstCause } from '../lib/redis/errors.ts';

const { redisUrl, bucket, timeZone } = replayConfig(process.env);
const hourOf = hourIn(timeZone);
const redis = new RedisConnection(redisUrl, { connectMs: 1000, commandMs: 5000 }, (client) => {
  defineCountingScript(client);
  defineCheckpointScript(client);
});
const archive = new Archive(bucket, {
  requestHandler: { connectionTimeout: 1000, requestTimeout: 7000, throwOnRequestTimeout: true },
});

/** A slice takes less, and the requests in flight as well. */
const TIME_TO_END_MS = 30_000;

/**
 * Counts what the archive holds and Redis does not, from the checkpoint on. Ends before its timeout, and the next run goes on.
 * The event does not matter.
 *
 * @returns what it has done, for whoever invokes it
 */
export async function handler(_event: unknown, context: Context): Promise<ReplayProgress | undefined> {
  logger.addContext(context);
  let last: ReplayProgress | undefined;
  let client: RedisClient | undefined;
  try {
    client = await redis.open();
    for await (last of replay(client, archive, { hourOf, run: context.awsRequestId })) {
      if (context.getRemainingTimeInMillis() < TIME_TO_END_MS) break;
    }
    return last;
  } catch (error) {
    if (client) redis.drop(client);
    throw failedReplay(firstCause([error, client && redis.endOf(client)]));
  } finally {
    if (last) reportReplay(last);
  }
}
