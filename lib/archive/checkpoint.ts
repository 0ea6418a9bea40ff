import type { Result } from 'ioredis';
import * as v from 'valibot';
import { FENCED, REMEMBERED_SECONDS } from '../counting/countScript.ts';
import { luaScript } from '../counting/luaScript.ts';
import type { RedisClient } from '../redis/client.ts';
import { corruptionOf } from '../redis/errors.ts';
import { checkpointKey, globalStatsKey, ledgerKey, REPLAYED_UNTIL, type Shard } from '../stats/keys.ts';
import checkpointSource from './checkpoint.lua';

/** The script as Redis gets it; checkpoint.lua says what it takes and returns. */
export const checkpointLua = luaScript({ REMEMBERED: REMEMBERED_SECONDS, FENCED }, checkpointSource);

declare module 'ioredis' {
  interface RedisCommander<Context> {
    checkpointScript(keys: number, ...keysAndArgs: (string | number)[]): Result<unknown, Context>;
  }
}

/** Makes the script known to the client; ioredis then sends its SHA-1 instead of the text. */
export function defineCheckpointScript(redis: RedisClient): void {
  redis.defineCommand('checkpointScript', { lua: checkpointLua });
}

/**
 * Where a replay starts in a shard. `until`: all of the archive before this time, in milliseconds since 1970, has been replayed
 * here; 0 if there is no checkpoint.
 * - `empty`: nothing is counted here
 * - `known`: the ledger knows each order that was counted here and is in the archive from `until` on
 * - `forgotten`: it may have forgotten some, which a replay would count twice
 */
export type Checkpoint = { readonly until: number; readonly content: 'empty' | 'known' | 'forgotten' };

const Begun = v.pipe(
  v.tuple([v.string(), v.picklist(['empty', 'known', 'forgotten'])]),
  v.transform(([until, content]): Checkpoint => ({ until: Number(until), content })),
);

/** Times in milliseconds since 1970, by the clock of S3. */
export type ArchiveTimes = { readonly time: number; readonly now: number };

/**
 * The checkpoint of a shard in milliseconds since 1970; 0 if there is none.
 *
 * @throws a `CorruptKeyError`, or the error of Redis
 */
export async function readCheckpoint(redis: RedisClient, shard: Shard): Promise<number> {
  const key = checkpointKey(shard);
  const until = await redis.hget(key, REPLAYED_UNTIL).catch((error) => {
    throw corruptionOf(key, error);
  });
  return Number(until ?? 0);
}

/** The fence of the last call of a replay into a shard, if any. @throws the error of Redis */
export const readFence = (redis: RedisClient, shard: Shard): Promise<string | null> =>
  redis.hget(checkpointKey(shard), 'fence');

/**
 * Starts a replay into a shard.
 *
 * @param fence see `Fence` in count.ts
 * @param checkpoint see {@link readCheckpoint}
 * @param times `time`: the first one to replay. From the checkpoint to there, the archive holds nothing
 * @throws an error whose message begins with `FENCED` when the checkpoint is another one, or the error of Redis
 */
export async function beginReplay(
  redis: RedisClient,
  shard: Shard,
  fence: string,
  checkpoint: number,
  times: ArchiveTimes,
): Promise<Checkpoint> {
  const stored = checkpoint === 0 ? '' : checkpoint;
  return v.parse(Begun, await callScript(redis, shard, ['begin', fence, times.time, secondsIn(times), stored]));
}

/**
 * Moves the checkpoint of a shard forward, never back.
 *
 * @param fence that the last call of the replay has put up
 * @param times `time`: all of the archive before it has been replayed here
 * @throws an error whose message begins with `FENCED`, or the error of Redis
 */
export async function moveCheckpoint(
  redis: RedisClient,
  shard: Shard,
  fence: string,
  times: ArchiveTimes,
): Promise<void> {
  await callScript(redis, shard, ['move', fence, times.time, secondsIn(times)]);
}

/** From the time to now. */
const secondsIn = ({ time, now }: ArchiveTimes): number => Math.ceil((now - time) / 1000);

function callScript(redis: RedisClient, shard: Shard, args: readonly (string | number)[]): Promise<unknown> {
  const keys = [checkpointKey(shard), globalStatsKey(shard), ledgerKey(shard)];
  return redis.checkpointScript(keys.length, ...keys, ...args);
}
