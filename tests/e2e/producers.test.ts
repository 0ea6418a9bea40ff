import { expect, it } from 'vitest';
import { eventBridge, sns } from '../support/producers.ts';
import { userTotals } from './support/api.ts';
import { endpoint } from './support/endpoint.ts';
import { growth } from './support/growth.ts';
import { newId, orderOf } from './support/orders.ts';
import { settled, takeDeadLetters } from './support/queues.ts';

/* Orders that reach the queue through a topic or a rule. */

const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:orders-queue';

/** The text of an element in an answer of SNS. */
function elementOf(xml: string, name: string): string {
  const [, text] = new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml) ?? [];
  if (!text) throw new Error(`SNS answered without ${name}: ${xml}`);
  return text;
}

it.each([
  ['in a notification', 'false'],
  ['with raw message delivery', 'true'],
])('an order that is published to a topic of SNS counts once: %s', async (_, raw) => {
  const TopicArn = elementOf(await sns(endpoint, 'CreateTopic', { Name: newId('topic') }), 'TopicArn');
  const subscription = { TopicArn, Protocol: 'sqs', Endpoint: QUEUE_ARN, ReturnSubscriptionArn: 'true' };
  const attribute = { 'Attributes.entry.1.key': 'RawMessageDelivery', 'Attributes.entry.1.value': raw };
  await sns(endpoint, 'Subscribe', { ...subscription, ...attribute });
  const user = newId('user');
  const order = orderOf(user, 12.34);
  const published = [order, orderOf(user, 1), order, 'no order'];
  const grown = await growth(async () => {
    for (const Message of published) await sns(endpoint, 'Publish', { TopicArn, Message });
  });
  await sns(endpoint, 'DeleteTopic', { TopicArn });
  expect(grown).toEqual({ orders: 2, cents: 1334 });
  expect(await userTotals(user)).toEqual({ orders: 2, cents: 1334 });
  expect(await takeDeadLetters(1)).toEqual([expect.stringContaining('no order')]);
});

it('an order in an event that a rule of EventBridge sends to the queue counts once', async () => {
  const rule = newId('rule');
  const source = newId('shop');
  await eventBridge(endpoint, 'PutRule', { Name: rule, EventPattern: JSON.stringify({ source: [source] }) });
  await eventBridge(endpoint, 'PutTargets', { Rule: rule, Targets: [{ Id: 'queue', Arn: QUEUE_ARN }] });
  const user = newId('user');
  const entry = { Source: source, DetailType: 'OrderPlaced', Detail: orderOf(user, 5) };
  const grown = await growth(async () => {
    await eventBridge(endpoint, 'PutEvents', { Entries: [entry, entry] });
    await settled();
    await eventBridge(endpoint, 'PutEvents', { Entries: [{ ...entry, Detail: orderOf(user, 7) }] });
  });
  await eventBridge(endpoint, 'RemoveTargets', { Rule: rule, Ids: ['queue'] });
  await eventBridge(endpoint, 'DeleteRule', { Name: rule });
  expect(grown).toEqual({ orders: 2, cents: 1200 });
  expect(await takeDeadLetters(0)).toEqual([]);
});
