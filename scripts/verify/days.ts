import { type Difference, type Fields, storedTotal, totalText } from './differences.ts';
import type { RecountedTotal } from './recount.ts';

const DAY_MS = 86_400_000;
/** An order that was placed within 30 days is remembered. Less one, as the day of the stage begins up to 14 hours earlier. */
const REMEMBERED_DAYS = 29;

const NOTHING: RecountedTotal = { orders: 0, cents: 0n };

/**
 * Compares the days of the orders that a ledger remembers with the days that were counted: these contain them, and the
 * last 29 days or later ones consist of them.
 *
 * @param key - that of the ledger
 * @param counted - `global:days` of the same shard; a corrupt value is reported with the totals
 * @param now - seconds since 1970
 */
export function compareDays(
  key: string,
  remembered: ReadonlyMap<string, RecountedTotal>,
  counted: Fields,
  now: number,
): Difference[] {
  const before = new Date(now * 1000 - REMEMBERED_DAYS * DAY_MS).toISOString().slice(0, 10);
  const found: Difference[] = [];
  for (const day of new Set([...remembered.keys(), ...counted.keys()])) {
    const value = counted.get(day);
    const all = value === undefined ? NOTHING : storedTotal(value);
    const part = remembered.get(day) ?? NOTHING;
    if (!all || (part.orders === all.orders && part.cents === all.cents)) continue;
    const mayForget = day <= before;
    if (mayForget && part.orders < all.orders && part.cents <= all.cents) continue;
    const expected = `${mayForget ? 'at most ' : ''}${totalText(all)}`;
    found.push({ key, field: day, expected, actual: totalText(part), corrupt: false });
  }
  return found;
}
