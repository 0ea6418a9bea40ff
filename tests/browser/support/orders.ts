import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { expect, inject, vi } from 'vitest';
import { findQueueUrl, sqsClient } from '../../../scripts/sqs.ts';
import { orderBody } from '../../support/orderMessage.ts';

/** Longest wait for something that has no limit of its own. */
export const PATIENT = { timeout: 30_000, interval: 50 };

/** An order in short. */
export type ShortOrder = { readonly user: string; readonly month: string; readonly value: number };

let lastId = 0;

/** Answer of the API of the pipeline. */
export async function ask(path: string): Promise<unknown> {
  return (await fetch(inject('pipeline').api + path)).json();
}

/** Sends up to ten new orders through the queue, and waits until the API says that all are counted. */
export async function countOrders(...orders: readonly ShortOrder[]): Promise<void> {
  const before = await totalOrders();
  const client = sqsClient({ endpoint: inject('pipeline').sqs });
  const QueueUrl = await findQueueUrl(client, 'orders-queue');
  const Entries = orders.map((order) => ({ Id: `${++lastId}`, MessageBody: toBody(order, lastId) }));
  await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  client.destroy();
  await vi.waitFor(async () => expect(await totalOrders()).toBe(before + orders.length), PATIENT);
}

function toBody({ user, month, value }: ShortOrder, id: number): string {
  return orderBody({
    order_id: `ORD${id}`,
    user_id: user,
    order_timestamp: `${month}-15T10:00:00Z`,
    order_value: value,
    items: [{ product_id: 'P001', quantity: 1, price_per_unit: value }],
  });
}

const GlobalTotals = v.object({ total_orders: v.number() });

const totalOrders = async (): Promise<number> => v.parse(GlobalTotals, await ask('/stats/global')).total_orders;
