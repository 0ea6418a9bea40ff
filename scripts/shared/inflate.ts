import { createGunzip } from 'node:zlib';

/** Inflates gzip data piece by piece. */
type Inflater = {
  /**
   * @returns what this piece inflates to, all of it: nothing is lost when a later piece turns out to be corrupt
   * @throws the error of zlib when it is corrupt
   */
  write(piece: Buffer): Promise<Buffer[]>;
  /**
   * Ends the input.
   *
   * @returns what was left
   * @throws the error of zlib when the input was cut short
   */
  end(): Promise<Buffer[]>;
};

const isGzip = (start: Buffer): boolean => start[0] === 0x1f && start[1] === 0x8b;

/**
 * Passes plain data through and inflates gzip data, of one member or more. What begins like gzip is gzip.
 *
 * @throws the error of zlib when the data is corrupt or cut short, after all that could be inflated
 */
export async function* inflateIfGzip(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let inflater: Inflater | undefined;
  let isFirst = true;
  for await (const piece of pieces) {
    if (isFirst && isGzip(piece)) inflater = makeInflater();
    isFirst = false;
    if (inflater) yield* await inflater.write(piece);
    else yield piece;
  }
  if (inflater) yield* await inflater.end();
}

/**
 * Waits for the output of each piece of input. A pipe of streams would throw away what it holds when it meets the
 * corrupt part.
 */
function makeInflater(): Inflater {
  const engine = createGunzip();
  let output: Buffer[] = [];
  let settle = () => {};
  let fail = (_error: Error) => {};
  let isOver = false;
  engine.on('data', (piece: Buffer) => output.push(piece));
  engine.on('error', (error) => fail(error));
  engine.on('end', () => {
    isOver = true;
    settle();
  });

  const run = async (start: () => void): Promise<Buffer[]> => {
    // Over before the end of the input: what follows the last member is padding.
    if (isOver) return [];
    await new Promise<void>((resolve, reject) => {
      settle = resolve;
      fail = reject;
      start();
    });
    const inflated = output;
    output = [];
    return inflated;
  };
  return {
    write: (piece) => run(() => engine.write(piece, () => settle())),
    end: () => run(() => engine.end()),
  };
}
