import type { Bundle } from '../scripts/bundles/measure.ts';
import type { ClusterResult } from './cluster.ts';
import type { Growth } from './growth.ts';
import type { LedgerResult } from './ledger.ts';
import type { MemoryResult } from './memory.ts';
import type { Result } from './race.ts';
import type { ReadResult } from './reads.ts';
import type { Spread } from './statistics.ts';

/** All figures of a run. */
export type Report = {
  readonly machine: string;
  readonly race: readonly Result[];
  /** Orders a second by redis-benchmark; undefined where it is missing. */
  readonly limit: Spread | undefined;
  readonly reads: readonly ReadResult[];
  readonly bundles: readonly Bundle[];
  readonly growth: Growth;
  readonly ledger: readonly LedgerResult[];
  readonly cluster: readonly ClusterResult[];
  readonly memory: readonly MemoryResult[];
};
