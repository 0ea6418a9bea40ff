/*
 * The part of RESP2, the protocol of Redis, that tells where a request or a reply ends, and what it says.
 */

/** A value of RESP2. An error is an `Error`. */
export type Value = string | number | null | Error | Buffer | Value[];

const CR = 13;

/** Where the value that begins at a place ends; undefined where the rest is still to come. */
export function endOfValue(bytes: Buffer, start = 0): number | undefined {
  const lineEnd = bytes.indexOf('\r\n', start, 'latin1');
  if (lineEnd < 0) return undefined;
  const type = bytes[start];
  let at: number | undefined = lineEnd + 2;
  if (type === 0x24) {
    const end = at + Number(bytes.toString('latin1', start + 1, lineEnd));
    if (end < at) return at;
    return bytes.length >= end + 2 && bytes[end] === CR ? end + 2 : undefined;
  }
  if (type !== 0x2a) return at;
  const items = Number(bytes.toString('latin1', start + 1, lineEnd));
  for (let n = 0; n < items && at !== undefined; n++) at = endOfValue(bytes, at);
  return at;
}

/** Reads a whole value; texts in it are buffers where `raw`. */
export function readValue(bytes: Buffer, raw = false): Value {
  return read({ bytes, at: 0 }, raw);
}

function read(from: { readonly bytes: Buffer; at: number }, raw: boolean): Value {
  const { bytes } = from;
  const lineEnd = bytes.indexOf('\r\n', from.at, 'latin1');
  const type = String.fromCharCode(bytes[from.at] ?? 0);
  const line = bytes.toString('utf8', from.at + 1, lineEnd);
  from.at = lineEnd + 2;
  switch (type) {
    case '+':
      return line;
    case '-':
      return new Error(line);
    case ':':
      return Number(line);
    case '$': {
      const length = Number(line);
      if (length < 0) return null;
      const text = bytes.subarray(from.at, from.at + length);
      from.at += length + 2;
      return raw ? text : text.toString();
    }
    case '*': {
      const length = Number(line);
      return length < 0 ? null : Array.from({ length }, () => read(from, raw));
    }
    default:
      throw new Error(`This is no value of RESP2: ${type}${line}`);
  }
}

/** Writes a command. */
export function writeCommand(parts: readonly (string | number | Buffer)[]): Buffer {
  const pieces: Buffer[] = [Buffer.from(`*${parts.length}\r\n`)];
  for (const part of parts) {
    const bytes = Buffer.isBuffer(part) ? part : Buffer.from(`${part}`);
    pieces.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(pieces);
}
