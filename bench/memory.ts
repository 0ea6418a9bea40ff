import { Redis } from 'ioredis';
import { topUsers } from '../lib/stats/keys.ts';
import { usedMemory } from '../tests/support/usedMemory.ts';
import { loadHandler } from './handler.ts';
import { makeLoad } from './orders.ts';
import { countAll } from './timing.ts';

/** Bytes that each of something takes in Redis, keys and their tables included. */
export type MemoryResult = { readonly what: string; readonly number: number; readonly bytesEach: number };

const PORTION = 20_000;

/** Fills a Redis through the handler, portion by portion. */
export async function remember(url: string, orders: number, users: number): Promise<void> {
  const count = await loadHandler(url);
  for (let first = 0; first < orders; first += PORTION) {
    await countAll(count, makeLoad(Math.min(PORTION, orders - first), 1000, { first, users }), 4);
  }
}

/** Tells what is in a Redis by deleting it, one kind of keys after the other. */
export async function measureMemory(url: string, orders: number, users: number): Promise<MemoryResult[]> {
  const redis = new Redis(url);
  const ledgers = await freed(redis, '*:ledger*');
  const months = await freed(redis, '{user:*}:month:*');
  const totals = await freed(redis, 'user:*');
  const leaderboard = await freed(redis, topUsers);
  redis.disconnect();
  return [
    { what: 'an order remembered', number: orders, bytesEach: ledgers.bytes / orders },
    { what: 'a user: total', number: users, bytesEach: totals.bytes / users },
    { what: 'a user: leaderboard', number: users, bytesEach: leaderboard.bytes / users },
    { what: 'a month of a user', number: months.keys, bytesEach: months.bytes / months.keys },
  ];
}

async function freed(redis: Redis, pattern: string): Promise<{ keys: number; bytes: number }> {
  const before = await usedMemory(redis);
  let keys = 0;
  for await (const page of redis.scanStream({ match: pattern, count: 10_000 })) {
    if (page.length > 0) keys += await redis.del(...page);
  }
  return { keys, bytes: before - (await usedMemory(redis)) };
}
