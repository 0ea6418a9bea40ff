import type { RedisClient } from '../../lib/redis/client.ts';
import { shardsOf } from '../../lib/stats/keys.ts';
import { copyLedger } from './copyLedger.ts';
import { writeDays, writeMessages, writeStats, writeTopUsers } from './copyTotals.ts';
import { shareDays } from './days.ts';
import { type Comparison, comparePictures, readPicture } from './picture.ts';
import type { Show } from './show.ts';
import { completeTarget, noteTotals, prepareTarget } from './target.ts';
import { compareUsers, copyUsers } from './users.ts';

/** What a move found in the end: the parts of the source that changed meanwhile, or where none did, all parts compared. */
export type Moved = {
  readonly kind: 'changed' | 'compared';
  readonly parts: readonly Comparison[];
};

/**
 * Copies all statistics and the ledger, then reads both anew and compares them. Needs memory for the days of each shard,
 * never for all users or records. The target stays marked as incomplete unless both are equal.
 *
 * @param from the source as a person knows it, without a password
 * @throws Refusal, CorruptKeyError, or the error of Redis or of the connection
 */
export async function move(source: RedisClient, target: RedisClient, from: string, show: Show): Promise<Moved> {
  const shards = shardsOf(target);
  await prepareTarget(source, target, from);
  const before = await readPicture(source, shards, show);
  const days = shareDays(before.days, before.ledger);
  await copyLedger(source, target, before.ledger, show);
  const ofShards = await copyUsers(source, target, show);
  await noteTotals(target, ofShards);
  for (const shard of shards) {
    const users = ofShards.get(shard);
    if (users) await Promise.all([writeStats(target, shard, users), writeTopUsers(target, shard, users)]);
    await writeDays(target, shard, days.get(shard) ?? new Map());
  }

  await writeMessages(target, shards[0] ?? '', before.messages);

  const users = await compareUsers(source, target, show);
  const copy = await readPicture(target, shards, show);
  const after = await readPicture(source, shards, show);
  const changes = comparePictures(before, after).filter(({ isEqual }) => !isEqual);
  if (changes.length > 0) return { kind: 'changed', parts: changes };
  const parts = [users, ...comparePictures(after, copy)];
  if (parts.every(({ isEqual }) => isEqual)) await completeTarget(target);
  return { kind: 'compared', parts };
}
