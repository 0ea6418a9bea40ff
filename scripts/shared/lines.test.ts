import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { inflateIfGzip, splitLines } from './lines.ts';

async function* cut(data: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < data.length; start += size) yield data.subarray(start, start + size);
}

/** What comes out, and the error at the end if there is one. */
async function inflate(data: Buffer, { size = 64 } = {}): Promise<{ text: string; code?: unknown }> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of inflateIfGzip(cut(data, size))) {
      pieces.push(piece);
      // Slower than zlib, so that it holds something when it fails.
      await sleep(2);
    }
    return { text: Buffer.concat(pieces).toString() };
  } catch (error) {
    return { text: Buffer.concat(pieces).toString(), code: error instanceof Error && 'code' in error && error.code };
  }
}

const random = fc.sample(fc.string({ minLength: 50_000, maxLength: 50_000 }), { numRuns: 1, seed: 1 }).join('');

const members = Buffer.concat([gzipSync('one '), gzipSync(''), gzipSync('two '), gzipSync('three')]);

test.each([2, 3, 20, 24, 25, 1000])('several gzip members, in pieces of %i bytes', async (size) => {
  expect(await inflate(members, { size })).toEqual({ text: 'one two three' });
});

test('gzip data may end with zeros, as on tape', async () => {
  expect(await inflate(Buffer.concat([members, Buffer.alloc(500)]))).toEqual({ text: 'one two three' });
});

test('truncated gzip data yields everything before the end, then an error', async () => {
  const whole = gzipSync(random);
  const { text, code } = await inflate(whole.subarray(0, -4), { size: 1000 });
  expect({ text: text === random, code }).toEqual({ text: true, code: 'Z_BUF_ERROR' });
});

test('corrupt gzip data yields what comes before, then an error', async () => {
  const { text, code } = await inflate(Buffer.concat([gzipSync(random), Buffer.from('garbage')]), { size: 1000 });
  expect({ isPrefix: random.startsWith(text), code }).toEqual({ isPrefix: true, code: 'Z_DATA_ERROR' });
  expect(text.length).toBeGreaterThan(30_000);
});

test('other data is passed through', async () => {
  expect(await inflate(Buffer.from('{"order_id":1}'))).toEqual({ text: '{"order_id":1}' });
});

async function split(text: string, { size = 7, longest = 1000 } = {}): Promise<(string | undefined)[]> {
  const lines: (string | undefined)[] = [];
  for await (const { number, bytes } of splitLines(cut(Buffer.from(text), size), longest)) {
    lines.push(bytes?.toString());
    expect(number).toBe(lines.length);
  }
  return lines;
}

test('lines are whole, however the data is cut', async () => {
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

test('a byte order mark is removed from each line, as in concatenated files', async () => {
  expect(await split('\ufeffa\n\ufeffb\nc\ufeff\n', { size: 1 })).toEqual(['a', 'b', 'c\ufeff']);
});

test('a line that is too long keeps its number and loses its bytes', async () => {
  expect(await split('a\nbbbbbbbbbbb\nc\ndddddddddddd', { longest: 10 })).toEqual(['a', undefined, 'c', undefined]);
});

test('an incomplete line is not yielded where reading fails', async () => {
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
