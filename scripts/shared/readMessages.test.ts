import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMessages, splitLines } from './readMessages.ts';

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

test('a line that is not a message is reported with its number, and the others are read', async () => {
  const { bodies, malformed } = await read(
    Buffer.concat([Buffer.from('{"a":1}\n{"a":\n"'), Buffer.from([0xff]), Buffer.from('"\n{"b":2}\n')]),
  );
  expect(bodies.filter(Boolean)).toEqual(['{"a":1}', '{"b":2}']);
  expect([...malformed]).toEqual([
    [2, 'not JSON'],
    [3, 'not text in UTF-8'],
  ]);
});

test('a line without an end is skipped', async () => {
  const { bodies, malformed } = await read(`{"a":1}\n"${'x'.repeat(5_000_000)}"\n{"b":2}\n`);
  expect(bodies.filter(Boolean)).toEqual(['{"a":1}', '{"b":2}']);
  expect([...malformed]).toEqual([[2, 'longer than 4 MiB, far more than SQS takes']]);
});

test('gzip is known by its content or by its name', async () => {
  expect((await read(gzipSync('{"a":1}\n'))).bodies).toEqual(['{"a":1}']);
  expect((await read('{"a":1}\n', true)).failure).toBeInstanceOf(Error);
});

test('of a file that is cut short, the whole lines are read, then the failure is reported', async () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `{"a":${Math.sin(index)}}`);
  const { bodies, malformed, failure } = await read(gzipSync(lines.join('\n')).subarray(0, -1));
  expect(bodies).toEqual(lines.slice(0, -1));
  expect(malformed.size).toBe(0);
  expect(failure).toMatchObject({ code: 'Z_BUF_ERROR' });
});

async function* cut(data: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < data.length; start += size) yield data.subarray(start, start + size);
}

async function split(text: string, { size = 7, longest = 1000 } = {}): Promise<(string | undefined)[]> {
  const lines: (string | undefined)[] = [];
  for await (const { number, bytes } of splitLines(cut(Buffer.from(text), size), longest)) {
    lines.push(bytes?.toString());
    expect(number).toBe(lines.length);
  }
  return lines;
}

test('lines come out whole, however the data is cut', async () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n\ufeff]/g, ''));
  await fc.assert(
    fc.asyncProperty(
      fc.array(line),
      fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 1, max: 50 }),
      async (lines, end, size) => {
        const text = lines.map((line) => line + end).join('');
        expect(await split(text, { size })).toEqual(lines);
      },
    ),
  );
});

test('the last line needs no line break', async () => {
  expect(await split('a\n\nb')).toEqual(['a', '', 'b']);
  expect(await split('')).toEqual([]);
});

test('a byte order mark is left out only at the start', async () => {
  expect(await split('\ufeffa\n\ufeffb\n', { size: 1 })).toEqual(['a', '\ufeffb']);
});

test('a line that is too long keeps its number and loses its bytes', async () => {
  expect(await split('a\nbbbbbbbbbbb\nc\ndddddddddddd', { longest: 10 })).toEqual(['a', undefined, 'c', undefined]);
});

test('the line in the middle of which reading fails is not given out', async () => {
  async function* failing() {
    yield Buffer.from('{"a":1}\n12');
    throw new Error('corrupt');
  }
  const lines: unknown[] = [];
  const reading = (async () => {
    for await (const { bytes } of splitLines(failing(), 100)) lines.push(bytes?.toString());
  })();
  await expect(reading).rejects.toThrow('corrupt');
  expect(lines).toEqual(['{"a":1}']);
});
