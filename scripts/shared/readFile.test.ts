import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMessages } from './readFile.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orders-read-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** All that comes of a file with this content. */
async function read(content: Buffer | string, isNamedGzip = false) {
  const path = join(directory, 'file');
  await writeFile(path, content);
  const result = {
    bodies: [] as string[],
    malformed: new Map<number, string>(),
    bytes: 0,
    failure: undefined as unknown,
  };
  const events = {
    onBytes: (bytes: number) => {
      result.bytes += bytes;
    },
    onMalformed: (line: number, what: string) => {
      result.malformed.set(line, what);
    },
    onFailure: (error: unknown) => {
      result.failure = error;
    },
  };
  for await (const message of readMessages(await open(path), isNamedGzip, events)) {
    expect(message.bytes).toBe(Buffer.byteLength(message.body));
    result.bodies[message.number - 1] = message.body;
  }
  return result;
}

test('every line that is JSON is a message as it stands, whether it is an order or not', async () => {
  const text = '{"a": 1.0}\n  {"b":"\u00e9"} \n42\nnull';
  const { bodies, malformed, bytes } = await read(text);
  expect(bodies).toEqual(['{"a": 1.0}', '  {"b":"\u00e9"} ', '42', 'null']);
  expect(malformed.size).toBe(0);
  expect(bytes).toBe(Buffer.byteLength(text));
});

test('empty lines are left out and counted', async () => {
  const { bodies, malformed } = await read('\ufeff{"a":1}\r\n\r\n   \r\n{"b":2}\r\n');
  expect(Object.entries(bodies)).toEqual([
    ['0', '{"a":1}'],
    ['3', '{"b":2}'],
  ]);
  expect(malformed.size).toBe(0);
});

test('what is no message is told with its line number, and the others are read', async () => {
  const { bodies, malformed } = await read(
    Buffer.concat([Buffer.from('{"a":1}\n{"a":\n"'), Buffer.from([0xff]), Buffer.from('"\n{"b":2}\n')]),
  );
  expect(bodies.filter(Boolean)).toEqual(['{"a":1}', '{"b":2}']);
  expect([...malformed]).toEqual([
    [2, 'not JSON'],
    [3, 'not text in UTF-8'],
  ]);
});

test('a line that goes on for ever is skipped', async () => {
  const { bodies, malformed } = await read(`{"a":1}\n"${'x'.repeat(5_000_000)}"\n{"b":2}\n`);
  expect(bodies.filter(Boolean)).toEqual(['{"a":1}', '{"b":2}']);
  expect([...malformed]).toEqual([[2, 'longer than 4 MiB, far more than SQS takes']]);
});

test('gzip is known by its content or by its name', async () => {
  expect((await read(gzipSync('{"a":1}\n'))).bodies).toEqual(['{"a":1}']);
  expect((await read('{"a":1}\n', true)).failure).toBeInstanceOf(Error);
});

test('of a file that is cut short, the whole lines are read, then the failure is told', async () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `{"a":${Math.sin(index)}}`);
  const { bodies, malformed, failure } = await read(gzipSync(lines.join('\n')).subarray(0, -1));
  expect(bodies).toEqual(lines.slice(0, -1));
  expect(malformed.size).toBe(0);
  expect(failure).toMatchObject({ code: 'Z_BUF_ERROR' });
});
