import { isDeepStrictEqual } from 'node:util';
import type { Difference } from '../../scripts/verify/differences.ts';
import { knownOf } from '../support/model.ts';
import { differences, messageDifferences, visibleContent } from '../support/storedContent.ts';
import type { Route } from './api.ts';
import type { Schedule } from './schedule.ts';
import type { Setting } from './simulation.ts';

/** Users whose answers are compared one by one. */
const USERS = 3;
/** Orders that are looked up in the ledger. */
const ORDERS = 200;

/** Compares everything with the model, once all messages are settled. */
export async function checkEnd(schedule: Schedule, setting: Setting): Promise<void> {
  const { world, api, acknowledged, shards } = setting;
  for (const text of [...acknowledged.differences(shards)].slice(0, 3)) world.violate(text);
  await checkContent(setting);
  for (const route of allRoutes(schedule, setting)) {
    if (world.violation) return;
    await api.ask(route);
  }
  await checkLedger(schedule, setting);
  await checkVerify(schedule, setting);
}

/** Every message that was sent is done, or a dead letter for a reason, or was taken away by somebody. */
export function checkDeadLetters(
  { messages, commands }: Schedule,
  { world, deadLetters, done, orderOf }: Setting,
): void {
  const dead = new Set(deadLetters.messages.map(({ id }) => id));
  const isTouched = commands.length > 0;
  for (const { id, order } of messages) {
    if (!order && done.has(id)) world.violate(`${id} is invalid, and was taken for done`);
    if (!isTouched && !done.has(id) && !dead.has(id)) world.violate(`${id} is lost`);
  }
  for (const message of deadLetters.messages) {
    if (done.has(message.id) && orderOf(message) === undefined) world.violate(`${message.id} is done and dead`);
  }
}

/** In an event, so that nothing else happens while Redis is asked. */
function checkContent({ world, target, shards }: Setting): Promise<void> {
  return new Promise((resolve, reject) => {
    world.after(0, async () => {
      try {
        for (const node of target.primaries) node.setTime(world.now);
        const content = await visibleContent(
          target.primaries.map(
            (node) =>
              (...parts) =>
                node.command(...parts),
          ),
        );
        const found = [...differences(content, shards), ...messageDifferences(content, shards)];
        for (const text of found.slice(0, 3)) world.violate(text);
        resolve();
      } catch (error) {
        reject(error);
      }
    });
  });
}

function* allRoutes({ start, length, seed }: Schedule, { shards, world }: Setting): Generator<Route> {
  const month = (ms: number) => new Date(ms).toISOString().slice(0, 7);
  const range = { from: month(start - 1000 * 86_400_000), to: month(start + length) };
  yield { kind: 'health' };
  yield { kind: 'overview' };
  yield { kind: 'pipeline' };
  yield { kind: 'global' };
  yield { kind: 'global', range };
  yield { kind: 'top', limit: 100 };
  yield { kind: 'top', limit: 10 };
  const users = [...shards.values()].flatMap((shard) => [...shard.users.keys()]);
  const random = world.random(`users of ${seed}`);
  const some = users.filter(() => random() * users.length < USERS);
  yield { kind: 'user', userId: 'NOBODY' };
  for (const userId of some) {
    yield { kind: 'user', userId };
    yield { kind: 'user', userId, range };
  }
}

/** The ledger says of orders what the model says, and changes nothing. */
async function checkLedger({ messages }: Schedule, { world, shards, operators, target }: Setting): Promise<void> {
  // The pipeline decides which shard has an order, so this is known only with a single shard.
  const [shard] = shards.values();
  const random = world.random('look-ups');
  const valid = messages.filter(({ order }) => order && random() * messages.length < ORDERS);
  if (!shard || shards.size > 1 || valid.length === 0) return;
  const verdicts = await operators.do((code) => code.lookUp(valid.map(({ body }) => body)));
  const now = Math.floor((target.primaries[0]?.time ?? 0) / 1000);
  for (const [n, { id, order }] of valid.entries()) {
    const verdict = verdicts[n];
    if (!order) continue;
    const right = shard.verdicts(order, now);
    if (!right.some((kind) => kind === verdict?.kind)) {
      world.violate(`a look-up of ${id} says ${verdict?.kind}, not ${right.join(' or ')}`);
      continue;
    }
    const counted = shard.counted(order.orderId, now);
    if (!counted || verdict?.kind === 'unanswered' || verdict?.kind === 'corrupt') continue;
    const expected = knownOf(counted, order);
    if (!isDeepStrictEqual(verdict?.known, expected)) {
      world.violate(`a look-up of ${id} says ${JSON.stringify(verdict?.known)}, not ${JSON.stringify(expected)}`);
    }
  }
}

/** `npm run verify` finds no difference either. */
async function checkVerify({ faults }: Schedule, { world, shards, operators }: Setting): Promise<void> {
  const counted = [...shards.values()].flatMap((shard) => shard.countedOrders());
  const orders = counted.map(({ orderId, userId, version, hour, placed, cents, isCancelled }) => ({
    orderId,
    userId,
    version,
    hour,
    placed,
    cents: isCancelled ? undefined : BigInt(cents),
  }));
  const found = await operators.do((code) => code.verify(orders));
  // A clock that jumped had the ledger forget orders that are young by the right clock, and the hours too, and verify says so.
  const hasJumped = faults.some(({ kind }) => kind === 'clock jumps');
  const isForgotten = ({ key, field, actual }: Difference) =>
    key.endsWith('global:hours') || (key.endsWith('ledger:orders') && (/^\d{4}-/.test(field) || actual === null));
  const wrong = hasJumped ? found.filter((difference) => !isForgotten(difference)) : found;
  for (const difference of wrong.slice(0, 3)) world.violate(`verify says ${JSON.stringify(difference)}`);
}
