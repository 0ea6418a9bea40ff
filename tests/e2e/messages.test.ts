import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { getPipeline, getUser, userTotals } from './support/api.ts';
import { dlq, succeeds } from './support/commands.ts';
import { growth } from './support/growth.ts';
import { newId, orderOf } from './support/orders.ts';
import { bury, deadLetters, send, settled, takeDeadLetters } from './support/queues.ts';

/* The results of messages, in the stack as a user gets it: deployed with one command, fed through SQS, read at its URL. */

it('an order sent to the queue counts for its user and in the totals, to the cent', async () => {
  const user = newId('user');
  const grown = await growth(() => send(orderOf(user, 19.99), orderOf(user, 0.02)));
  expect(grown).toEqual({ orders: 2, cents: 2001 });
  expect(await getUser(user)).toEqual({
    status: 200,
    type: 'application/json',
    body: { user_id: user, order_count: 2, total_spend: 20.01 },
  });
});

it('an order sent to the queue counts for a user whose id has characters with a meaning in URLs', async () => {
  const user = `shop:${newId('a')}@eu+1=x`;
  await send(orderOf(user, 5));
  await settled();
  expect(await getUser(user)).toMatchObject({ status: 200, body: { user_id: user, order_count: 1, total_spend: 5 } });
});

it('an order sent to the queue counts once, however often it is sent', async () => {
  const user = newId('user');
  const order = orderOf(user, 12.34);
  const grown = await growth(async () => {
    await send(order, order, orderOf(user, 1), order);
    await settled();
    await send(order);
  });
  expect(grown).toEqual({ orders: 2, cents: 1334 });
  expect(await userTotals(user)).toEqual({ orders: 2, cents: 1334 });
  expect(await takeDeadLetters(0)).toEqual([]);
});

it('a message that can never be counted arrives in the dead-letter queue as it was sent, and never blocks its batch', async () => {
  const user = newId('user');
  const invalid = [`{"order_id": "${newId('order')}",  "user_id": 7}`, 'not JSON, and “quoted” <&>'];
  const grown = await growth(() => send(orderOf(user, 1), ...invalid, orderOf(user, 2), orderOf(user, 4)));
  expect(grown).toEqual({ orders: 3, cents: 700 });
  expect(await userTotals(user)).toEqual({ orders: 3, cents: 700 });
  expect(await takeDeadLetters(2)).toEqual(invalid.sort());
});

it('a message that can never be counted is also an order whose id was counted with other content', async () => {
  const [user, orderId] = [newId('user'), newId('order')];
  const conflict = orderOf(user, 30, { order_id: orderId });
  const grown = await growth(async () => {
    await send(orderOf(user, 20, { order_id: orderId }));
    await settled();
    await send(conflict);
  });
  expect(grown).toEqual({ orders: 1, cents: 2000 });
  expect(await userTotals(user)).toEqual({ orders: 1, cents: 2000 });
  expect(await takeDeadLetters(1)).toEqual([conflict]);
});

it('GET /pipeline answers how many deliveries had each result, and what is in both queues', async () => {
  const before = await getPipeline();
  await send(orderOf(newId('user'), 1), 'not JSON');
  await deadLetters(1);
  const after = await getPipeline();
  expect(after.messages.counted - before.messages.counted).toBe(1);
  // Received 8 times before SQS moves it.
  expect(after.messages.invalid - before.messages.invalid).toBe(8);
  expect(after).toMatchObject({ queue: { waiting: 0 }, dead_letters: { waiting: 1 } });
  expect(after.last_count.age_seconds).toBeLessThan(120);
  await takeDeadLetters(1);
});

it('npm run dlq shows the reason of each dead letter, sends back what would count, and archives the rest', async () => {
  const user = newId('user');
  await bury(orderOf(user, 7));
  await send(JSON.stringify({ order_id: newId('order') }));
  await deadLetters(2);

  const output = await succeeds(dlq('list', '--json'));
  const reasons = output.match(/"reason":"[^"]*"/g);
  expect(reasons?.sort()).toEqual(['"reason":"user_id is required"', '"reason":"would count now"']);

  expect(await growth(() => succeeds(dlq('redrive', '--only', 'retryable')))).toEqual({ orders: 1, cents: 700 });
  expect(await userTotals(user)).toEqual({ orders: 1, cents: 700 });
  await deadLetters(1);
  await succeeds(dlq('redrive', '--all'));
  await settled();
  await deadLetters(1);

  const file = join(mkdtempSync(join(tmpdir(), 'orders-dlq-')), 'archive.jsonl');
  await succeeds(dlq('purge', '--to', file));
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1);
  expect(await takeDeadLetters(0)).toEqual([]);
});
