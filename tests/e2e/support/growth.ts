import { expect } from 'vitest';
import { generateMessages } from '../../../scripts/shared/generator.ts';
import { today } from '../../../scripts/shared/order.ts';
import { globalTotals, type Totals, userTotals } from './api.ts';
import type { PopulateOptions } from './commands.ts';
import { settled, takeDeadLetters } from './queues.ts';

const NOTHING: Totals = { orders: 0, cents: 0 };

/** By how much the totals grow through the messages that `sendAll` sends: Redis may hold what earlier runs counted. */
export async function growth(sendAll: () => Promise<unknown>): Promise<Totals> {
  const before = await globalTotals();
  await sendAll();
  await settled();
  const after = await globalTotals();
  return { orders: after.orders - before.orders, cents: after.cents - before.cents };
}

/**
 * Checks what generated messages do: to the totals, to those of every user, and to the dead-letter queue.
 *
 * @param sendAll sends the messages of these options
 */
export async function expectExactCount(options: PopulateOptions, sendAll: () => Promise<unknown>): Promise<void> {
  const expected = expectationOf(options);
  const before = await totalsOfUsers(expected.users.keys());
  expect(await growth(sendAll)).toEqual(expected.totals);

  const users = new Map([...expected.users].map(([user, totals]) => [user, sum(before.get(user) ?? NOTHING, totals)]));
  expect(await totalsOfUsers(users.keys())).toEqual(users);
  expect(await takeDeadLetters(expected.invalid.length)).toEqual(expected.invalid);
}

function expectationOf(options: PopulateOptions) {
  let totals = NOTHING;
  const users = new Map<string, Totals>();
  const invalid: string[] = [];
  for (const message of generateMessages({ ...options, day: today() })) {
    if (message.kind === 'invalid') invalid.push(message.body);
    if (message.kind !== 'valid') continue;
    const order = { orders: 1, cents: message.cents };
    const { user_id } = JSON.parse(message.body);
    totals = sum(totals, order);
    users.set(user_id, sum(users.get(user_id) ?? NOTHING, order));
  }
  return { totals, users, invalid: invalid.sort() };
}

async function totalsOfUsers(users: Iterable<string>): Promise<Map<string, Totals>> {
  const totals = new Map<string, Totals>();
  for (const user of users) totals.set(user, await userTotals(user));
  return totals;
}

const sum = (a: Totals, b: Totals): Totals => ({ orders: a.orders + b.orders, cents: a.cents + b.cents });
