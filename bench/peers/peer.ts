import type { SQSRecord } from 'aws-lambda';
import { type Order, parseOrder } from '../../lib/orders/order.ts';

/** A worker that somebody else might have written. It does the same for an order: nine commands, on the same keys. */
export type Peer = {
  /** Counts a batch; throws when an order was not counted. */
  count(records: SQSRecord[]): Promise<void>;
  close(): void;
};

/** The same validation for all. */
export function readOrder(record: SQSRecord): Order {
  const parsed = parseOrder(record.body);
  if (!parsed.ok) throw new Error(parsed.rejection.rule);
  return parsed.order;
}
