import { formatCents, sumOfLines, toCents, toMicros } from '../orders/money.ts';
import { type Order, type ParsedOrder, parseOrder, type StageUnits } from '../orders/order.ts';
import { parseTimestamp } from '../orders/timestamp.ts';

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

/** Up to the items of an order that is placed. Unusual values are left out, such as a version of 1,000,000. */
const HEAD =
  /^\{"order_id":"([A-Za-z0-9][\w.:@+=/#-]{0,127})","user_id":"([A-Za-z0-9][\w.:@+=-]{0,127})","order_timestamp":"([^"]+)","order_version":([1-9]\d{0,5}),"order_status":"placed","order_value":((?:0|[1-9]\d{0,8})\.\d\d),"items":\[/;
/** An item, up to the next one or the end of the line. Its id has no character that JSON escapes. */
const ITEM =
  /\{"product_id":"([ !#-[\]-\uffff]{1,128})","quantity":([1-9]\d{0,5}),"price_per_unit":((?:0|[1-9]\d{0,8})(?:\.\d{1,6})?)\}(,|\]\}$)/y;

/** Reads a line as {@link parseOrder} does, most of them in a third of its time. */
export const readLine = (line: string, units: Pick<StageUnits, 'hourOf'>): ParsedOrder =>
  readUsual(line, units) ?? parseOrder(line, units);

/** @returns undefined for a line that is no order, or an unusual one */
function readUsual(line: string, { hourOf }: Pick<StageUnits, 'hourOf'>): ParsedOrder | undefined {
  const [head, orderId, userId, timestamp = '', version, value] = HEAD.exec(line) ?? [];
  if (head === undefined || orderId === undefined || userId === undefined) return undefined;
  const items = readItems(line, head.length);
  const cents = toCents(Number(value));
  const placed = parseTimestamp(timestamp, hourOf);
  if (!items || cents === undefined || sumOfLines(items) !== cents || typeof placed === 'string') return undefined;
  if (Number(placed.epoch) * 1000 > Date.now()) return undefined;
  return { ok: true, order: { orderId, userId, placed, version: Number(version), isCancelled: false, cents, items } };
}

function readItems(line: string, at: number): Order['items'] | undefined {
  const items: Order['items'][number][] = [];
  ITEM.lastIndex = at;
  for (;;) {
    const [, productId, quantity, price, next] = ITEM.exec(line) ?? [];
    const micros = toMicros(Number(price));
    if (productId === undefined || micros === undefined) return undefined;
    items.push({ productId, quantity: Number(quantity), micros });
    if (next !== ',') return items;
  }
}
