import { expect, it } from 'vitest';
import { countOrders } from '../../lib/counting/count.ts';
import type { Order } from '../../lib/orders/order.ts';
import { defineTopUsersScript, readTopUsers } from '../../lib/stats/topUsers.ts';
import { pickNumber, seededRandom } from '../../scripts/shared/random.ts';
import { countingRedis } from '../support/countingRedis.ts';
import { exampleOrder, orderBody, orderOf } from '../support/orderMessage.ts';

const redis = await countingRedis();
defineTopUsersScript(redis);

const USERS = 6_000;
const ROUNDS = 40;
/** Orders of a round. */
const CHANGES = 400;
/** What the leaderboard holds at most, and at least where there are as many users. */
const [LEAST, MOST] = [1000, 2000];

const example = orderOf(orderBody({ order_timestamp: new Date().toISOString(), order_id: exampleOrder.order_id }));

it('the first 100 equal a full sort while totals rise and fall, and the set stays small', async () => {
  const random = seededRandom(1, 0);
  /** The one order of each user. */
  const counted = new Map<string, Order>();
  const count = async (users: readonly string[], centsOf: (user: string) => number) => {
    const orders = users.map((userId): Order => {
      const version = (counted.get(userId)?.version ?? 0) + 1;
      const cents = centsOf(userId);
      return { ...example, userId, orderId: `OF-${userId}`, version, cents, isCancelled: cents === 0 };
    });
    const verdicts = await countOrders(redis, orders);
    expect(verdicts.filter(({ kind }) => kind !== 'counted' && kind !== 'revised')).toEqual([]);
    for (const order of orders) counted.set(order.userId, order);
  };
  const sorted = () =>
    [...counted.values()]
      .filter(({ isCancelled }) => !isCancelled)
      .sort((a, b) => b.cents - a.cents || (a.userId < b.userId ? -1 : 1))
      .map(({ userId }) => userId);
  const names = Array.from({ length: USERS }, (_, n) => `U${n}`);
  // So few amounts that many have spent the same.
  const anything = () => 1 + pickNumber(random, 3000);

  await count(names, anything);
  for (let round = 0; round < ROUNDS; round++) {
    const falls = round % 4 < 2;
    const users = falls
      ? sorted().slice(0, CHANGES)
      : [...new Set(Array.from({ length: CHANGES }, () => names[pickNumber(random, USERS)] ?? ''))];
    await count(users, falls ? () => pickNumber(random, 3) * pickNumber(random, 50) : anything);
    const top = await readTopUsers(redis, 100);
    expect(
      top.map(({ user_id }) => user_id),
      `round ${round}`,
    ).toEqual(sorted().slice(0, 100));
    const size = await redis.zcard('global:top-users');
    expect(size).toBeGreaterThanOrEqual(LEAST);
    expect(size).toBeLessThanOrEqual(MOST);
  }
});
