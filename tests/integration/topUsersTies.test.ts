import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { countOrders, defineCountingScript } from '../../lib/counting/count.ts';
import { defineTopUsersScript, readTopUsers } from '../../lib/stats/topUsers.ts';
import { orderBody, orderOf } from '../support/orderMessage.ts';

let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
  defineCountingScript(redis);
  defineTopUsersScript(redis);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

it('the first 100 of 2,500 users with equal totals are ranked by id', async () => {
  const ids = Array.from({ length: 2500 }, (_, n) => `U${String(n).padStart(4, '0')}`);
  const orders = ids.map((id) => orderOf(orderBody({ order_id: id, user_id: id })));
  for (let start = 0; start < orders.length; start += 100) await countOrders(redis, orders.slice(start, start + 100));
  const top = await readTopUsers(redis, 100);
  expect(top.map(({ user_id }) => user_id)).toEqual(ids.slice(0, 100));
});
