import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { inflateIfGzip } from './inflate.ts';

async function* cut(data: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < data.length; start += size) yield data.subarray(start, start + size);
}

/** What comes out, and the error at the end if there is one. */
async function inflate(data: Buffer, { size = 64 } = {}): Promise<{ text: string; code?: unknown }> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of inflateIfGzip(cut(data, size))) pieces.push(piece);
    return { text: Buffer.concat(pieces).toString() };
  } catch (error) {
    return { text: Buffer.concat(pieces).toString(), code: error instanceof Error && 'code' in error && error.code };
  }
}

const random = fc.sample(fc.string({ minLength: 50_000, maxLength: 50_000 }), { numRuns: 1, seed: 1 }).join('');

const members = Buffer.concat([gzipSync('one '), gzipSync(''), gzipSync('two '), gzipSync('three')]);

test.each([2, 3, 20, 24, 25, 1000])('gzip data of several members is inflated in pieces of %i bytes', async (size) => {
  expect(await inflate(members, { size })).toEqual({ text: 'one two three' });
});

test('gzip data may be followed by zeros, as on tape', async () => {
  expect(await inflate(Buffer.concat([members, Buffer.alloc(500)]))).toEqual({ text: 'one two three' });
});

test('gzip data that is cut short gives all that was there, then an error', async () => {
  const whole = gzipSync(random);
  const { text, code } = await inflate(whole.subarray(0, -4), { size: 1000 });
  expect({ text: text === random, code }).toEqual({ text: true, code: 'Z_BUF_ERROR' });
});

test('gzip data that is corrupt gives what comes before, then an error', async () => {
  const { text, code } = await inflate(Buffer.concat([gzipSync(random), Buffer.from('garbage')]), { size: 1000 });
  expect({ isPrefix: random.startsWith(text), code }).toEqual({ isPrefix: true, code: 'Z_DATA_ERROR' });
  expect(text.length).toBeGreaterThan(30_000);
});

test('other data is passed through', async () => {
  expect(await inflate(Buffer.from('{"order_id":1}'))).toEqual({ text: '{"order_id":1}' });
});
