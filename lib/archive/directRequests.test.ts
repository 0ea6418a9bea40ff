import { createHash, createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, it, vi } from 'vitest';
import { orderBody, orderOf } from '../../tests/support/orderMessage.ts';
import { Archive } from './archive.ts';

type Request = {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
};
type Answer = { readonly statusCode: number; readonly headers?: Record<string, string>; readonly body?: Buffer };

const NOW = Date.UTC(2026, 10, 29, 10, 15);
const KEY = 'orders/date=2026-11-29/10-15-00.000Z-a b+c.jsonl.gz';
const order = orderOf(orderBody());
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' };

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** An archive whose requests an S3 without a network answers. */
function archiveOf(answer: (request: Request) => Answer, config: ConstructorParameters<typeof Archive>[1] = {}) {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  const requests: Request[] = [];
  const handle = async (request: Request) => {
    requests.push(request);
    const { statusCode, headers = { date: new Date(NOW).toUTCString() }, body } = answer(request);
    return { response: { statusCode, headers, body: Readable.from(body ? [body] : []) } };
  };
  const requestHandler = { handle, updateHttpClientConfig() {}, httpHandlerConfigs: () => ({}) };
  const archive = new Archive('bucket', { region: 'eu-central-1', credentials, requestHandler, ...config });
  return { archive, requests };
}

/** What the request says, without what the SDK adds for each attempt. */
const essence = ({ method, protocol, hostname, port, path, headers, body }: Request) => ({
  method,
  protocol,
  hostname,
  port,
  path,
  body,
  type: headers['content-type'],
  length: headers['content-length'],
  host: headers.host,
  token: headers['x-amz-security-token'],
  scope: /Credential=[^,]+/.exec(headers.authorization ?? '')?.[0],
});

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The signature that S3 expects, by the documentation of Signature Version 4. */
function expectedSignature({ method, path, headers, body = new Uint8Array() }: Request): string {
  const { authorization = '' } = headers;
  const [, scope = '', names = ''] = /Credential=[^/]+\/([^,]+), ?SignedHeaders=([^,]+)/.exec(authorization) ?? [];
  const signed = names.split(';').map((name) => `${name}:${headers[name]}\n`);
  const canonical = [method, path, '', signed.join(''), names, sha256(body)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  return hmac(key, ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n')).toString('hex');
}

it.each([
  ['AWS', {}, {}],
  ['China', { region: 'cn-north-1' }, {}],
  ['FIPS', { useFipsEndpoint: true }, {}],
  ['an emulator', {}, { AWS_ENDPOINT_URL: 'http://localhost:4566/s3' }],
])('at %s, a request is the one that the SDK would send', async (_, config, environment) => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const { archive, requests } = archiveOf(({ headers }) => {
    const isDirect = headers['amz-sdk-request'] === undefined;
    return isDirect ? { statusCode: 500 } : { statusCode: 200, body: gzipSync('line\n') };
  }, config);
  await archive.put([order], NOW, 'request-1');
  expect(await archive.lines({ key: KEY, time: NOW })).toEqual(['line']);
  const [put, putOfSdk, get, getOfSdk] = requests.map(essence);
  expect(put).toEqual(putOfSdk);
  expect(get).toEqual(getOfSdk);
  expect(requests).toHaveLength(4);
});

it('what S3 does at once takes one request, which it can verify', async () => {
  const { archive, requests } = archiveOf(() => ({ statusCode: 200, body: gzipSync('line\n') }));
  await archive.put([order], NOW, 'request-1');
  await archive.lines({ key: KEY, time: NOW });
  expect(requests.map(({ method }) => method)).toEqual(['PUT', 'GET']);
  for (const request of requests) {
    expect(request.headers.authorization).toContain(`Signature=${expectedSignature(request)}`);
    expect(request.headers['x-amz-content-sha256']).toBe(sha256(request.body ?? ''));
    expect(request.headers.authorization).toContain('host;');
  }
});

it('an error of S3 is what the SDK says of it', async () => {
  const { archive } = archiveOf(() => ({
    statusCode: 403,
    body: Buffer.from('<Error><Code>AccessDenied</Code><Message>No</Message></Error>'),
  }));
  await expect(archive.put([order], NOW, 'request-1')).rejects.toMatchObject({
    name: 'AccessDenied',
    message: 'No',
    $metadata: { httpStatusCode: 403 },
  });
});

it('a wrong clock costs one request, although the SDK has one attempt', async () => {
  const date = NOW + 60 * 60 * 1000;
  const { archive, requests } = archiveOf(
    ({ headers }) => {
      const isRight = headers['x-amz-date'] === '20261129T111500Z';
      const body = Buffer.from('<Error><Code>RequestTimeTooSkewed</Code></Error>');
      return {
        headers: { date: new Date(date).toUTCString() },
        ...(isRight ? { statusCode: 200 } : { statusCode: 403, body }),
      };
    },
    { maxAttempts: 1 },
  );
  await archive.put([order], NOW, 'request-1');
  expect(requests).toHaveLength(2);
  await archive.put([order], NOW, 'request-2');
  expect(requests).toHaveLength(3);
});

it.each([
  ['without a date', {}],
  ['whose date is none', { date: 'today' }],
])('an answer %s leaves the clock as it is', async (_, headers: Record<string, string>) => {
  let answers = 0;
  const { archive, requests } = archiveOf(() => (answers++ === 0 ? { statusCode: 502, headers } : { statusCode: 200 }));
  await archive.put([order], NOW, 'request-1');
  expect(requests).toHaveLength(2);
  await archive.put([order], NOW, 'request-2');
  expect(requests).toHaveLength(3);
});

it('without credentials the SDK says so', async () => {
  const provider = async () => {
    throw new Error('no credentials here');
  };
  const { archive, requests } = archiveOf(() => ({ statusCode: 200 }), { credentials: provider });
  await expect(archive.put([order], NOW, 'request-1')).rejects.toThrow('no credentials here');
  expect(requests).toEqual([]);
});
