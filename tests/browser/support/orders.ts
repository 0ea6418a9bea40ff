import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { expect, inject, vi } from 'vitest';
import { findQueueUrl, sqsClient } from '../../../scripts/shared/sqs.ts';
import { orderBody } from '../../support/orderMessage.ts';

/** Longest wait for something without its own limit. */
export const PATIENT = { timeout: 30_000, interval: 50 };

/** An order in short; `at` is a month, a day, or an instant. */
export type ShortOrder = { readonly user: string; readonly at: string; readonly value: number };

let lastId = 0;

/** Answer of the API of the pipeline. */
export async function ask(path: string): Promise<unknown> {
  return (await fetch(inject('pipeline').api + path)).json();
}

/** Sends up to ten new orders through the queue, and waits until the API says that all are counted. */
export async function countOrders(...orders: readonly ShortOrder[]): Promise<void> {
  const before = await totalOrders();
  await send(orders.map((order) => toBody(order, `ORD${++lastId}`)));
  await vi.waitFor(async () => expect(await totalOrders()).toBe(before + orders.length), PATIENT);
}

/** Sends up to ten messages. */
export async function send(bodies: readonly string[]): Promise<void> {
  const client = sqsClient({ endpoint: inject('pipeline').sqs });
  const QueueUrl = await findQueueUrl(client, 'orders-queue');
  const Entries = bodies.map((MessageBody, index) => ({ Id: `${index}`, MessageBody }));
  await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  client.destroy();
}

/** The message of an order. @param extra further fields, or other values of some */
export function toBody({ user, at, value }: ShortOrder, order_id: string, extra: object = {}): string {
  return orderBody({
    order_id,
    user_id: user,
    order_timestamp: instantOf(at),
    order_value: value,
    items: [{ product_id: 'P001', quantity: 1, price_per_unit: value }],
    ...extra,
  });
}

function instantOf(at: string): string {
  if (at.includes('T')) return at;
  return at.length === 'YYYY-MM'.length ? `${at}-15T10:00:00Z` : `${at}T10:00:00Z`;
}

const GlobalTotals = v.object({ total_orders: v.number() });

const totalOrders = async (): Promise<number> => v.parse(GlobalTotals, await ask('/stats/global')).total_orders;
