import { cpus } from 'node:os';
import Table from 'cli-table3';
import { Redis } from 'ioredis';
import { startRedisServer } from '../scripts/local/redisServer.ts';
import { lambdaContext } from '../tests/support/lambdaContext.ts';

/*
 * Orders a second through the handler of processOrders: parsing, validation, exactly-once counting and the response,
 * warm, one batch in flight, with a redis-server on this machine. Every round counts new orders; the totals are checked.
 */

const ORDERS_A_ROUND = 50_000;
const ROUNDS = 5;
const USERS = 10_000;
const CENTS = 99_99;
const BATCH_SIZES = [10, 100, 1000];

const server = await startRedisServer();
process.env.REDIS_URL = server.url;
process.env.QUEUE_URL = 'http://localhost/000000000000/none';
const { handler } = await import('../functions/processOrders.ts');
const redis = new Redis(server.url);

let sent = 0;
const table = new Table({
  head: ['batch', 'median orders/s', 'slowest', 'fastest', 'µs an order'],
  style: { head: [], border: [], compact: true },
});
for (const size of BATCH_SIZES) {
  await round(size);
  const rates: number[] = [];
  for (let n = 0; n < ROUNDS; n++) rates.push(await round(size));
  rates.sort((a, b) => a - b);
  const median = rates[Math.floor(ROUNDS / 2)] ?? 0;
  table.push([size, ...[median, rates[0] ?? 0, rates.at(-1) ?? 0].map(Math.round), (1e6 / median).toFixed(1)]);
}
const [orders, revenue] = await redis.hmget('global:stats', 'total_orders', 'total_revenue');
const exact = orders === `${sent}` && revenue === ((sent * CENTS) / 100).toFixed(2);

console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}`);
console.log(`${ORDERS_A_ROUND} orders of 2 items and ${USERS} users a round, ${ROUNDS} rounds`);
console.log(table.toString());
console.log(exact ? `${orders} orders, ${revenue}: exact` : `WRONG: ${orders} orders, ${revenue}, sent ${sent}`);
redis.disconnect();
await server.stop();
process.exit(exact ? 0 : 1);

/** Counts {@link ORDERS_A_ROUND} new orders in batches of `size`; returns orders a second. */
async function round(size: number): Promise<number> {
  const batches = Array.from({ length: ORDERS_A_ROUND / size }, () => ({
    Records: Array.from({ length: size }, () => record(sent++)),
  }));
  // What the handler logs is made, but not printed.
  const write = process.stdout.write;
  process.stdout.write = () => true;
  const started = performance.now();
  for (const batch of batches) {
    const response = await handler(batch, lambdaContext);
    if (JSON.stringify(response) !== '{"batchItemFailures":[]}')
      throw new Error(`Not counted: ${JSON.stringify(response)}`);
  }
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write = write;
  return ORDERS_A_ROUND / seconds;
}

function record(n: number) {
  const body = {
    order_id: `ORD${n}`,
    user_id: `U${(n * 7919) % USERS}`,
    order_timestamp: '2024-12-13T10:00:00Z',
    order_value: CENTS / 100,
    items: [
      { product_id: 'P001', quantity: 2, price_per_unit: 20 },
      { product_id: 'P002', quantity: 1, price_per_unit: 59.99 },
    ],
    shipping_address: '123 Main St, Springfield',
    payment_method: 'CreditCard',
  };
  return { messageId: `message-${n}`, receiptHandle: `receipt-${n}`, body: JSON.stringify(body) };
}
