import { expect, it } from 'vitest';
import { generateMessages } from '../../scripts/shared/generator.ts';
import { today } from '../../scripts/shared/order.ts';
import { globalTotals } from './support/api.ts';
import { readArchive } from './support/archive.ts';
import { populate, succeeds, verifyArchive } from './support/commands.ts';
import { newSeed } from './support/orders.ts';
import { settled, takeDeadLetters } from './support/queues.ts';
import { flushRedis } from './support/redis.ts';

/* The archive of the stack, and its schedule, which replays it every minute. */

const KEY = /^orders\/date=\d{4}-\d\d-\d\d\/\d\d-\d\d-\d\d\.\d{3}Z-[\w-]+\.jsonl\.gz$/;

it('2,000 orders that Redis loses half way and at the end come back by themselves within 2 minutes', async () => {
  const options = { count: 2000, users: 100, invalid: 0.01, duplicates: 0.05, seed: newSeed() };
  const messages = [...generateMessages({ ...options, day: today() })];
  const before = await readArchive();
  const { orders: counted } = await globalTotals();

  const sending = succeeds(populate(options));
  await expect.poll(async () => (await globalTotals()).orders, { timeout: 60_000 }).toBeGreaterThan(counted + 500);
  await flushRedis();
  await sending;
  await settled();
  await flushRedis();

  const { keys, orders } = await readArchive();
  expect(keys.filter((key) => !KEY.test(key))).toEqual([]);
  const valid = messages.filter(({ kind }) => kind === 'valid').map(({ body }) => JSON.parse(body).order_id);
  expect([...orders.keys()].sort()).toEqual([...before.orders.keys(), ...valid].sort());

  const cents = [...orders.values()].reduce((sum, each) => sum + each);
  await expect.poll(globalTotals, { timeout: 120_000, interval: 1000 }).toEqual({ orders: orders.size, cents });
  expect(await succeeds(verifyArchive())).toContain('No difference');
  await takeDeadLetters(messages.filter(({ kind }) => kind === 'invalid').length);
});
