import type { RedisClient } from '../../lib/redis/client.ts';
import { shardsOf } from '../../lib/stats/keys.ts';
import type { Show } from '../shared/progress.ts';
import { copyLedger } from './copyLedger.ts';
import { type Comparison, comparePictures, readPicture } from './picture.ts';
import { completeTarget, noteTotals, prepareTarget } from './target.ts';
import { shareDays, writeDays, writeMessages, writeStats, writeTopUsers } from './totals.ts';
import { compareUsers, copyUsers } from './users.ts';

/** What a move found in the end: the parts of the source that changed meanwhile, or where none did, all parts compared. */
export type Moved = {
  readonly kind: 'changed' | 'compared';
  readonly parts: readonly Comparison[];
};

/**
 * Copies all statistics and the ledger, then reads both again and compares them. Needs memory for the days of each shard,
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

/** The end of a move, in lines of text. */
export function describeMoved({ kind, parts }: Moved): string {
  const lines = parts.map(({ part, isEqual, detail }) => `${isEqual ? 'equal    ' : 'DIFFERENT'}  ${part}: ${detail}`);
  if (kind === 'changed') {
    const names = parts.map(({ part }) => part).join(', ');
    return `The source has changed during the move: ${names}. Stop the event source, then repeat the move by the same command`;
  }
  const isEqual = parts.every((part) => part.isEqual);
  return [
    ...lines,
    isEqual
      ? 'Both hold the same. Point REDIS_URL at the target, then start the event source'
      : 'The move is not complete: the target must not be used. Repeat the move; where the difference stays, run npm run verify on the source',
  ].join('\n');
}
