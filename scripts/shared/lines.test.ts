import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitLines } from './lines.ts';

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

test('a byte order mark is left out at the start alone', async () => {
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
