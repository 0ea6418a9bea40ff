import type { ReplayProgress } from '../../lib/archive/replay.ts';
import { redisName } from '../../lib/redis/url.ts';

const timeOf = (ms: number): string => (ms > 0 ? new Date(ms).toISOString().replace(/\.\d+/, '') : 'the beginning');

/** How far a replay is. */
export const progressLine = ({ replayed, restored, until }: ReplayProgress): string =>
  `replayed ${replayed} orders, ${restored} of them restored; checkpoint: ${timeOf(until)}`;

const CONFLICT_NOTE =
  ' (Redis has counted them with other content than the archive: npm run verify -- --archive shows where, --into an empty Redis cures it)';

/** What a replay has done, in lines. */
export function describeReplay(
  { replayed, restored, conflicts, until, forgotten }: ReplayProgress,
  url: string,
): string {
  const lines = [
    `replayed: ${replayed} orders`,
    `restored: ${restored}`,
    `conflicts: ${conflicts}${conflicts > 0 ? CONFLICT_NOTE : ''}`,
    `checkpoint: ${timeOf(until)}`,
  ];
  return forgotten.length > 0 ? [...lines, describeForgotten(forgotten, url)].join('\n') : lines.join('\n');
}

/** The name of a shard is a prefix of keys, and empty on a single Redis. */
export function describeForgotten(forgotten: ReplayProgress['forgotten'], url: string): string {
  const names = forgotten.filter(Boolean).map((shard) => shard.slice(0, -1));
  const shards = names.length > 0 ? `${names.length === 1 ? 'Shard' : 'Shards'} ${names.join(', ')} of ` : '';
  return (
    `${shards}Redis ${redisName(url)} was left out: its last replay is over 29 days ago, its clock was far ahead, or its ledger is ` +
    'gone. So it may have forgotten orders, which would count twice. Fill an empty Redis with --into'
  );
}
