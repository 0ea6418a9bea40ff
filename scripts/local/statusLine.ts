import type { Writable } from 'node:stream';

/** A stream of the terminal, usually standard output or standard error. */
export type Terminal = Writable & { readonly columns?: number };

/** The last line of a terminal, rewritten in place. */
export type StatusLine = {
  /** Shows another text; what does not fit into the line is cut off. */
  show(text: string): void;
  /** Takes the line away. */
  stop(): void;
};

const CLEAR = '\r\x1b[K';

/**
 * Keeps a line below all that is written to a terminal: whatever goes through one of the streams is written in its place,
 * and the line again below it.
 *
 * @param streams of one terminal; the line is written to the first
 */
export function startStatusLine(streams: readonly [Terminal, ...Terminal[]]): StatusLine {
  const [own] = streams;
  const write = own.write.bind(own);
  let line = '';
  const draw = () => {
    if (line) write(CLEAR + line.slice(0, (own.columns ?? 80) - 1));
  };
  const restore = streams.map((stream) => {
    const original = stream.write;
    stream.write = function (this: Terminal, ...args: Parameters<Writable['write']>) {
      if (line) write(CLEAR);
      const isFree = original.apply(stream, args);
      // In the middle of a line, it waits for the next text.
      if (String(args[0]).endsWith('\n')) draw();
      return isFree;
    } as Writable['write'];
    return () => {
      stream.write = original;
    };
  });
  return {
    show(text) {
      line = text;
      draw();
    },
    stop() {
      if (line) write(CLEAR);
      for (const undo of restore) undo();
    },
  };
}

/**
 * What {@link startStatusLine} is where there is no terminal: a line of its own for a text that is new, and after it none
 * for so many milliseconds.
 */
export function startPlainLines(stream: Writable, pauseMs: number): StatusLine {
  let shown = '';
  let next = Date.now() + pauseMs;
  return {
    show(text) {
      if (text === shown || Date.now() < next) return;
      stream.write(`${text}\n`);
      shown = text;
      next = Date.now() + pauseMs;
    },
    stop() {},
  };
}
