import type { Shard } from '../../lib/stats/keys.ts';
import { sumOf } from '../../lib/stats/totals.ts';
import type { Days, LedgerSummary } from './ledger.ts';

/**
 * Shares the days of the source out among the shards of the target.
 *
 * `global:days` is not kept by user, so a day does not say how much of it belongs to which shard. It matters for the
 * orders that are still remembered: a later version takes the earlier one off the day of its shard, and is refused where
 * that day would fall below zero. For these orders the ledger knows user, day and cents, so each shard gets its own. What
 * is left of a day are orders that are no longer remembered, so nothing is ever taken off it: the first shard gets it.
 *
 * @throws an error where a day holds less than its remembered orders
 */
export function shareDays(days: Days, { ofShards }: LedgerSummary): ReadonlyMap<Shard, Days> {
  const shared = new Map<Shard, Days>([...ofShards].map(([shard, part]) => [shard, new Map(part.days)]));
  const rest: Days = new Map(days);
  for (const part of ofShards.values()) {
    for (const [day, { count, cents }] of part.days) {
      const left = sumOf([{ count: -count, cents: -cents }, rest.get(day)]);
      if (left.count < 0 || left.cents < 0) {
        throw new Error(`global:days: ${day} at the source holds less than the orders that its ledger remembers`);
      }
      rest.set(day, left);
    }
  }
  const [first] = shared.values();
  for (const [day, left] of rest) if (left.count > 0) first?.set(day, sumOf([left, first.get(day)]));
  return shared;
}
