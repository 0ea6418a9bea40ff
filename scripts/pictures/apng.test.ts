import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { encodeApng } from './apng.ts';
import { chunk, decodePng, type Pixels, SIGNATURE, uint32 } from './png.ts';

const [WHITE, RED, BLUE] = [
  [255, 255, 255],
  [255, 0, 0],
  [0, 0, 255],
] as const;

const picture = (width: number, colors: readonly (readonly number[])[]): Pixels => ({
  width,
  height: colors.length / width,
  rgb: Buffer.from(colors.flat()),
});

/** The chunks of a file by name, in order. */
function chunksOf(file: Buffer): { name: string; data: Buffer }[] {
  const found = [];
  for (let at = SIGNATURE.length; at < file.length; at += file.readUInt32BE(at) + 12) {
    const length = file.readUInt32BE(at);
    found.push({ name: file.toString('latin1', at + 4, at + 8), data: file.subarray(at + 8, at + 8 + length) });
  }
  return found;
}

test('an animation holds what differs from frame to frame, and equal frames once', () => {
  const still = picture(3, [WHITE, WHITE, WHITE, WHITE, WHITE, WHITE]);
  const moved = picture(3, [WHITE, WHITE, WHITE, WHITE, RED, BLUE]);
  const chunks = chunksOf(
    encodeApng([
      { pixels: still, milliseconds: 100 },
      { pixels: still, milliseconds: 50 },
      { pixels: moved, milliseconds: 200 },
    ]),
  );
  expect(chunks.map(({ name }) => name)).toEqual(['IHDR', 'acTL', 'PLTE', 'fcTL', 'IDAT', 'fcTL', 'fdAT', 'IEND']);
  const controls = chunks.filter(({ name }) => name === 'fcTL').map(({ data }) => data);
  // Number, width, height, left, top, then thousandths of a second.
  expect(controls.map((data) => [0, 4, 8, 12, 16].map((at) => data.readUInt32BE(at)))).toEqual([
    [0, 3, 2, 0, 0],
    [1, 2, 1, 1, 1],
  ]);
  expect(controls.map((data) => data.readUInt16BE(20))).toEqual([150, 200]);
});

test('a file of a browser is read, whatever the filters of its lines', () => {
  const lines = [
    [0, 10, 20, 30, 40, 50, 60],
    [1, 1, 2, 3, 1, 1, 1],
    [2, 5, 5, 5, 5, 5, 5],
    [3, 4, 4, 4, 4, 4, 4],
    [4, 1, 1, 1, 1, 1, 1],
  ];
  const file = Buffer.concat([
    SIGNATURE,
    chunk('IHDR', Buffer.concat([uint32(2, 5), Buffer.from([8, 2, 0, 0, 0])])),
    chunk('IDAT', deflateSync(Buffer.from(lines.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
  const { width, height, rgb } = decodePng(file);
  expect([width, height]).toEqual([2, 5]);
  expect([...rgb]).toEqual(
    [
      [10, 20, 30, 40, 50, 60],
      [1, 2, 3, 2, 3, 4],
      [6, 7, 8, 7, 8, 9],
      [7, 7, 8, 11, 11, 12],
      [8, 8, 9, 12, 12, 13],
    ].flat(),
  );
});
