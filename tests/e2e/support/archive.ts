import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { localStack } from './endpoint.ts';

const Bucket = 'orders-archive-local-000000000000';

const s3 = new S3Client({ ...localStack, forcePathStyle: true });

const Line = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ order_id: v.string(), order_value: v.number() }),
  v.transform(({ order_id, order_value }) => ({ orderId: order_id, cents: Math.round(order_value * 100) })),
);

/** What the bucket of stage local holds: the keys of the objects, and the cents of each order by its id. */
export async function readArchive(): Promise<{ keys: string[]; orders: Map<string, number> }> {
  const keys: string[] = [];
  const orders = new Map<string, number>();
  for (;;) {
    const { Contents = [], IsTruncated } = await s3.send(new ListObjectsV2Command({ Bucket, StartAfter: keys.at(-1) }));
    for (const { Key = '' } of Contents) {
      keys.push(Key);
      for (const { orderId, cents } of await ordersOf(Key)) orders.set(orderId, cents);
    }
    if (!IsTruncated) return { keys, orders };
  }
}

async function ordersOf(Key: string): Promise<v.InferOutput<typeof Line>[]> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const text = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => v.parse(Line, line));
}
