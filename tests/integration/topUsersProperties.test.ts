import { expect, it } from 'vitest';
import { countOrders } from '../../lib/counting/count.ts';
import { defineTopUsersScript, readTopUsers } from '../../lib/stats/topUsers.ts';
import { pickNumber, type Random, seededRandom } from '../../scripts/shared/random.ts';
import { countingRedis } from '../support/countingRedis.ts';
import { ShardModel } from '../support/model.ts';
import { countInModel, orderAt } from '../support/randomOrders.ts';
import { nodesOf, scoresOf, topDifferences } from '../support/storedContent.ts';

const redis = await countingRedis();
defineTopUsersScript(redis);

const SECONDS = 1_734_084_000;
const TOP_USERS = 'global:top-users';

/** Every user has one order, whose versions make the total rise and fall; without cents it is cancelled. */
class Shop {
  readonly #model = new ShardModel('at once');

  /** Counts an order per user, which replaces the user's previous one. */
  async set(changes: ReadonlyMap<string, number | undefined>): Promise<void> {
    const now = Number((await redis.time())[0]);
    const orders = [...changes].map(([userId, cents]) => {
      const orderId = `O-${userId}`;
      const version = (this.#model.counted(orderId, now)?.version ?? 0) + 1;
      return orderAt(SECONDS, { orderId, userId, version, isCancelled: cents === undefined, cents: cents ?? 0 });
    });
    const expected = orders.map((order) => countInModel(this.#model, order, now));
    expect((await countOrders(redis, orders)).map(({ kind }) => kind)).toEqual(expected);
  }

  /** What a user spent. */
  cents(userId: string): number {
    return this.#model.users.get(userId)?.get('')?.cents ?? 0;
  }

  /** Those that spent most, by a full sort. */
  top(limit?: number): string[] {
    return this.#model.ranking.slice(0, limit).map(({ userId }) => userId);
  }

  async expectTop(what: string, limit = 100): Promise<void> {
    const expected = this.#model.ranking.slice(0, limit).map(({ userId, cents }, index) => ({
      rank: index + 1,
      user_id: userId,
      total_spend: cents / 100,
      total_spend_cents: cents,
      order_count: 1,
    }));
    expect(await readTopUsers(redis, limit), what).toEqual(expected);
  }

  /** The sorted set says what the users' own totals say, and holds enough of them. */
  async expectSet(what: string): Promise<void> {
    const [ask = expect.fail('no node')] = nodesOf(redis);
    const scores = await scoresOf(ask, TOP_USERS);
    expect(topDifferences(TOP_USERS, this.#model, scores), what).toEqual([]);
    expect(Object.keys(scores).length, what).toBeLessThanOrEqual(2000);
  }
}

/** A total in cents; of few different ones, so that many users share one. */
const fewValues = (random: Random): number => 100 * pickNumber(random, 40);
const manyValues = (random: Random): number => pickNumber(random, 100_000);

it.each([
  ['few totals, which many users share', 1, fewValues],
  ['many totals', 2, manyValues],
])('the first 100 of 3,000 users equal a full sort, with %s that rise and fall', async (_, seed, value) => {
  const random = seededRandom(seed, 0);
  const shop = new Shop();
  for (let start = 0; start < 3000; start += 100) {
    const users = Array.from({ length: 100 }, (_, n) => `U${((start + n) * 7919) % 3000}`);
    await shop.set(new Map(users.map((user) => [user, value(random)])));
    await shop.expectTop(`${start} users`);
  }
  await shop.expectSet('3,000 users');
  for (let round = 0; round < 30; round++) {
    const what = `round ${round}`;
    const changes = new Map<string, number | undefined>();
    // In some rounds those at the top fall: by a little, to nothing, or out.
    const top = shop.top();
    for (let n = 0; n < 60; n++) {
      const user = top[pickNumber(random, round % 3 ? 100 : 3000)] ?? 'U1';
      const cents = shop.cents(user);
      const kind = pickNumber(random, 5);
      changes.set(user, [value(random), Math.max(0, cents - 1), 0, undefined, cents + 100][kind]);
    }
    await shop.set(changes);
    await shop.expectTop(what);
    await shop.expectSet(what);
  }
});

it('users below the floor move up when most of the top fall', async () => {
  const shop = new Shop();
  const users = Array.from({ length: 2500 }, (_, n) => `U${n}`);
  await shop.set(new Map(users.map((user, n) => [user, 10_000 + n])));
  await shop.expectSet('before');
  expect(await redis.exists('global:top-users:floor')).toBe(1);
  for (let start = 0; start < 1400; start += 50) {
    const what = `${start} fell`;
    await shop.set(new Map(shop.top(50).map((user, n) => [user, n % 2 ? undefined : 5])));
    await shop.expectTop(what);
    await shop.expectSet(what);
  }
});

it('with fewer than 1,000 users all are in the set, and there is no floor', async () => {
  const shop = new Shop();
  const users = Array.from({ length: 2100 }, (_, n) => `U${n}`);
  await shop.set(new Map(users.map((user, n) => [user, 10_000 + n])));
  await shop.set(new Map(shop.top(1200).map((user) => [user, undefined])));
  await shop.expectTop('900 users', 100);
  await shop.expectSet('900 users');
  expect(await redis.exists('global:top-users:floor')).toBe(0);
  expect(await redis.zcard('global:top-users')).toBe(900);
});

it('2,500 equal users are ranked by id', async () => {
  const shop = new Shop();
  const users = Array.from({ length: 2500 }, (_, n) => `U${10_000 + n}`);
  await shop.set(new Map(users.map((user) => [user, 999])));
  await shop.expectTop('all spent 9.99');
  await shop.set(new Map([['U00001', 999]]));
  await shop.expectTop('one more, the first by id');
});

it('a user whose only order was free leaves the sorted set when it is cancelled', async () => {
  const shop = new Shop();
  await shop.set(
    new Map([
      ['U1', 0],
      ['U2', 0],
    ]),
  );
  await shop.expectTop('free orders');
  await shop.set(new Map([['U1', undefined]]));
  expect(await redis.zrange('global:top-users', 0, '-1')).toEqual(['U2']);
});
