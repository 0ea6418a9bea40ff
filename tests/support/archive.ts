import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startFauxqs } from 'fauxqs';
import { listen } from './listen.ts';

export const BUCKET = 'orders-archive-test';

/**
 * What happens to a request instead of its answer.
 * - `away`: S3 never sees it, and the connection is closed
 * - `silent`: S3 never sees it, and nobody answers
 * - `lost`: S3 does what it asks for, and the connection is closed before the answer
 * - an error code of S3, such as `AccessDenied`: S3 refuses it
 */
export type ArchiveFault = 'away' | 'silent' | 'lost' | 'AccessDenied' | 'SlowDown' | 'InternalError';

const STATUS = { AccessDenied: 403, SlowDown: 503, InternalError: 500 };

/** A request of a function. `key`: of the object; empty for a list. */
type ArchiveRequest = { readonly method: string; readonly key: string };

/** Called with each request before S3 sees it; may wait, and may return a fault. */
type Intercept = (request: ArchiveRequest) => ArchiveFault | undefined | Promise<ArchiveFault | undefined>;

/** A bucket of an S3 emulator in this process. */
export type TestArchive = {
  /** Environment variables with which a function finds the bucket. They leave SQS where it is. */
  readonly environment: { readonly ARCHIVE_BUCKET: string; readonly AWS_ENDPOINT_URL_S3: string };
  /** URL of the S3. */
  readonly endpoint: string;
  /** Requests of functions since the last {@link clear}, those that failed included. */
  readonly requests: readonly ArchiveRequest[];
  /** Sets what may happen to requests of functions from now on; without an argument, nothing. */
  intercept(intercept?: Intercept): void;
  /** Makes each page of a list hold no more objects than this. */
  limitPages(objects: number): void;
  /** The keys of all objects, in their order. */
  keys(): Promise<string[]>;
  /** The lines of an object, or of all of them in the order of their keys. */
  lines(key?: string): Promise<string[]>;
  /** Writes an object that holds these lines, compressed, or these bytes. */
  put(key: string, content: readonly string[] | Buffer): Promise<void>;
  remove(key: string): Promise<void>;
  /** Removes all objects, and what other calls have set. */
  clear(): void;
  stop(): Promise<void>;
};

/** Starts an S3 emulator with an empty bucket. Its clock is that of this process, also when a test sets it. */
export async function startArchive(): Promise<TestArchive> {
  const emulator = await startFauxqs({ port: 0, logger: false, init: { buckets: [BUCKET] } });
  const requests: ArchiveRequest[] = [];
  let intercepting: Intercept = () => undefined;
  let pageSize = 1000;
  const server = createServer(async (incoming, response) => {
    const [, , key = ''] = /^\/([^/?]*)\/?([^?]*)/.exec(incoming.url ?? '') ?? [];
    const received = { method: incoming.method ?? '', key: decodeURIComponent(key) };
    requests.push(received);
    const fault = await intercepting(received);
    if (fault === 'silent') return;
    // Ignored unless it is a list.
    const path = `${incoming.url}${incoming.url?.includes('?') ? '&' : '?'}max-keys=${pageSize}`;
    if (fault === 'away') response.destroy();
    else if (fault === undefined || fault === 'lost') forward({ port: emulator.port, path }, incoming, response, fault);
    else response.writeHead(STATUS[fault]).end(`<Error><Code>${fault}</Code><Message>${fault}</Message></Error>`);
  });
  const endpoint = `http://127.0.0.1:${await listen(server)}`;
  const s3 = new S3Client({
    endpoint: emulator.address,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const keys = async (): Promise<string[]> => {
    const found: string[] = [];
    for (let StartAfter = ''; ; StartAfter = found.at(-1) ?? '') {
      const { Contents = [], IsTruncated } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, StartAfter }));
      found.push(...Contents.map(({ Key = '' }) => Key));
      if (!IsTruncated) return found;
    }
  };
  const linesOf = async (Key: string): Promise<string[]> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    const text = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString();
    return text.split('\n').slice(0, -1);
  };
  return {
    environment: { ARCHIVE_BUCKET: BUCKET, AWS_ENDPOINT_URL_S3: endpoint },
    endpoint,
    requests,
    intercept(intercept = () => undefined) {
      intercepting = intercept;
    },
    limitPages(objects) {
      pageSize = objects;
    },
    keys,
    async lines(key) {
      const lines: string[] = [];
      for (const each of key === undefined ? await keys() : [key]) lines.push(...(await linesOf(each)));
      return lines;
    },
    async put(Key, content) {
      const Body = Buffer.isBuffer(content) ? content : gzipSync(content.map((line) => `${line}\n`).join(''));
      await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
    },
    async remove(Key) {
      await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    },
    clear() {
      emulator.emptyBucket(BUCKET);
      requests.length = 0;
      intercepting = () => undefined;
      pageSize = 1000;
    },
    async stop() {
      s3.destroy();
      server.close();
      server.closeAllConnections();
      await emulator.stop();
    },
  };
}

function forward(
  to: { readonly port: number; readonly path: string },
  incoming: IncomingMessage,
  response: ServerResponse,
  fault: 'lost' | undefined,
): void {
  const { method, headers } = incoming;
  const upstream = request({ host: '127.0.0.1', ...to, method, headers }, (answer) => {
    if (fault === 'lost') {
      answer.resume().on('end', () => response.destroy());
      return;
    }
    // The emulator does not go by a clock that a test sets.
    response.writeHead(answer.statusCode ?? 500, { ...answer.headers, date: new Date().toUTCString() });
    answer.pipe(response);
  });
  incoming.pipe(upstream);
}
