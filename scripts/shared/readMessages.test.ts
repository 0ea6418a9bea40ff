import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseObject, toLine } from './message.ts';
import { readMessages } from './readMessages.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orders-read-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** All that comes of a file with this content. */
async function read(content: Buffer | string) {
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
  for await (const message of readMessages(await open(path), events)) {
    expect(message.bytes).toBe(Buffer.byteLength(message.body));
    result.bodies[message.number - 1] = message.body;
  }
  return result;
}

test('every line with a JSON object is a message, unchanged', async () => {
  const text = '{"a": 1.0}\n  {"b":"\u00e9"} \n42\nnull\n"text"\n[{"c":1}]';
  const { bodies, malformed, bytes } = await read(text);
  expect(bodies).toEqual(['{"a": 1.0}', '  {"b":"\u00e9"} ']);
  expect([...malformed]).toEqual([3, 4, 5, 6].map((line) => [line, 'not a JSON object']));
  expect(bytes).toBe(Buffer.byteLength(text));
});

test('byte order marks of concatenated files are left out, even where some files were empty', async () => {
  const { bodies, malformed, failure } = await read('\ufeff\ufeff{"a":1}\n\ufeff\ufeff\ufeff{"b":2}\r\n');
  expect(bodies).toEqual(['{"a":1}', '{"b":2}']);
  expect([malformed.size, failure]).toEqual([0, undefined]);
});

test('empty lines are skipped, and count as lines', async () => {
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
    [2, 'not a JSON object'],
    [3, 'not text in UTF-8'],
  ]);
});

test('an endless line is skipped', async () => {
  const { bodies, malformed } = await read(`{"a":1}\n"${'x'.repeat(5_000_000)}"\n{"b":2}\n`);
  expect(bodies.filter(Boolean)).toEqual(['{"a":1}', '{"b":2}']);
  expect([...malformed]).toEqual([[2, 'longer than 4 MiB, far more than SQS takes']]);
});

test('gzip is recognised by its content', async () => {
  expect((await read(gzipSync('{"a":1}\n'))).bodies).toEqual(['{"a":1}']);
});

const order = { order_id: 'A', items: [{ product_id: 'P1' }, { product_id: 'P2', quantity: 2 }], tags: [], extra: {} };
const indented = JSON.stringify(order, null, 2);
/** Some lines of it are JSON objects. */
const halfIndented = `{ "order_id": "A",\n  "items": [\n{ "product_id": "P1" }\n,\n{}\n] }`;

test.each([
  ['in a line', JSON.stringify(order)],
  ['indented', `\n${indented}\n`],
  ['with some lines that are objects', halfIndented],
  ['with a byte order mark and CRLF', `\ufeff${indented.replaceAll('\n', '\r\n')}\r\n`],
  ['with CR alone', indented.replaceAll('\n', '\r')],
])('a file with one JSON object is one message: %s', async (_, text) => {
  const { bodies, malformed, failure } = await read(text);
  expect(bodies).toEqual([text.replace('\ufeff', '')]);
  expect([malformed.size, failure]).toEqual([0, undefined]);
});

test.each([
  ['nothing', '', 'it is empty'],
  ['blanks', '\ufeff\r\n \n', 'it is empty'],
  ['an array', `[${indented}]`, 'line 1 is an array'],
  ['an array in one line', '[{"a":1}]\n', 'line 1 is an array'],
  ['an array with an object per line', '[{"a":1},\n{"b":2}]', 'line 1 is an array'],
  ['indented objects', `${indented}\n${indented}\n`, 'not one per line: jq -c . '],
  ['objects with some lines that are objects', `${halfIndented}\n${halfIndented}`, 'not one per line: jq -c . '],
  ['objects without line breaks, as of Firehose', '{"a":"}{"}{"b":"\\""}{"c":3}', 'not one per line: jq -c . '],
  ['an indented object with an error', indented.replace('[]', '[],,'), 'not valid JSON'],
  ['an indented object that is cut off', indented.slice(0, -20), 'not valid JSON'],
  [
    'a cut-off object with a line that is an object',
    '{ "order_id": "A", "items": [\n{ "a": 1 }\n,\n',
    'not valid JSON',
  ],
  ['a cut-off object that ends with such a line', '{ "order_id": "A", "items": [\n{ "a": 1 }', 'not valid JSON'],
  // Minutes, if each quote began a new search for the end of the string.
  ['an object that is cut off in a long string', `{"body":"${'\\"'.repeat(500_000)}`, 'line 1 is not a JSON object'],
  [
    'a large object of orders',
    `{"orders":[\n${Array(5000)
      .fill(`{"a":"${'x'.repeat(1000)}"}`)
      .join('\n,\n')}\n]}`,
    '4 MiB',
  ],
  ['objects of Python', "{'a': 1}\n{'a': 2}\n", 'line 1 is not a JSON object'],
  ['CSV', 'order_id,user_id\nA,U1\nB,U2\n', 'line 1 is not a JSON object'],
  ['a column of numbers', '1\n2\n3\n', 'line 1 is not a JSON object'],
  ['JSON strings', `${JSON.stringify('{"a":1}')}\n`.repeat(3), 'line 1 is a string that holds JSON'],
  ['words in quotes', '"a"\n"b"\n', 'line 1 is not a JSON object'],
  ['lines that end with CR', '{"a":1}\r{"b":2}\r', 'its lines end with CR alone'],
  ['UTF-16 with a byte order mark', Buffer.from('\ufeff{"a":1}\n{"b":2}\n', 'utf16le'), 'UTF-16'],
  ['UTF-16 without one', Buffer.from('{"a":1}\n{"b":2}\n', 'utf16le').swap16(), 'UTF-16'],
  ['UTF-32', Buffer.from('\ufeff{"a":1}\n'.replace(/./gsu, '$&\0'), 'utf16le'), 'not text in UTF-8'],
  ['one object in Latin-1', Buffer.from(indented.replace('P1', '\u00e9'), 'latin1'), 'not text in UTF-8'],
  ['zeros', Buffer.alloc(500), 'not text in UTF-8'],
  ['a zip archive', Buffer.from('PK\x03\x04\x14\x00{"a":1}\n{"b":2}\n', 'latin1'), 'zip archive'],
  ['a picture', Buffer.from('\xff\xd8\xff\xe0\x00\x10JFIF\x00', 'latin1'), 'not text in UTF-8'],
])('a file of anything else is refused as a whole: %s', async (_, content, why) => {
  const { bodies, malformed, failure } = await read(content);
  expect(failure).toMatchObject({ message: expect.stringContaining(why) });
  expect(bodies).toEqual([]);
  expect(malformed.size).toBe(0);
});

test('after a first line that is not a message, the others are read', async () => {
  for (const first of [
    '{"order_id":"A","items":[',
    '{"order_id":"A","user_id":"cut o',
    "{'a': 1}",
    '[1]',
    'null',
    'no JSON',
    '{"a":1},',
  ]) {
    const { bodies, malformed } = await read(`${first}\n{"b":2}\n{"c":"}","d":3}\n`);
    expect(bodies.filter(Boolean)).toEqual(['{"b":2}', '{"c":"}","d":3}']);
    expect([...malformed.keys()]).toEqual([1]);
  }
});

test('an order may have fields named as in an archive', async () => {
  const line = JSON.stringify({ ...order, messageId: 'm', sentAt: 's', kind: 'k', body: '{}' });
  expect((await read(line)).bodies).toEqual([line]);
});

test('a message that is written as a line reads the same', async () => {
  const body = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('{"note":"a\nb"}', '[{}]', '\ufeff{}', ' {} ', '{"kind":"k","body":"{}"}', '{"a":\r\n1}', '\n'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(body, { minLength: 1, maxLength: 5 }), async (sent) => {
      const lines = sent.map((body) => `${toLine({ body, kind: 'unknown' })}\n`);
      const { bodies, malformed, failure } = await read(lines.join(''));
      // A line break in JSON is between its tokens, and comes back as a space.
      const same = (text: string) => (parseObject(text) ? JSON.stringify(parseObject(text)) : text);
      expect(bodies.map(same)).toEqual(sent.map((text) => same(text)));
      expect([malformed.size, failure]).toEqual([0, undefined]);
    }),
  );
});

test('a truncated file yields its whole lines, then the failure', async () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `{"a":${Math.sin(index)}}`);
  const { bodies, malformed, failure } = await read(gzipSync(lines.join('\n')).subarray(0, -1));
  expect(bodies).toEqual(lines.slice(0, -1));
  expect(malformed.size).toBe(0);
  expect(failure).toMatchObject({ code: 'Z_BUF_ERROR' });
});
