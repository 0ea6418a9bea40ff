import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type Order, parseOrder } from '../../lib/orders/order.ts';

/** A worker that somebody else might have written: nine commands an order, on hashes for totals and for each month. */
export type Peer = {
  /** Counts a batch. @returns the messages that were not counted; throws where none may be deleted */
  count(records: SQSRecord[], context: Context): Promise<SQSBatchResponse>;
  close(): void;
};

/** A Lambda function of a worker, whose Redis REDIS_URL names. */
export function handlerOf(connect: (url: string) => Promise<Peer>) {
  let peer: Promise<Peer> | undefined;
  return async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    peer ??= connect(process.env.REDIS_URL ?? '');
    return (await peer).count(Records, context);
  };
}

/* The keys of all peers. */
export const GLOBAL = 'global:stats';
export const TOP_USERS = 'global:top-users';
export const globalMonth = ({ placed }: Order): string => `global:month:${placed.day.slice(0, 7)}`;
export const userTotal = ({ userId }: Order): string => `user:${userId}`;
export const userMonth = ({ userId, placed }: Order): string => `user:${userId}:month:${placed.day.slice(0, 7)}`;

/** The same validation for all. */
export function readOrder(record: SQSRecord): Order {
  const parsed = parseOrder(record.body);
  if (!parsed.ok) throw new Error(parsed.rejection.rule);
  return parsed.order;
}
