import { formatCents } from '../orders/money.ts';
import type { Order } from '../orders/order.ts';

/**
 * A line of the archive: the order as a valid message with only what counts, in JSON. Times are in UTC, and there is no
 * currency, because a stage has one. `parseOrder` reads it as the same order, with the same fingerprint, as the message.
 */
export function writeLine({ orderId, userId, placed, version, isCancelled, cents, items }: Order): string {
  const content = isCancelled ? '' : `,"order_value":${formatCents(cents)},"items":[${items.map(writeItem)}]`;
  return `{"order_id":${JSON.stringify(orderId)},"user_id":${JSON.stringify(userId)},"order_timestamp":"${timestampOf(placed.epoch)}","order_version":${version},"order_status":"${isCancelled ? 'cancelled' : 'placed'}"${content}}`;
}

const writeItem = ({ productId, quantity, micros }: Order['items'][number]): string =>
  `{"product_id":${JSON.stringify(productId)},"quantity":${quantity},"price_per_unit":${micros / 1_000_000}}`;

/** @param epoch see `Instant` */
function timestampOf(epoch: string): string {
  const [seconds, fraction] = epoch.split('.');
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, -'.000Z'.length);
  return fraction === undefined ? `${text}Z` : `${text}.${fraction}Z`;
}
