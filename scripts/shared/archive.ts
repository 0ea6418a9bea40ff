import { ListBucketsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { CorruptObjectError } from '../../lib/archive/archive.ts';
import { ARCHIVE_PREFIX } from '../../lib/archive/objectKey.ts';
import { awsConfig, describeAwsError } from './aws.ts';
import { CommandError } from './command.ts';
import type { ArchivePlace } from './places.ts';

/** An archive that was found. */
export type FoundArchive = ArchivePlace & { readonly bucket: string };

/**
 * Finds the bucket of an archive, and sees that it can be read.
 *
 * @throws a {@link CommandError}
 */
export async function findArchive(place: ArchivePlace): Promise<FoundArchive> {
  const client = new S3Client({ ...awsConfig(place), forcePathStyle: place.endpoint !== undefined });
  try {
    const bucket = place.bucket ?? (await bucketOfStage(client, place));
    await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: ARCHIVE_PREFIX, MaxKeys: 1 }));
    return { ...place, bucket };
  } catch (error) {
    throw error instanceof CommandError ? error : new CommandError(archiveProblem(place, error), { cause: error });
  } finally {
    client.destroy();
  }
}

/** Its name ends with the number of the account. */
async function bucketOfStage(client: S3Client, { stage, endpoint = 'AWS' }: ArchivePlace): Promise<string> {
  const prefix = `orders-archive-${stage}-`;
  const { Buckets = [] } = await client.send(new ListBucketsCommand({ Prefix: prefix }));
  const [bucket] = Buckets.flatMap(({ Name = '' }) => (/^\d{12}$/.test(Name.replace(prefix, '')) ? [Name] : []));
  if (bucket === undefined)
    throw new CommandError(`There is no bucket ${prefix}<account> at ${endpoint}: name the archive with --bucket`);
  return bucket;
}

/** Whether an error is about the archive, and not about Redis. */
export const isOfArchive = (error: unknown): boolean =>
  error instanceof CorruptObjectError || (error instanceof Error && '$metadata' in error);

/** What went wrong with the archive and what to do, in a sentence without a full stop. */
export function archiveProblem({ stage, bucket, endpoint }: ArchivePlace, error: unknown): string {
  if (error instanceof CorruptObjectError) return error.message;
  if (error instanceof Error && error.name === 'NoSuchBucket')
    return `There is no bucket ${bucket} at ${endpoint ?? 'AWS'}: name the archive with --bucket`;
  const subject = bucket === undefined ? `The archive of stage ${stage}` : `Bucket ${bucket}`;
  return describeAwsError(error, { service: 'S3', subject, endpoint });
}
