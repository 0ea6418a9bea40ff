import type { Order } from '../orders/order.ts';
import { Archive } from './archive.ts';

/** One attempt without the SDK and one with it fit into the timeout of the function, between the time for Redis and that for SQS. */
const LIMITS = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 1500, throwOnRequestTimeout: true },
};

let archive: Archive | undefined;

/**
 * Puts the orders of a batch, which are counted, into the archive.
 *
 * @param bucket the same with each call
 * @param requestId of the invocation
 * @throws the error of S3 or of the connection; the archive may have the orders
 */
export async function archiveBatch(bucket: string, orders: readonly Order[], requestId: string): Promise<void> {
  archive ??= new Archive(bucket, LIMITS);
  await archive.put(orders, Date.now(), requestId);
}
