import { makePalette } from './palette.ts';
import { chunk, type Pixels, pack, SIGNATURE, uint32 } from './png.ts';

/** A picture, and for how long it shows. */
export type Frame = { readonly pixels: Pixels; readonly milliseconds: number };

/** A part of a picture. */
type Area = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };

/**
 * Writes an animated PNG file of 256 colours, which repeats for ever. Frames hold only the area that differs from the
 * frame before.
 *
 * @param frames of one size, at least one
 */
export function encodeApng(frames: readonly Frame[]): Buffer {
  const [first] = frames;
  if (!first) throw new RangeError('An animation needs a frame');
  const { width, height } = first.pixels;
  const palette = makePalette(frames.map(({ pixels }) => pixels));
  const pictures = merge(
    frames.map(({ pixels: { rgb }, milliseconds }) => {
      const indexes = new Uint8Array(width * height);
      for (let pixel = 0; pixel < indexes.length; pixel++)
        indexes[pixel] = palette.indexOf(rgb.readUIntBE(pixel * 3, 3));
      return { indexes, milliseconds };
    }),
  );
  const chunks = [
    chunk('IHDR', Buffer.concat([uint32(width, height), Buffer.from([8, 3, 0, 0, 0])])),
    chunk('acTL', uint32(pictures.length, 0)),
    chunk('PLTE', Buffer.concat(palette.colors.map((color) => uint32(color).subarray(1)))),
  ];
  let number = 0;
  for (const [index, { indexes, milliseconds }] of pictures.entries()) {
    const before = pictures[index - 1]?.indexes;
    const area = before ? difference(before, indexes, width) : { left: 0, top: 0, width, height };
    const control = Buffer.alloc(6);
    control.writeUInt16BE(milliseconds, 0);
    control.writeUInt16BE(1000, 2);
    const place = uint32(number++, area.width, area.height, area.left, area.top);
    const data = pack(cut(indexes, width, area));
    chunks.push(
      chunk('fcTL', Buffer.concat([place, control])),
      before ? chunk('fdAT', Buffer.concat([uint32(number++), data])) : chunk('IDAT', data),
    );
  }
  return Buffer.concat([SIGNATURE, ...chunks, chunk('IEND', Buffer.alloc(0))]);
}

/** A picture as indexes of colours. */
type Indexed = { readonly indexes: Uint8Array; readonly milliseconds: number };

/** Makes one frame of those that follow each other and are the same. */
function merge(pictures: readonly Indexed[]): Indexed[] {
  const merged: Indexed[] = [];
  for (const picture of pictures) {
    const last = merged.at(-1);
    if (last && Buffer.compare(last.indexes, picture.indexes) === 0) {
      merged[merged.length - 1] = { ...last, milliseconds: last.milliseconds + picture.milliseconds };
    } else merged.push(picture);
  }
  return merged;
}

/** The smallest area with all pixels that differ. */
function difference(before: Uint8Array, after: Uint8Array, width: number): Area {
  let [left, right, top, bottom] = [width, 0, after.length / width, 0];
  for (let pixel = 0; pixel < after.length; pixel++) {
    if (before[pixel] === after[pixel]) continue;
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
  }
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** The lines of an area, each after the number of its filter: none. */
function cut(indexes: Uint8Array, width: number, area: Area): Buffer {
  const lines = Array.from({ length: area.height }, (_, y) => {
    const start = (area.top + y) * width + area.left;
    return Buffer.concat([Buffer.alloc(1), indexes.subarray(start, start + area.width)]);
  });
  return Buffer.concat(lines);
}
