import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findArchive } from './archive.ts';

let s3: FauxqsServer;
beforeAll(async () => {
  const buckets = ['orders-archive-prod-eu-000000000001', 'orders-archive-prod-000000000002', 'other'];
  s3 = await startFauxqs({ port: 0, logger: false, init: { buckets } });
});
afterAll(() => s3.stop());

const bucketOf = async (stage: string, bucket?: string) =>
  (await findArchive({ stage, endpoint: s3.address, bucket })).bucket;

test('the bucket of a stage ends with the number of the account', async () => {
  expect(await bucketOf('prod')).toBe('orders-archive-prod-000000000002');
  expect(await bucketOf('prod-eu')).toBe('orders-archive-prod-eu-000000000001');
});

test('a bucket that is named is taken for any stage', async () => {
  expect(await bucketOf('prod', 'other')).toBe('other');
});

test('a stage without a bucket, and a bucket that does not exist, are reported', async () => {
  const hint = `at ${s3.address}: name the archive with --bucket`;
  await expect(bucketOf('dev')).rejects.toThrow(`There is no bucket orders-archive-dev-<account> ${hint}`);
  await expect(bucketOf('dev', 'nowhere')).rejects.toThrow(`There is no bucket nowhere ${hint}`);
});
