import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Archive } from '../../lib/archive/archive.ts';
import { writeLine } from '../../lib/archive/line.ts';
import { countingRedis } from '../support/countingRedis.ts';
import { connectTo, deliver } from '../support/deliver.ts';
import { codeAfter } from '../support/documentCode.ts';
import { orderBody, orderOf } from '../support/orderMessage.ts';

const DOCUMENT = 'docs/analytics.md';

const redis = await countingRedis();
const folder = mkdtempSync(join(tmpdir(), 'orders-analytics-'));
let database: DuckDBInstance;
let duckdb: DuckDBConnection;

/** Orders whose lines are known: quantity and price by product. */
const order = (
  order_id: string,
  lines: Record<string, [number, number]>,
  fields: Record<string, unknown> = {},
): string => {
  const items = Object.entries(lines).map(([product_id, [quantity, price_per_unit]]) => ({
    product_id,
    quantity,
    price_per_unit,
  }));
  const order_value = Math.round(items.reduce((sum, item) => sum + item.quantity * item.price_per_unit, 0) * 100) / 100;
  return orderBody({ order_id, order_value, items, ...fields });
};

const TEA: [number, number] = [2, 4.5];
const POT: [number, number] = [1, 19.99];
const CUP: [number, number] = [4, 3.25];

/** Each list is a batch, counted a day after the one before. */
const BATCHES = [
  [
    order('A', { tea: TEA, pot: POT }),
    order('B', { tea: TEA, cup: CUP }, { order_timestamp: '2024-12-31T23:30:00.123456789-01:00' }),
    order('C', { tea: [100, 4.5] }),
    order('F', { ring: [1, 999_999_999.99] }),
  ],
  [
    order('A', { tea: TEA, pot: POT }),
    order('C', { cup: [1, 3.25] }, { order_version: 3 }),
    order('C', { cup: [50, 3.25] }, { order_version: 2 }),
    order('D', { pot: [7, 19.99] }),
    order('E', { pin: [1_000_000, 0.000001], tea: TEA, pot: POT }, { order_timestamp: '2024-12-13T22:00:00+02:00' }),
  ],
  [order('D', {}, { order_version: 2, order_status: 'cancelled' }), order('D', { pot: [7, 19.99] })],
];

beforeAll(async () => {
  const server = await startFauxqs({ port: 0, logger: false });
  const s3 = { endpoint: server.address, region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } };
  const client = new S3Client({ ...s3, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'orders' }));
  const archive = new Archive('orders', s3);
  const connection = connectTo({ url: `redis://127.0.0.1:${redis.options.port}` });
  const count = (batch: readonly string[], day: number) =>
    deliver(connection, batch, { keep: (orders) => archive.put(orders, Date.UTC(2026, 10, day), `request-${day}`) });
  for (const [index, batch] of BATCHES.entries()) await count(batch, index + 1);
  // Only a Redis that has lost an order counts other content in its place.
  await redis.flushall();
  await count([order('A', { tea: [9, 4.5] })], BATCHES.length + 1);

  // As `aws s3 sync` does.
  for await (const { objects } of archive.list(0)) {
    for (const { key } of objects) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'orders', Key: key }));
      const file = join(folder, 'archive', key);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, (await Body?.transformToByteArray()) ?? '');
    }
  }
  client.destroy();
  await server.stop();

  database = await DuckDBInstance.create();
  duckdb = await database.connect();
  await duckdb.run(codeAfter(DOCUMENT, '## DuckDB', 'sql').replaceAll("'archive/", `'${folder}/archive/`));
});

afterAll(() => {
  duckdb.closeSync();
  database.closeSync();
  rmSync(folder, { recursive: true });
});

/** The rows of the answer to a question of the document, with all values as text. */
async function answerTo(question: string): Promise<string[][]> {
  const answer = await duckdb.runAndReadAll(codeAfter(DOCUMENT, `### ${question}`, 'sql'));
  return answer.getRows().map((row) => row.map(String));
}

it('of each order only the latest version counts, of equal ones the first, and nothing of a cancelled one', async () => {
  expect(await answerTo('All orders of a month, in their latest version')).toEqual([
    ['A', 'U5678', '2024-12-13 10:00:00', '1', '28.99'],
    ['C', 'U5678', '2024-12-13 10:00:00', '3', '3.25'],
    ['F', 'U5678', '2024-12-13 10:00:00', '1', '999999999.99'],
    ['E', 'U5678', '2024-12-13 20:00:00', '1', '29.99'],
  ]);
});

it('top products are ranked by their revenue', async () => {
  expect(await answerTo('Top products')).toEqual([
    ['ring', '1', '1', '999999999.99'],
    ['pot', '2', '2', '39.98'],
    ['tea', '6', '3', '27.00'],
    ['cup', '5', '2', '16.25'],
    ['pin', '1000000', '1', '1.00'],
  ]);
});

it('the month of revenue by product is that of the order, in UTC', async () => {
  expect(await answerTo('Revenue by product and month')).toEqual([
    ['2024-12-01', 'ring', '999999999.99'],
    ['2024-12-01', 'pot', '39.98'],
    ['2024-12-01', 'tea', '18.00'],
    ['2024-12-01', 'cup', '3.25'],
    ['2024-12-01', 'pin', '1.00'],
    ['2025-01-01', 'cup', '13.00'],
    ['2025-01-01', 'tea', '9.00'],
  ]);
});

it('baskets are pairs of products in one order', async () => {
  expect(await answerTo('Baskets')).toEqual([
    ['pot', 'tea', '2'],
    ['cup', 'tea', '1'],
    ['pin', 'pot', '1'],
    ['pin', 'tea', '1'],
  ]);
});

it('orders by hour are those of the hours in UTC', async () => {
  expect(await answerTo('Orders by hour')).toEqual([
    ['0', '1', '22.00'],
    ['10', '3', '1000000032.23'],
    ['20', '1', '29.99'],
  ]);
});

it('the table of Athena has the fields of a line', () => {
  const keys = (value: unknown): string[] =>
    value && typeof value === 'object' ? Object.entries(value).flatMap(([key, inner]) => [key, ...keys(inner)]) : [];
  const line: unknown = JSON.parse(
    writeLine(orderOf(orderBody({ items: [{ product_id: 'P', quantity: 1, price_per_unit: 99.99 }] }))),
  );
  const [columns = ''] = /\((.*?)^\)/ms.exec(codeAfter(DOCUMENT, '## Athena', 'sql')) ?? [];
  expect([...columns.matchAll(/(\w+):? (?:string|int|decimal|array)/g)].map(([, name]) => name)).toEqual(
    keys(line).filter((key) => Number.isNaN(Number(key))),
  );
});
