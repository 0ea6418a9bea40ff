import keySlot from 'cluster-key-slot';
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { UserId } from '../orders/order.ts';
import {
  globalLedger,
  globalMonth,
  globalStats,
  topUsers,
  userLedger,
  userMonth,
  userSlot,
  userStats,
} from './keys.ts';

const SLOTS = 16_384;

const userId = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@+=-]{0,127}$/),
  // Ids that look like parts of keys.
  fc.constantFrom('global:stats', 'user:U1', 'a:month:2024-12', 'ledger', 'a:ledger', 'constructor', '0'),
);
const month = fc
  .record({ year: fc.integer({ min: 1970, max: 9999 }), month: fc.integer({ min: 1, max: 12 }) })
  .map((date) => `${date.year}-${String(date.month).padStart(2, '0')}`);

/** The keys of the user ledger of every slot, found by trying user ids until each slot was met. */
function ledgersOfAllSlots(): Map<number, readonly string[]> {
  const ledgers = new Map<number, readonly string[]>();
  for (let n = 0; ledgers.size < SLOTS; n++) ledgers.set(userSlot(`U${n}`), userLedger(`U${n}`));
  return ledgers;
}

describe('the keys that an operator looks for', () => {
  it.each([
    [globalStats, 'global:stats'],
    [globalMonth('2024-12'), '{global:stats}:month:2024-12'],
    [topUsers, '{global:stats}:top-users'],
    [userStats('U5678'), 'user:U5678'],
    [userMonth('U5678', '2024-12'), '{user:U5678}:month:2024-12'],
  ])('%s are those of the contract', (key, expected) => {
    expect(key).toBe(expected);
  });
});

describe('on a Redis Cluster', () => {
  it('all keys of the global phase share one slot', () => {
    fc.assert(
      fc.property(month, (anyMonth) => {
        const keys = [globalStats, topUsers, globalMonth(anyMonth), ...globalLedger];
        expect(keys.map((key) => keySlot(key))).toEqual(keys.map(() => keySlot('global:stats')));
      }),
    );
  });

  it('all keys of the user phase share one slot for a user', () => {
    fc.assert(
      fc.property(userId, month, (user, anyMonth) => {
        const keys = [userStats(user), userMonth(user, anyMonth), ...userLedger(user)];
        expect(keys.map((key) => keySlot(key))).toEqual(keys.map(() => keySlot(`user:${user}`)));
        expect(userSlot(user)).toBe(keySlot(`user:${user}`));
      }),
      { numRuns: 1000 },
    );
  });

  it('each of the 16,384 slots has a user ledger of its own, with a short name', () => {
    const ledgers = ledgersOfAllSlots();
    expect(new Set([...ledgers.values()].flat()).size).toBe(5 * SLOTS);
    for (const [slot, keys] of ledgers) {
      for (const [period, key] of keys.entries()) {
        if (keySlot(key) !== slot) expect.fail(`${key} is not in slot ${slot}`);
        if (!/^\{user:#[\x21-\x7a]{4}\}:ledger:[0-4]$/.test(key)) expect.fail(`${key} is not short and printable`);
        if (!key.endsWith(`${period}`)) expect.fail(`${key} is not of period ${period}`);
      }
    }
  });
});

describe('ledger keys', () => {
  it('are five for the global phase', () => {
    expect(globalLedger).toEqual([0, 1, 2, 3, 4].map((period) => `{global:stats}:ledger:${period}`));
  });

  it('can be the key of no user', () => {
    const ledgers = new Set([...ledgersOfAllSlots().values(), globalLedger, globalStats, topUsers].flat());
    fc.assert(
      fc.property(userId, month, (user, anyMonth) => {
        expect(ledgers.has(userStats(user))).toBe(false);
        expect(ledgers.has(userMonth(user, anyMonth))).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('have tags that no user id may be', () => {
    for (const ledger of [...ledgersOfAllSlots().values()].flat()) {
      const tag = ledger.slice('{user:'.length, ledger.indexOf('}'));
      if (v.is(UserId, tag)) expect.fail(`${tag} is a user id`);
    }
  });
});

describe('different users and months', () => {
  it('never share a key', () => {
    fc.assert(
      fc.property(fc.uniqueArray(userId), fc.uniqueArray(month), (users, months) => {
        const keys = users.flatMap((user) => [userStats(user), ...months.map((one) => userMonth(user, one))]);
        keys.push(...months.map(globalMonth));
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});
