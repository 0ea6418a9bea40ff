import type { Result } from 'ioredis';
import * as v from 'valibot';
import { REMEMBERED_SECONDS } from '../counting/countScript.ts';
import type { RedisClient } from '../redis/client.ts';
import { checkpointKey, globalStatsKey, ledgerKey, type Shard } from '../stats/keys.ts';
import checkpointSource from './checkpoint.lua';

/** The script as Redis gets it. The first line makes a replica refuse it. */
export const checkpointLua = `#!lua
local REMEMBERED = ${REMEMBERED_SECONDS}
${checkpointSource}`;

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

/**
 * Starts a replay into a shard.
 *
 * @param fence see `Fence` in count.ts
 * @throws the error of Redis
 */
export async function beginReplay(redis: RedisClient, shard: Shard, fence: string): Promise<Checkpoint> {
  return v.parse(Begun, await redis.checkpointScript(3, ...keysOf(shard), 'begin', fence));
}

/**
 * Moves the checkpoint of a shard forward, never back.
 *
 * @param fence that the last call of the replay has put up
 * @param untilMs all of the archive before this time has been replayed here, in milliseconds since 1970
 * @param nowMs the clock of S3, in milliseconds since 1970
 * @throws an error whose message begins with `FENCED`, or the error of Redis
 */
export async function moveCheckpoint(
  redis: RedisClient,
  shard: Shard,
  fence: string,
  untilMs: number,
  nowMs: number,
): Promise<void> {
  const lag = Math.ceil((nowMs - untilMs) / 1000);
  await redis.checkpointScript(3, ...keysOf(shard), 'move', fence, untilMs, lag);
}

const keysOf = (shard: Shard) => [checkpointKey(shard), globalStatsKey(shard), ledgerKey(shard)];
