import { gunzipSync, gzipSync } from 'node:zlib';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import * as v from 'valibot';
import type { Order, StageUnits } from '../orders/order.ts';
import { describeRejection } from '../orders/rejection.ts';
import { DirectRequests } from './directRequests.ts';
import { readLine, writeLine } from './line.ts';
import { ARCHIVE_PREFIX, keysFrom, objectKey, timeOfKey } from './objectKey.ts';

/** An object of the archive. `time`: when its orders were counted, in milliseconds since 1970. */
export type ArchiveObject = { readonly key: string; readonly time: number };

/** Some objects in the order of their times, and what the clock of S3 said when it listed them, in milliseconds since 1970. */
export type ArchivePage = { readonly objects: readonly ArchiveObject[]; readonly listedAt: number };

/** An object is not what the worker writes. Its orders cannot be counted. */
export class CorruptObjectError extends Error {
  override readonly name = 'CorruptObjectError';
}

const Answer = v.object({ headers: v.object({ date: v.string() }) });

/** The bucket that keeps every order that was counted. */
export class Archive {
  readonly #s3: S3Client;
  readonly #direct: DirectRequests;
  /** By the clock of S3, when it last answered. */
  #serverTime = Number.NaN;

  /** @param config limits of the client, and where S3 is if not on AWS */
  constructor(
    private readonly bucket: string,
    config: S3ClientConfig,
  ) {
    this.#s3 = new S3Client({
      // The name of an emulator, with the bucket in front, may not resolve.
      forcePathStyle: (config.endpoint ?? process.env.AWS_ENDPOINT_URL) !== undefined,
      // Assembling the middleware of each request takes a fifth of its CPU.
      cacheMiddleware: true,
      // Objects have the checksum of gzip.
      responseChecksumValidation: 'WHEN_REQUIRED',
      ...config,
    });
    this.#direct = new DirectRequests(this.#s3, bucket);
    this.#s3.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        this.#serverTime = Date.parse(v.parse(Answer, result.response).headers.date);
        return result;
      },
      { step: 'deserialize', priority: 'low' },
    );
  }

  /**
   * Writes the orders of a batch as one object.
   *
   * @param ms when they were counted, in milliseconds since 1970
   * @param requestId distinguishes objects of the same time
   * @throws the error of S3 or of the connection; the object may have been written
   */
  async put(orders: readonly Order[], ms: number, requestId: string): Promise<void> {
    const Body = gzipSync(orders.map((order) => `${writeLine(order)}\n`).join(''), { level: 1 });
    const Key = objectKey(ms, requestId);
    if (await this.#direct.send(Key, Body)) return;
    await this.#s3.send(new PutObjectCommand({ Bucket: this.bucket, Key, Body, ContentType: 'application/gzip' }));
  }

  /**
   * Lists the objects of a time and later ones, in the order of their times. Other objects are left out.
   *
   * @param fromMs milliseconds since 1970
   * @throws the error of S3 or of the connection
   */
  async *list(fromMs: number): AsyncGenerator<ArchivePage> {
    let StartAfter: string | undefined = keysFrom(fromMs);
    while (StartAfter !== undefined) {
      const list: ListObjectsV2Command = new ListObjectsV2Command({
        Bucket: this.bucket,
        Prefix: ARCHIVE_PREFIX,
        StartAfter,
      });
      const { Contents = [], IsTruncated } = await this.#s3.send(list);
      const objects = Contents.flatMap(({ Key: key = '' }) => {
        const time = timeOfKey(key);
        return time === undefined ? [] : [{ key, time }];
      });
      yield { objects, listedAt: this.#serverTime };
      StartAfter = IsTruncated ? Contents.at(-1)?.Key : undefined;
    }
  }

  /**
   * Reads the lines of an object as they stand.
   *
   * @throws a {@link CorruptObjectError}, or the error of S3 or of the connection
   */
  async lines({ key }: ArchiveObject): Promise<string[]> {
    return linesOf(key, (await this.#direct.send(key)) ?? (await this.#get(key)));
  }

  async #get(Key: string): Promise<Uint8Array> {
    const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.bucket, Key }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  }
}

/**
 * The orders of an object, with their days in the time zone of the stage.
 *
 * @throws a {@link CorruptObjectError}
 */
export function* ordersOf(
  { key }: ArchiveObject,
  lines: readonly string[],
  units: Pick<StageUnits, 'hourOf'> = {},
): Generator<Order> {
  for (const [index, line] of lines.entries()) {
    const parsed = readLine(line, units);
    if (parsed.ok) yield parsed.order;
    else {
      const problem = describeRejection(parsed.rejection);
      throw new CorruptObjectError(`Line ${index + 1} of ${key} is not an order: ${problem}`);
    }
  }
}

function linesOf(key: string, bytes: Uint8Array): string[] {
  try {
    return gunzipSync(bytes).toString().trimEnd().split('\n');
  } catch (cause) {
    throw new CorruptObjectError(`${key} is not a whole gzip file`, { cause });
  }
}
